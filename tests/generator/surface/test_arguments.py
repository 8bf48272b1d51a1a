"""What callers pass: files, dicts in place of models, and what is refused before anything is sent."""

from __future__ import annotations

import asyncio
import codecs
import datetime
import io
import os
import tempfile
from collections.abc import Callable, Iterator
from enum import IntEnum, StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any
from uuid import UUID

import pytest

from generator.surface.support import async_client_of, client_of
from support.http_server import Recorded, Reply, Server
from support.packages import Package, generate

SPEC = """
paths:
  /files:
    post:
      operationId: send
      x-method: send
      tags: [files]
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [file]
              properties:
                file: {type: string, format: binary}
                more: {type: array, items: {type: string, format: binary}}
                note: {type: string}
                about: {type: object, required: [size], properties: {size: {type: integer}}}
      responses: {'204': {description: Nothing.}}
    put:
      operationId: raw
      x-method: raw
      tags: [files]
      requestBody:
        required: true
        content: {application/octet-stream: {schema: {type: string, format: binary}}}
      responses: {'204': {description: Nothing.}}
  /orders:
    post:
      operationId: createOrder
      x-method: create
      tags: [orders]
      requestBody:
        content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}
      responses: {'204': {description: Nothing.}}
    put:
      operationId: replaceOrders
      x-method: replace
      tags: [orders]
      requestBody:
        required: true
        content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Order'}}}}
      responses: {'204': {description: Nothing.}}
  /orders/{id}:
    patch:
      operationId: changeOrder
      x-method: change
      tags: [orders]
      parameters:
        - {name: id, in: path, required: true, schema: {type: integer}}
        - {name: X-Level, in: header, schema: {type: integer}}
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [to]
              properties:
                to: {$ref: '#/components/schemas/Address'}
                note: {type: [string, 'null']}
                isGift: {type: boolean}
      responses: {'204': {description: Nothing.}}
  /search:
    get:
      operationId: search
      x-method: search
      tags: [orders]
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: price, in: query, schema: {type: number}}
        - {name: gift, in: query, schema: {type: boolean}}
        - {name: text, in: query, schema: {type: string}}
        - {name: day, in: query, schema: {type: string, format: date}}
        - {name: key, in: query, schema: {type: string, format: uuid}}
        - {name: ids, in: query, schema: {type: array, items: {type: integer}}}
        - {name: where, in: query, schema: {type: object, additionalProperties: {type: string}}}
        - {name: extra, in: query, schema: {type: object, additionalProperties: true}}
        - {name: shape, in: query, schema: {$ref: '#/components/schemas/Shape'}}
      responses: {'204': {description: Nothing.}}
components:
  schemas:
    Shape: {type: object, properties: {width: {type: integer}}}
    Address:
      type: object
      required: [street]
      properties: {street: {type: string}, zip-code: {type: string}, since: {type: string, format: date}}
    Cat: {type: object, required: [kind], properties: {kind: {const: cat}, lives: {type: integer}}}
    Dog: {type: object, required: [kind], properties: {kind: {const: dog}, bark: {type: string}}}
    Order:
      type: object
      required: [to, origin]
      properties:
        to: {$ref: '#/components/schemas/Address'}
        stops: {type: array, items: {$ref: '#/components/schemas/Address'}}
        pets: {type: array, items: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Dog'}]}}
        origin: {type: string, default: web}
        at: {type: string, format: date-time}
        data: {type: string, format: byte}
        labels: {type: object, additionalProperties: {type: string}}
        free: {type: object, required: [a], properties: {a: {type: integer}}, additionalProperties: true}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC)
    assert made.problems == ()
    return made


@pytest.fixture
def client(package: Package, server: Server) -> Iterator[Any]:
    server.response = Reply(204, b"")
    with client_of(package, server) as running:
        yield running


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"a;b\n")
    return path


_OPENED: list[Any] = []


def opened(path: Path, mode: str, buffering: int = -1) -> IO[Any]:
    """A file that is closed after the test."""
    _OPENED.append(path.open(mode, buffering))
    file: IO[Any] = _OPENED[-1]
    return file


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _OPENED:
        _OPENED.pop().close()


class Pipe(io.RawIOBase):
    """An open file that can be read once."""

    def __init__(self, content: bytes) -> None:
        self._rest = content

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        size = len(self._rest) if size < 0 else size
        chunk, self._rest = self._rest[:size], self._rest[size:]
        return chunk


# --- files -----------------------------------------------------------------------------------------------------------


def files_of(package: Package, csv: Path) -> list[tuple[Any, str, str]]:
    """Everything that is a file with the content of ``csv``: with the file name and the media type that are sent."""
    content, file = csv.read_bytes(), package.module("types").File
    spooled = tempfile.SpooledTemporaryFile()  # noqa: SIM115
    _OPENED.append(spooled)
    spooled.write(content)
    spooled.seek(0)
    unnamed = ("upload", "application/octet-stream")
    return [
        (content, *unnamed),
        (bytearray(content), *unnamed),
        (memoryview(content), *unnamed),
        (io.BytesIO(content), *unnamed),
        (spooled, *unnamed),
        (csv, "rows.csv", "text/csv"),
        (str(csv), "rows.csv", "text/csv"),
        (opened(csv, "rb"), "rows.csv", "text/csv"),
        (opened(csv, "rb", buffering=0), "rows.csv", "text/csv"),
        (("a.pdf", content), "a.pdf", "application/pdf"),
        (("a.pdf", csv), "a.pdf", "application/pdf"),
        ((None, csv), "rows.csv", "text/csv"),
        (("a.pdf", io.BytesIO(content), "image/png"), "a.pdf", "image/png"),
        (("a.pdf", content, None, {"X-Part": "1"}), "a.pdf", "application/pdf"),
        (file(str(csv)), "rows.csv", "text/csv"),
        (file(csv, "b.txt", "text/x"), "b.txt", "text/x"),
        (file(bytearray(content)), *unnamed),
    ]


def test_a_file_is_sent_with_name_and_media_type(client: Any, package: Package, server: Server, csv: Path) -> None:
    for file, name, media_type in files_of(package, csv):
        client.files.send(file=file, note="n")
        sent = server.last.content
        assert f'name="file"; filename="{name}"\r\n'.encode() in sent, file
        assert f"Content-Type: {media_type}\r\n\r\n".encode() + b"a;b\n\r\n" in sent, file
        assert b'name="note"' in sent
    client.files.raw(Pipe(b"once"))
    assert server.last.content == b"once"
    client.files.send(file=("a", b"x", None, {"X-Part": "1"}), more=[b"1", io.BytesIO(b"2"), ("three", csv)])
    sent = server.last.content
    assert b"\r\nX-Part: 1\r\n" in sent
    assert sent.count(b'name="more"') == 3
    assert b'name="more"; filename="three"' in sent


def test_a_body_of_bytes_takes_every_file_and_sends_its_content(
    client: Any, package: Package, server: Server, csv: Path
) -> None:
    async def awaited() -> None:
        async with async_client_of(package, server) as other:
            for file, *_ in files_of(package, csv):
                await other.files.raw(file)
            await other.files.send(file=opened(csv, "rb"))
            assert b"a;b\n" in server.requests.pop().content

    for file, *_ in files_of(package, csv):
        client.files.raw(file)
    asyncio.run(awaited())
    assert {request.content for request in server.requests} == {b"a;b\n"}
    assert {request.headers["content-type"] for request in server.requests} == {"application/octet-stream"}


def no_files(csv: Path) -> list[Any]:
    closed = io.BytesIO()
    closed.close()
    return [
        opened(csv, "r"),
        io.StringIO("x"),
        codecs.getreader("utf-8")(io.BytesIO(b"x")),
        "two\nlines",
        "",
        5,
        True,
        object(),
        {"file": b"x"},
        [b"x"],
        closed,
        ("a.txt", "text"),
        ("a.txt", 5),
        ("a.txt",),
        ("a.txt", b"x", "text/plain\r\nX-Injected: 1"),
        ("a.txt", b"x", 5),
        ("a.txt", b"x", "text/plain", {"X": "a\r\nb"}),
        None,
    ]


def test_what_is_no_file_is_refused_by_name_and_nothing_is_sent(
    client: Any, package: Package, server: Server, csv: Path
) -> None:
    base, wrong_type = package.ShopError, package.WrongArgumentType

    def calls(wrong: Any) -> tuple[Callable[[], None], ...]:
        return (
            lambda: client.files.send(file=wrong),
            lambda: client.files.send(file=b"x", more=[b"x", wrong]),
            lambda: client.files.raw(wrong),
        )

    for wrong in no_files(csv):
        values = ("closed", "X-Injected") if hasattr(wrong, "closed") or isinstance(wrong, tuple) else ()
        for call in calls(wrong):
            with pytest.raises((TypeError, ValueError), match=r"^`(file|more\[1\]|body)`: ") as caught:
                call()
            assert isinstance(caught.value, base), wrong
            assert isinstance(caught.value, wrong_type) or values, wrong
    for wrong in (b"x", ("a", b"x"), "a", io.BytesIO(b"x")):
        with pytest.raises(wrong_type, match=r"^`more`: expected (an array|a list of files), found"):
            client.files.send(file=b"x", more=wrong)
    assert server.requests == []


def test_a_file_that_cannot_be_read_is_refused_before_anything_is_sent(
    client: Any, package: Package, server: Server, tmp_path: Path
) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / "pipe", str(tmp_path / "none"), "\x00a"):
        for call in (client.files.raw, lambda file: client.files.send(file=file)):
            kind = OSError if path != "\x00a" else TypeError
            with pytest.raises(kind) as caught:
                call(path)
            assert isinstance(caught.value, package.ShopError)
    with pytest.raises(OSError, match="its content would be bytes"):
        client.files.raw("content")
    assert server.requests == []


def test_an_open_file_is_sent_as_a_whole_and_stays_where_it_stood(client: Any, server: Server, csv: Path) -> None:
    for file in (io.BytesIO(b"a;b\n"), opened(csv, "rb")):
        for position in (2, 4):
            file.seek(position)
            client.files.raw(file)
            assert (server.last.content, server.last.headers["content-length"]) == (b"a;b\n", "4")
            client.files.send(file=file)
            assert b"\r\n\r\na;b\n\r\n" in server.last.content
            assert file.tell() == position
    client.files.raw(io.BytesIO())
    assert server.last.content == b""


def test_a_redirected_file_is_resent_completely_or_not_at_all(
    client: Any, package: Package, server: Server, csv: Path
) -> None:
    def moved_once(request: Recorded) -> Reply:
        return Reply(204, b"") if request.path == "/moved" else Reply(307, b"", {"location": "/moved"})

    server.response = moved_once
    positioned = io.BytesIO(b"a;b\n")
    positioned.seek(2)
    for file in (csv, positioned):
        for call in (client.files.raw, lambda file: client.files.send(file=file)):
            server.requests.clear()
            call(file)
            assert [request.content.count(b"a;b\n") for request in server.requests] == [1, 1]
    server.requests.clear()
    with pytest.raises(package.RedirectError):
        client.files.raw(Pipe(b"once"))
    assert [request.path for request in server.requests] == ["/files"]


def test_a_large_file_is_not_read_into_memory(client: Any, package: Package, server: Server, tmp_path: Path) -> None:
    class Counting(io.BytesIO):
        largest = 0

        def read(self, size: int | None = -1) -> bytes:
            chunk = super().read(size)
            self.largest = max(self.largest, len(chunk))
            return chunk

    file = Counting(bytes(1_000_000))
    client.files.raw(file)
    client.files.send(file=file)
    assert 0 < file.largest <= 65_536
    assert [len(request.content) >= 1_000_000 for request in server.requests] == [True, True]


# --- dicts -----------------------------------------------------------------------------------------------------------

WHOLE = {
    "to": {"street": "s", "zip-code": "1", "since": "2024-02-29"},
    "stops": [{"street": "t"}],
    "pets": [{"kind": "dog", "bark": "wau"}, {"kind": "cat", "lives": 9}],
    "origin": "web",
    "at": "2024-02-29T12:00:00Z",
    "data": "YQ==",
    "labels": {"a": "b"},
    "free": {"a": 1, "b": [None]},
}


def test_a_dict_stands_for_a_model_wherever_one_does(client: Any, package: Package, server: Server) -> None:
    models = package.module("models")
    address = models.Address(street="s", zip_code="1", since=datetime.date(2024, 2, 29))
    mixed = {
        "to": address,
        "stops": (MappingProxyType({"street": "t"}),),
        "pets": [models.Dog(bark="wau"), {"kind": "cat", "lives": 9}],
        "at": datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.UTC),
        "data": b"a",
        "labels": {"a": "b"},
        "free": {"a": 1, "b": [None]},
    }
    model = models.Order(**{**mixed, "to": WHOLE["to"]})
    before = repr(mixed)
    for body in (WHOLE, mixed, model, models.Order.from_dict(WHOLE)):
        client.orders.create(body=body)
        assert server.last.json == WHOLE
        client.orders.replace([body, WHOLE])
        assert server.last.json == [WHOLE, WHOLE]
    assert repr(mixed) == before
    client.orders.change(7, to={"street": "s"}, note=None, is_gift=True)
    assert server.last.json == {"to": {"street": "s"}, "note": None, "isGift": True}
    client.files.send(file=b"x", about={"size": 1})
    assert b'{"size": 1}' in server.last.content
    client.orders.search(shape={"width": 2})
    assert server.last.query == [("width", "2")]
    with_more = models.Address(street="s")
    with_more.additional_properties["undocumented"] = 1
    client.orders.change(7, to=with_more)
    assert server.last.json == {"to": {"street": "s", "undocumented": 1}}


def test_members_of_a_dict_that_cannot_be_sent_are_named(client: Any, package: Package, server: Server) -> None:
    models = package.module("models")
    wrong: list[tuple[Any, str, type[Exception]]] = [
        ({"to": {"street": 5}}, r"`body.to.street`: expected a string, found an integer", TypeError),
        ({"to": {"street": None}}, r"`body.to.street`: expected a string, found None; leave it out", TypeError),
        ({"to": {"street": "s", "zipcode": "1"}}, r"`body.to.zipcode`: .* did you mean `zip-code`\?", TypeError),
        ({"to": {"street": "s", "x": 1}}, r"`body.to.x`: .* these are: since, street, zip-code$", TypeError),
        ({"to": {}}, r"`body.to.street`: is missing", ValueError),
        ({}, r"`body.to`: is missing", ValueError),
        ({"to": {"street": "s"}, "stops": [{"street": "s"}, 5]}, r"`body.stops\[1\]`: expected an object", TypeError),
        ({"to": {"street": "s"}, "stops": {"street": "s"}}, r"`body.stops`: expected an array", TypeError),
        ({"to": {"street": "s", "since": "soon"}}, r"`body.to.since`: expected a date", ValueError),
        ({"to": {"street": "s"}, "pets": [{"kind": "cat", "bark": "x"}]}, r"`body.pets\[0\].bark`: is not", TypeError),
        ({"to": {"street": "s"}, "pets": [models.Shape()]}, r"`body.pets\[0\]`: .* found Shape", TypeError),
        ({"to": {"street": "s"}, "labels": {"a": None}}, r"`body.labels.a`: expected a string, found None", TypeError),
        ({"to": {"street": "s"}, "labels": {1: "a"}}, r"`body`: expected strings as keys", TypeError),
        (models.Order(to=None), r"`body.to`: expected an object, found None", TypeError),
        (models.Order(to=models.Address(street=None)), r"`body.to.street`: expected a string, found None", TypeError),
        (models.Order(to={"street": "s", "x": 1}), r"`body.to.x`: is not a documented member", TypeError),
        (models.Address(street="s"), r"`body`: expected Order or a dict, found Address", TypeError),
        ("text", r"`body`: expected an object, found a string", TypeError),
    ]
    for body, message, kind in wrong:
        with pytest.raises(package.UsageError, match=f"^{message}") as caught:
            client.orders.create(body=body)
        assert isinstance(caught.value, kind), body
    with pytest.raises(TypeError, match=r"^`body\[1\].to.street`: expected a string"):
        client.orders.replace([{"to": {"street": "s"}}, {"to": {"street": None}}])
    for wrong_list in (None, WHOLE, "text", {1, 2}):
        with pytest.raises(TypeError, match=r"^`body`: expected an array, found"):
            client.orders.replace(wrong_list)
    assert server.requests == []


# --- plain values ----------------------------------------------------------------------------------------------------


class Level(IntEnum):
    HIGH = 3


class Text(StrEnum):
    A = "a"


def test_values_of_the_right_kind_are_sent(client: Any, server: Server) -> None:
    accepted: dict[str, list[tuple[Any, str]]] = {
        "limit": [(3, "3"), (Level.HIGH, "3")],
        "price": [(3, "3"), (1.5, "1.5")],
        "gift": [(True, "true")],
        "text": [("", ""), (Text.A, "a")],
        "day": [(datetime.date(2024, 2, 29), "2024-02-29"), ("2024-02-29", "2024-02-29")],
        "key": [(UUID(int=1), str(UUID(int=1))), (str(UUID(int=1)), str(UUID(int=1)))],
        "ids": [([1], "1"), ((1,), "1"), (range(1, 2), "1")],
    }
    for name, values in accepted.items():
        for value, sent in values:
            client.orders.search(**{name: value})
            assert server.last.query == [(name, sent)]
    client.orders.search(where=MappingProxyType({"@city": "Oslo"}))
    assert server.last.query == [("@city", "Oslo")]


def test_values_of_another_kind_are_refused_by_name_and_nothing_is_sent(
    client: Any, package: Package, server: Server
) -> None:
    unset = package.module("types").UNSET
    wrong: dict[str, list[Any]] = {
        "limit": ["3", True, 1.5, [], b"3", package],
        "price": ["3", True],
        "gift": ["true", 1],
        "text": [5, b"x", ["x"], object()],
        "day": [5, "soon", datetime.datetime(2024, 2, 29)],
        "key": [5, "x"],
        "ids": [1, "12", ["1"], {1}, [None]],
        "where": ["a=b", [("a", "b")], {"a": 5}],
        "shape": [5, {"width": "2"}, {"height": 2}],
    }
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(package.UsageError, match=rf"^`{name}[\w.\[\]]*`: ") as caught:
                client.orders.search(**{name: value})
            assert isinstance(caught.value, TypeError if value not in ("soon", "x") else ValueError), (name, value)
    with pytest.raises(TypeError, match=r"^`id`: expected an integer, found None"):
        client.orders.change(None, to={"street": "s"})
    for name, value in {"to": None, "note": 5, "is_gift": "yes", "x_level": "1"}.items():
        with pytest.raises(TypeError, match=rf"^`{name}`: expected"):
            client.orders.change(1, **{"to": {"street": "s"}, name: value})
    for name in ("where", "extra"):
        with pytest.raises(TypeError, match=rf"^`{name}\['@city'\]`: expected .*, found None; leave it out"):
            client.orders.search(**{name: {"@city": None}})
    client.orders.change(1, to={"street": "s"}, note=unset)
    assert len(server.requests) == 1


def test_arguments_of_the_call_itself_are_refused_by_name(client: Any, package: Package, server: Server) -> None:
    wrong: dict[str, list[Any]] = {"timeout": ["5", True, object()], "headers": ["X: 1", [("X", "1")], 5, {1: "x"}]}
    for name, values in wrong.items():
        for value in values:
            with pytest.raises(package.UsageError, match=f"`{name}`") as caught:
                client.orders.search(**{name: value})
            assert isinstance(caught.value, TypeError)
    assert server.requests == []
