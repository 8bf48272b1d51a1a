"""What goes over the wire, byte by byte, from the smallest spec that shows it."""

from __future__ import annotations

import datetime
import enum
import io
from typing import Any
from uuid import UUID

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Recorded, Reply, Server
from support.packages import Package, generate

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

PARAMETERS = """
tags: [{name: things}]
paths:
  /things/{kind}/{id}:
    parameters:
      - {name: kind, in: path, required: true, schema: {type: string}}
      - {name: X-Trace, in: header, schema: {type: string}}
    get:
      operationId: getThing
      x-method: get
      tags: [things]
      parameters:
        - {name: id, in: path, required: true, schema: {type: [integer, string]}}
        - {name: format, in: query, required: true, schema: {const: json}}
        - {name: compact, in: query, required: true, schema: {type: boolean, const: true}}
        - {name: flag, in: query, schema: {type: boolean}}
        - {name: tags, in: query, schema: {type: array, items: {type: string}}}
        - {name: ids, in: query, explode: false, schema: {type: array, items: {type: integer}}}
        - {name: pipes, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
        - {name: since, in: query, schema: {type: string, format: date-time}}
        - {name: day, in: query, schema: {type: string, format: date}}
        - {name: key, in: query, schema: {type: string, format: uuid}}
        - {name: price, in: query, schema: {type: number}}
        - {name: colour, in: query, schema: {$ref: '#/components/schemas/Colour'}}
        - {name: more, in: query, schema: {type: object, additionalProperties: true}}
        - {name: filter, in: query, style: deepObject, schema: {type: object, additionalProperties: {type: string}}}
        - {name: shape, in: query, schema: {type: object, properties: {width: {type: integer}, depth: {type: integer}}}}
        - {name: where, in: query, content: {application/json: {schema: {type: object}}}}
        - {name: timeout, in: query, schema: {type: integer}}
        - {name: selector, in: query, allowReserved: true, schema: {type: string}}
        - {name: sid, in: cookie, schema: {type: string}}
        - {name: sizes, in: cookie, explode: false, schema: {type: array, items: {type: string}}}
        - {name: X-Many, in: header, schema: {type: array, items: {type: string}}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    Colour: {type: string, enum: [red, dark-blue]}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(PARAMETERS)
    assert made.problems == ()
    return made


@pytest.fixture
def send(package: Package, server: Server) -> Any:
    """``send(flag=True)``: the query that the call sends, without the two constants."""
    server.response = Reply(204, b"")

    def run(*path: object, **arguments: Any) -> list[tuple[str, str]]:
        with client_of(package, server) as client:
            assert client.things.get(*(path or ("a", 1)), **arguments) is None
        assert server.last.query[:2] == [("format", "json"), ("compact", "true")]
        return server.last.query[2:]

    return run


def test_constants_are_sent_and_nothing_else_by_itself(send: Any) -> None:
    assert send() == []


class Shade(enum.Enum):
    LIGHT = "light"


@pytest.mark.parametrize(
    ("arguments", "query"),
    [
        ({"flag": True}, [("flag", "true")]),
        ({"flag": False}, [("flag", "false")]),
        ({"flag": None}, []),
        ({"tags": ["a", "b&c"]}, [("tags", "a"), ("tags", "b&c")]),
        ({"tags": []}, []),
        ({"ids": [1, 2]}, [("ids", "1,2")]),
        ({"pipes": ["a", "b"]}, [("pipes", "a|b")]),
        ({"since": datetime.datetime(2024, 2, 1, 12, tzinfo=datetime.UTC)}, [("since", "2024-02-01T12:00:00+00:00")]),
        ({"day": datetime.date(2024, 2, 1)}, [("day", "2024-02-01")]),
        ({"key": UUID(int=1)}, [("key", "00000000-0000-0000-0000-000000000001")]),
        ({"price": 1.5}, [("price", "1.5")]),
        ({"colour": "dark-blue"}, [("colour", "dark-blue")]),
        ({"colour": Shade.LIGHT}, [("colour", "light")]),
        ({"more": {"@city": "Oslo", "{0}": "a b"}}, [("@city", "Oslo"), ("{0}", "a b")]),
        ({"more": {"a": ["x"], "b": ("y", "z")}}, [("a", "x"), ("b", "y"), ("b", "z")]),
        ({"filter_": {"name": "x"}}, [("filter[name]", "x")]),
        ({"where": {"a": [1]}}, [("where", '{"a":[1]}')]),
        ({"timeout_": 5}, [("timeout", "5")]),
    ],
)
def test_a_query_parameter_is_written_as_its_style_says(send: Any, arguments: Any, query: Any) -> None:
    assert send(**arguments) == query


def test_an_enumeration_can_be_given_by_its_member(send: Any, package: Package) -> None:
    assert send(colour=package.module("models").Colour.DARK_BLUE) == [("colour", "dark-blue")]


def test_the_members_of_an_object_become_parameters(send: Any, package: Package) -> None:
    shape = package.module("models").GetThingShape(width=2)
    assert send(shape=shape) == [("width", "2")]


def test_commas_inside_list_items_are_escaped_and_separators_are_not(send: Any, server: Server) -> None:
    send(pipes=["a,b"], ids=[1, 2])
    assert "ids=1,2" in server.last.target
    assert "pipes=a%2Cb" in server.last.target


def test_allowed_reserved_characters_are_unescaped_unless_they_end_the_value(send: Any, server: Server) -> None:
    assert send(selector="number=a/b,c:1&d+e#f") == [("selector", "number=a/b,c:1&d+e#f")]
    assert "selector=number=a/b,c:1%26d%2Be%23f" in server.last.target
    send(tags=["number=a/b"])
    assert "tags=number%3Da%2Fb" in server.last.target


def test_a_naive_date_time_is_refused_before_sending(send: Any, server: Server) -> None:
    with pytest.raises(ValueError, match="time zone"):
        send(since=datetime.datetime(2024, 2, 1))
    assert server.requests == []


def test_headers_and_cookies_are_sent(send: Any, server: Server) -> None:
    send(x_trace="t 1", sid="a b", x_many=["x", "y"])
    assert server.last.headers["x-trace"] == "t 1"
    assert server.last.headers["x-many"] == "x,y"
    assert server.last.headers["cookie"] == "sid=a%20b"


def test_what_a_call_says_of_headers_is_the_last_word(send: Any, server: Server) -> None:
    send(x_trace="of the parameter", extra_headers={"x-trace": "of the call", "Accept": "text/csv"})
    assert (server.last.headers["x-trace"], server.last.headers["accept"]) == ("of the call", "text/csv")
    send(x_trace="of the parameter")
    assert (server.last.headers["x-trace"], server.last.headers["accept"]) == ("of the parameter", "*/*")


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ("a%2Fb+/==", "a%2Fb+/=="),  # Base64 and percent signs: as the server set it
        ("eyJ0.eyJz.x-_~", "eyJ0.eyJz.x-_~"),
        ('"a"', '"a"'),
        ("", ""),
        ('a"b', "a%22b"),
        ("50% off; path=/", "50%25%20off%3B%20path%3D%2F"),
        ("a,b\\", "a%2Cb%5C"),
        ("ø\r\nX: 1", "%C3%B8%0D%0AX%3A%201"),
    ],
)
def test_a_cookie_value_is_sent_unchanged_unless_cookies_exclude_it(
    send: Any, server: Server, value: str, sent: str
) -> None:
    send(sid=value)
    assert server.last.headers["cookie"] == f"sid={sent}"


def test_the_items_of_a_cookie_stand_between_commas(send: Any, server: Server) -> None:
    send(sizes=["1", "a,b", "c="], sid="s")
    assert server.last.headers["cookie"] == "sid=s; sizes=1,a%2Cb,c="


@pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0b", " a", "a\t"])
def test_a_header_cannot_start_another_nor_arrive_as_another_text(send: Any, server: Server, value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        send(x_trace=value)
    assert server.requests == []


@pytest.mark.parametrize(
    ("value", "segment"),
    [("a/b", "a%2Fb"), ("a b", "a%20b"), ("..x", "..x"), ("é?#%", "%C3%A9%3F%23%25")],
)
def test_a_path_parameter_is_one_segment(send: Any, server: Server, value: object, segment: str) -> None:
    send(value, 1)
    assert server.last.path == f"/things/{segment}/1"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_parameter_cannot_lead_elsewhere(send: Any, server: Server, value: str) -> None:
    with pytest.raises(ValueError, match="`kind`"):
        send(value, 1)
    assert server.requests == []


@pytest.mark.parametrize("suffix", ["", "/", "/v1", "/v1/"])
def test_the_base_url_may_have_a_path_and_trailing_slash(package: Package, server: Server, suffix: str) -> None:
    server.response = Reply(204, b"")
    with client_of(package, server, base_url=server.url + suffix) as client:
        client.things.get("a", 1)
    assert server.last.path == f"{suffix.rstrip('/')}/things/a/1"


# --- bodies ----------------------------------------------------------------------------------------------------------

BODIES = """
tags: [{name: things}]
paths:
  /small:
    post:
      operationId: small
      tags: [things]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [kind, name, size]
              properties:
                kind: {const: box}
                name: {type: string}
                size: {type: integer, default: 3}
                note: {type: [string, 'null']}
                anything: {description: Whatever.}
                lid: {type: boolean}
      responses: {'200': {description: The body., content: {application/json: {schema: {}}}}}
  /open:
    post:
      operationId: open
      tags: [things]
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema:
              type: object
              required: [query]
              properties: {query: {type: string}, deep: {type: object}, rows: {type: array, items: {type: integer}}}
              additionalProperties: {type: string}
      responses: {'204': {description: Nothing.}}
  /union:
    post:
      operationId: union
      tags: [things]
      requestBody:
        required: true
        content:
          application/json:
            schema: {oneOf: [{$ref: '#/components/schemas/A'}, {$ref: '#/components/schemas/B'}]}
      responses: {'204': {description: Nothing.}}
  /list:
    post:
      operationId: list
      tags: [things]
      requestBody:
        content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/A'}}}}
      responses: {'204': {description: Nothing.}}
  /upload:
    post:
      operationId: upload
      tags: [things]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties: {file: {type: string, format: binary}, note: {type: string}}
      responses: {'204': {description: Nothing.}}
  /note:
    post:
      operationId: note
      tags: [things]
      requestBody:
        content: {application/json: {schema: {type: object, properties: {a: {type: integer}, b: {type: string}}}}}
      responses: {'204': {description: Nothing.}}
    put:
      operationId: noteInForm
      tags: [things]
      requestBody:
        content:
          application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: integer}}}}
      responses: {'204': {description: Nothing.}}
  /owners/{owner_id}/notes/{id}:
    parameters:
      - {name: owner_id, in: path, required: true, schema: {type: integer}}
      - {name: id, in: path, required: true, schema: {type: string}}
    post:
      operationId: repeat
      tags: [things]
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [owner_id, text]
              properties: {owner_id: {type: integer}, text: {type: string}, id: {type: string}}
      responses: {'204': {description: Nothing.}}
  /raw:
    put:
      operationId: raw
      tags: [things]
      requestBody: {required: true, content: {image/png: {schema: {type: string, format: binary}}}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    A: {type: object, required: [a], properties: {a: {type: integer}}}
    B: {type: object, required: [b], properties: {b: {type: integer}}}
"""


@pytest.fixture(scope="module")
def bodies() -> Package:
    made = generate(BODIES)
    assert made.problems == ()
    return made


@pytest.fixture
def things(bodies: Package, server: Server) -> Any:
    server.response = Reply(204, b"")
    with client_of(bodies, server) as client:
        yield client.things


def test_a_small_body_is_given_as_keyword_arguments(things: Any, server: Server) -> None:
    server.response = Reply(200, {})
    things.small(name="x", lid=False)
    assert server.last.json == {"kind": "box", "name": "x", "size": 3, "lid": False}
    assert server.last.headers["content-type"] == "application/json"


def test_json_is_compact_utf_8_and_nan_is_refused(things: Any, server: Server) -> None:
    server.response = Reply(200, {})
    things.small(name="é")
    assert server.last.content == '{"kind":"box","name":"é","size":3}'.encode()
    with pytest.raises(ValueError, match="JSON"):
        things.small(name="x", anything=float("nan"))
    assert len(server.requests) == 1


def test_null_is_sent_where_the_schema_allows_it_else_omitted(things: Any, server: Server) -> None:
    server.response = Reply(200, {})
    things.small(name="x", note=None, lid=None)
    assert server.last.json == {"kind": "box", "name": "x", "size": 3, "note": None}
    things.small(name="x", anything=None)  # a schema that allows everything allows null
    assert server.last.json == {"kind": "box", "name": "x", "size": 3, "anything": None}


def test_members_that_the_schema_does_not_name_are_sent_along(things: Any, server: Server) -> None:
    things.open(query="q", rows=[1, 2], additional_properties={"@city": "Ås & co"})
    assert server.last.content == b"query=q&rows=1&rows=2&%40city=%C3%85s+%26+co"
    assert server.last.headers["content-type"] == "application/x-www-form-urlencoded"


def test_an_object_in_a_form_is_json(things: Any, server: Server) -> None:
    things.open(query="q", deep={"a": 1})
    assert server.last.content == b"query=q&deep=%7B%22a%22%3A1%7D"


def test_a_body_of_several_kinds_is_one_argument(things: Any, bodies: Package, server: Server) -> None:
    things.union(bodies.module("models").B(b=1))
    assert server.last.json == {"b": 1}


def test_a_body_that_is_left_out_is_not_sent(things: Any, bodies: Package, server: Server) -> None:
    things.list()
    assert (server.last.content, "content-type" in server.last.headers) == (b"", False)
    things.list(body=[bodies.module("models").A(a=1)])
    assert server.last.json == [{"a": 1}]


def test_a_body_is_not_sent_when_all_members_are_omitted(things: Any, server: Server) -> None:
    for method in (things.note, things.note_in_form):
        method()
        assert (server.last.content, "content-type" in server.last.headers) == (b"", False)
    things.note(a=0)
    assert server.last.json == {"a": 0}
    things.note_in_form(a=0)
    assert server.last.content == b"a=0"


def test_a_member_named_like_a_path_parameter_has_its_value_unless_given(things: Any, server: Server) -> None:
    things.repeat(7, "a", text="x")
    assert (server.last.path, server.last.json) == ("/owners/7/notes/a", {"owner_id": 7, "text": "x"})
    things.repeat(7, "a", text="x", owner_id_body=0, id_body="b")
    assert (server.last.path, server.last.json) == ("/owners/7/notes/a", {"owner_id": 0, "text": "x", "id": "b"})
    assert "owner_id_body: Default: the value of `owner_id`." in type(things).repeat.__doc__


def test_bytes_are_sent_as_they_are(things: Any, server: Server) -> None:
    things.raw(b"\x89PNG\r\n")
    assert (server.last.content, server.last.headers["content-type"]) == (b"\x89PNG\r\n", "image/png")


def test_no_content_of_a_file_can_start_another_field(things: Any, bodies: Package, server: Server) -> None:
    attack = b'x\r\n--+++\r\nContent-Disposition: form-data; name="note"\r\n\r\nforged\r\n--+++--\r\n'
    things.upload(file=bodies.module("types").File(attack))
    first = server.last
    boundary = first.headers["content-type"].partition("boundary=")[2].encode()
    assert len(boundary) >= 16
    assert first.content.count(b"--" + boundary) == 2
    things.upload(file=bodies.module("types").File(io.BytesIO(attack), file_name="a.txt"), note="n")
    assert server.last.headers["content-type"] != first.headers["content-type"]
    assert b'name="note"\r\n' in server.last.content


def moved_once(request: Recorded) -> Reply:
    return Reply(204, b"") if request.path == "/moved" else Reply(307, b"", {"location": "/moved"})


class Pipe(io.RawIOBase):
    """Can be read once."""

    name = None

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        rest, self._rest = self._rest, b""
        return rest


def test_a_redirected_file_is_resent_completely_or_not_at_all(things: Any, bodies: Package, server: Server) -> None:
    file = bodies.module("types").File
    server.response = moved_once
    things.upload(file=file(io.BytesIO(b"attached")))
    assert [request.content.count(b"attached") for request in server.requests] == [1, 1]
    server.requests.clear()
    with pytest.raises(bodies.RedirectError):
        things.upload(file=file(Pipe(b"attached")))
    assert [request.path for request in server.requests] == ["/upload"]


async def test_the_same_bytes_go_out_with_await(bodies: Package, server: Server) -> None:
    server.response = Reply(200, {"ok": True})
    async with async_client_of(bodies, server) as client:
        assert await client.things.small(name="x") == {"ok": True}
    assert server.last.json == {"kind": "box", "name": "x", "size": 3}
