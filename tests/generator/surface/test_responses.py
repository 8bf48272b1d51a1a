"""What a call returns and raises, for responses that are as documented and for those that are not."""

from __future__ import annotations

import copy
import pickle
import traceback
from typing import Any

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Reply, Server
from support.packages import Package, generate

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

SPEC = """
tags: [{name: things}]
x-responses:
  failed: [{body: {/ok: [false]}}]
  code: [$response.body#/code, $response.header.X-Code]
  message: [$response.body#/message]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      x-method: get
      tags: [things]
      responses:
        '200': {description: One., content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '201': {description: Another., content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}
        '400': {description: Wrong., content: {application/json: {schema: {$ref: '#/components/schemas/Problem'}}}}
        4XX: {description: Wrong., content: {application/json: {schema: {$ref: '#/components/schemas/Other'}}}}
    delete:
      operationId: deleteThing
      x-method: delete
      tags: [things]
      responses: {'204': {description: Gone.}}
    head:
      operationId: hasThing
      x-method: has
      tags: [things]
      responses: {'200': {description: It is there.}}
  /list:
    get:
      operationId: listThings
      x-method: list
      tags: [things]
      responses:
        default:
          description: All.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Thing'}}}}
  /wrapped:
    get:
      operationId: getWrapped
      tags: [things]
      x-result: $response.body#/data/thing
      responses:
        '200':
          description: It.
          content: {application/json: {schema: {$ref: '#/components/schemas/Envelope'}}}
    put:
      operationId: listWrapped
      tags: [things]
      x-result: $response.body#/all
      responses:
        '200':
          description: All.
          content: {application/json: {schema: {$ref: '#/components/schemas/Envelope'}}}
  /undescribed:
    post:
      operationId: doThing
      tags: [things]
      responses: {'201': {description: Done., content: {application/json: {schema: {}}}}}
  /text:
    get:
      operationId: getText
      tags: [things]
      responses: {2XX: {description: Text., content: {text/csv: {schema: {type: string}}}}}
  /file:
    get:
      operationId: getFile
      tags: [things]
      responses: {'200': {description: File., content: {application/pdf: {schema: {type: string, format: binary}}}}}
  /export:
    get:
      operationId: getExport
      tags: [things]
      responses: {'200': {description: File., content: {text/csv: {schema: {$ref: '#/components/schemas/Octets'}}}}}
    post:
      operationId: putExport
      tags: [things]
      requestBody:
        required: true
        content: {text/csv: {schema: {type: string, contentMediaType: application/octet-stream}}}
      responses: {'204': {description: Nothing.}}
  /either:
    get:
      operationId: getEither
      tags: [things]
      responses:
        '200':
          description: Either.
          content:
            text/csv: {schema: {type: string}}
            application/json: {schema: {$ref: '#/components/schemas/Thing'}}
  /union:
    get:
      operationId: getUnion
      tags: [things]
      responses:
        '200': {description: Any., content: {application/json: {schema: {type: [string, integer, 'null']}}}}
components:
  schemas:
    Envelope:
      type: object
      properties:
        ok: {type: boolean}
        data: {type: object, properties: {thing: {$ref: '#/components/schemas/Thing'}}}
        all: {type: array, items: {$ref: '#/components/schemas/Thing'}}
    Octets: {type: string, format: binary}
    Thing: {type: object, required: [id], properties: {id: {type: string}}}
    Other: {type: object, required: [other], properties: {other: {type: string}}}
    Problem: {type: object, required: [code], properties: {code: {type: string}, message: {type: string}}}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC)
    assert made.problems == ()
    return made


@pytest.fixture
def things(package: Package, server: Server) -> Any:
    with client_of(package, server) as client:
        yield client.things


# --- successes -------------------------------------------------------------------------------------------------------


def test_each_documented_success_is_its_own_model(things: Any, package: Package, server: Server) -> None:
    models = package.module("models")
    server.response = Reply(200, {"id": "a"})
    assert things.get("a") == models.Thing(id="a")
    server.response = Reply(201, {"other": "b"})
    assert things.get("a") == models.Other(other="b")


@pytest.mark.parametrize(("body", "value"), [('{"a": 1}', {"a": 1}), ("7", 7), ("null", None), (b"", None)])
def test_an_undescribed_success_is_a_plain_value_or_empty(
    things: Any, server: Server, body: str | bytes, value: object
) -> None:
    server.response = Reply(201, body)
    assert things.do_thing() == value


def test_a_response_without_content_is_none(things: Any, server: Server) -> None:
    server.response = Reply(204, b"")
    assert things.delete("a") is None


def test_head_works(things: Any, server: Server) -> None:
    server.response = Reply(200, b"")
    assert things.has("a") is None
    assert server.last.method == "HEAD"


def test_default_is_the_success_where_no_other_is_documented(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(206, [{"id": "a"}])
    assert things.list() == [package.module("models").Thing(id="a")]


def test_text_is_decoded_as_the_response_says(things: Any, server: Server) -> None:
    server.response = Reply(200, "é".encode("latin-1"), {"content-type": "text/csv; charset=latin-1"})
    assert things.get_text() == "é"


def test_other_content_is_bytes(things: Any, server: Server) -> None:
    server.response = Reply(200, b"%PDF\x00", {"content-type": "application/pdf"})
    assert things.get_file() == b"%PDF\x00"


def test_a_binary_schema_is_bytes_whatever_the_media_type(things: Any, server: Server) -> None:
    octets = b"\xffa;\xe9\r\n"
    server.response = Reply(200, octets, {"content-type": "text/csv; charset=utf-8"})
    assert things.get_export() == octets
    server.response = Reply(204, b"")
    things.put_export(octets)
    assert (server.last.content, server.last.headers["content-type"]) == (octets, "text/csv")


def test_of_several_media_types_the_response_says_which(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, b"a,b", {"content-type": "Text/CSV; header=present"})
    assert things.get_either() == "a,b"
    assert server.last.headers["accept"] == "text/csv, application/json"
    server.response = Reply(200, {"id": "a"})
    assert things.get_either() == package.module("models").Thing(id="a")


@pytest.mark.parametrize("value", ["text", 7, None])
def test_a_union_of_plain_values_is_the_value(things: Any, server: Server, value: object) -> None:
    server.response = Reply(200, b"null" if value is None else (f'"{value}"' if isinstance(value, str) else str(value)))
    assert things.get_union() == value


def test_json_is_read_whatever_the_content_type_says(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, {"id": "a"}, {"content-type": "text/plain"})
    assert things.get("a") == package.module("models").Thing(id="a")


def test_the_raw_response_has_everything(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, {"id": "a"}, {"x-page": "2"})
    response = things.with_raw_response.get("a")
    assert (response.status_code, response.headers["X-Page"], response.http_version) == (200, "2", "HTTP/1.1")
    assert response.content == b'{"id": "a"}'
    assert response.parsed == package.module("models").Thing(id="a")
    assert repr(response) == "<Response [200]>"


@pytest.mark.parametrize(
    ("status", "body", "error"), [(200, "[", "DecodeError"), (202, "{}", "UnexpectedResponseError")]
)
def test_the_raw_response_exists_for_any_successful_body(
    things: Any, package: Package, server: Server, status: int, body: str, error: str
) -> None:
    """The call ran: what it responded is not lost because nobody can read it."""
    server.response = Reply(status, body)
    response = things.with_raw_response.get("a")
    assert (response.status_code, response.content) == (status, body.encode())
    with pytest.raises(getattr(package, error), match="getThing"):
        assert response.parsed


def test_the_raw_response_is_read_once(things: Any, server: Server) -> None:
    server.response = Reply(200, {"id": "a"})
    response = things.with_raw_response.get("a")
    assert response.parsed is response.parsed


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda response: pickle.loads(pickle.dumps(response))])
def test_a_copy_of_a_raw_response_lacks_only_the_request(things: Any, server: Server, copied: Any) -> None:
    server.response = Reply(200, {"id": "a"}, {"x-page": "2"})
    response = things.with_raw_response.get("a")
    twin = copied(response)
    assert (twin.status_code, twin.headers["x-page"], twin.content) == (200, "2", response.content)
    assert twin.parsed == response.parsed
    assert "_read" not in vars(twin)


async def test_the_raw_response_can_be_awaited(package: Package, server: Server) -> None:
    server.response = Reply(200, {"id": "a"})
    async with async_client_of(package, server) as client:
        response = await client.things.with_raw_response.get("a")
        assert response.parsed == await client.things.get("a")


def test_the_raw_response_of_a_failure_is_the_error(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(404, {})
    with pytest.raises(package.NotFoundError):
        things.with_raw_response.get("a")


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (299, "UnexpectedResponseError"),
        (202, "UnexpectedResponseError"),
        (304, "RedirectError"),
        (400, "BadRequestError"),
        (401, "AuthenticationError"),
        (403, "PermissionDeniedError"),
        (404, "NotFoundError"),
        (409, "ConflictError"),
        (418, "ApiError"),
        (422, "UnprocessableEntityError"),
        (429, "RateLimitError"),
        (500, "ServerError"),
        (520, "ServerError"),
        (561, "ServerError"),
        (600, "ApiError"),
        (999, "ApiError"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"null", b"<html>", b"{", b'{"code": "x"}', b"[1]", b'"text"', b"\xff\x00"])
def test_every_other_status_raises_its_class_whatever_the_body_is(
    things: Any, package: Package, server: Server, status: int, name: str, body: bytes
) -> None:
    server.response = Reply(status, b"" if status == 304 else body, {"content-type": "text/html"})
    with pytest.raises(package.ApiError) as caught:
        things.get("a")
    assert type(caught.value) is getattr(package, name)
    assert caught.value.status_code == status


def test_a_failure_says_what_where_and_how(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(400, {"code": "E7", "message": "No such thing."}, {"x-request-id": "r1"})
    with pytest.raises(package.BadRequestError) as caught:
        things.get("a")
    error = caught.value
    assert (error.code, error.message) == ("E7", "No such thing.")
    assert error.error == package.module("models").Problem(code="E7", message="No such thing.")
    assert (error.operation_id, error.method, error.path_template) == ("getThing", "GET", "/things/{id}")
    assert error.headers["X-Request-Id"] == error.request_id == "r1"
    assert error.url == f"{server.url}/things/a"
    assert (error.request_sent, error.retryable, error.body) == (
        True,
        False,
        {"code": "E7", "message": "No such thing."},
    )
    assert error.excerpt == '{"code": "E7", "message": "No such thing."}'
    assert str(error) == "400 from getThing (GET /things/{id}): E7: No such thing."


def test_errors_are_decoded_by_status_range_or_left_as_received(things: Any, package: Package, server: Server) -> None:
    for body, read in (({"other": "x"}, package.module("models").Other(other="x")), (["x"], None)):
        server.response = Reply(404, body)
        with pytest.raises(package.NotFoundError) as caught:
            things.get("a")
        assert (caught.value.error, caught.value.body) == (read, body)


def test_a_wrong_base_path_is_diagnosable_from_the_error_alone(package: Package, server: Server) -> None:
    for status, name in ((404, "NotFoundError"), (200, "DecodeError")):
        server.response = Reply(status, b"<!doctype html>\n<title>Home</title>", {"content-type": "text/html"})
        client = client_of(package, server, base_url=f"{server.url}/api/v2")
        with client, pytest.raises(getattr(package, name)) as caught:
            client.things.get("a")
        shown = "".join(traceback.format_exception(caught.value))
        assert f"The request went to {server.url}/api/v2/things/a." in shown
        assert f"the path of `base_url` (or SHOP_BASE_URL), now {server.url}/api/v2, is wrong." in shown


def test_the_code_can_stand_in_a_header(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(502, b"<html>", {"X-Code": "GW", "content-type": "text/html"})
    with pytest.raises(package.ServerError) as caught:
        things.get("a")
    assert (caught.value.code, caught.value.message, caught.value.error) == ("GW", None, None)


def test_a_failure_under_status_200_raises(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, {"ok": False, "code": 7})
    with pytest.raises(package.ApiError) as caught:
        things.get("a")
    assert (type(caught.value), caught.value.status_code, caught.value.code) == (package.ApiError, 200, "7")


@pytest.mark.parametrize(
    ("value", "seconds"), [("7", 7.0), ("", None), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0), ("-1", None)]
)
def test_retry_after_is_seconds(
    things: Any, package: Package, server: Server, value: str, seconds: float | None
) -> None:
    server.response = Reply(429, {}, {"retry-after": value})
    with pytest.raises(package.RateLimitError) as caught:
        things.get("a")
    assert caught.value.retry_after_seconds == seconds


def test_the_excerpt_is_bounded_and_binary_is_only_counted(things: Any, package: Package, server: Server) -> None:
    for body, excerpt in ((b"x" * 10_000, "x" * 500), (b"\x00" * 9, "[9 bytes]")):
        server.response = Reply(500, body)
        with pytest.raises(package.ServerError) as caught:
            things.get("a")
        assert caught.value.excerpt == excerpt


def test_every_error_is_of_the_one_base_and_survives_pickling(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(400, {"code": "E7"})
    with pytest.raises(package.ShopError) as caught:
        things.get("a")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))
    assert (again.code, again.error, dict(again.headers)) == ("E7", caught.value.error, dict(caught.value.headers))


# --- successes that are none -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "path", "reason"),
    [
        (b"", "$", "empty"),
        (b"null", "$", "an object"),
        (b"<html>", "$", "not JSON (Content-Type: text/html"),
        (b"{", "$", "a body that ends in the middle of a JSON value"),
        (b"[]", "$", "an object"),
        (b"{}", "$.id", "missing"),
        (b'{"id": 7}', "$.id", "a string"),
        (b"\xff\xfe", "$", "a body that ends in the middle of a JSON value"),  # UTF-16 without a character
    ],
)
def test_a_success_that_is_not_as_described_says_where(
    things: Any, package: Package, server: Server, body: bytes, path: str, reason: str
) -> None:
    server.response = Reply(200, body, {"content-type": "text/html"})
    with pytest.raises(package.DecodeError) as caught:
        things.get("a")
    assert caught.value.path == path
    assert reason in caught.value.reason
    assert (caught.value.operation_id, caught.value.status_code) == ("getThing", 200)
    assert pickle.loads(pickle.dumps(caught.value)).path == path


def test_an_item_of_a_list_is_found(things: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, [{"id": "a"}, {"id": None}])
    with pytest.raises(package.DecodeError) as caught:
        things.list()
    assert str(caught.value).startswith("listThings (GET /list), $[1].id: ")


def test_a_wrapped_result_is_returned_and_must_be_there(things: Any, package: Package, server: Server) -> None:
    whole = {"ok": True, "data": {"thing": {"id": "1"}, "more": 1}, "all": [{"id": "2"}]}
    server.response = Reply(200, whole)
    thing = package.module("models").Thing
    assert (things.get_wrapped(), things.list_wrapped()) == (thing(id="1"), [thing(id="2")])
    raw = things.with_raw_response.get_wrapped()
    assert (raw.parsed.id, raw.envelope, pickle.loads(pickle.dumps(raw)).envelope) == ("1", whole, whole)

    found: list[str] = []
    for body in ({"data": {}}, {"data": {"thing": None}}, {"data": {"thing": {}}}, []):
        server.response = Reply(200, body)
        with pytest.raises(package.DecodeError) as caught:
            things.get_wrapped()
        found.append(f"{caught.value.path}: {caught.value.reason}")
    assert found == [
        "$.data.thing: is missing",
        "$.data.thing: expected an object, found null",
        "$.data.thing.id: is missing",
        "$: expected an object, found an array",
    ]
    server.response = Reply(200, b"<html>")
    with pytest.raises(package.DecodeError, match="not JSON"):
        things.with_raw_response.get_wrapped().envelope  # noqa: B018
