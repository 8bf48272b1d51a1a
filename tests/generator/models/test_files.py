"""Multipart bodies: the parts, and what the API is sent."""

from __future__ import annotations

import gc
import io
import warnings
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.packages import GenerateModels, Models

SCHEMAS = """
Upload:
  type: object
  required: [file]
  properties:
    file: {type: string, format: binary}
    others: {type: array, items: {type: string, contentMediaType: application/octet-stream}}
    photo: {type: string, contentMediaType: image/png}
    key: {type: string, contentMediaType: image/png, contentEncoding: base64}
    page: {type: string, contentMediaType: text/html}
    note: {type: string}
    public: {type: boolean}
    day: {type: string, format: date}
    about: {type: object, properties: {size: {type: integer}}}
"""

PATHS = """
/upload:
  post:
    operationId: upload
    requestBody: {content: {multipart/form-data: {schema: {$ref: Upload}}}}
    responses: {}
"""


@pytest.fixture
def package(generate: GenerateModels) -> Models:
    return generate(SCHEMAS, PATHS)


def _sent(files: list[tuple[str, Any]]) -> httpx.Request:
    request = httpx.Request("POST", "https://api.example/upload", files=files)
    request.read()
    return request


def test_each_member_is_a_part(package: Models) -> None:
    file = package.module("types").File
    upload = package.Upload.from_dict({"file": "text", "public": True, "day": "2024-02-29", "about": {"size": 1}})
    upload.file = file(b"content", "a.txt", "text/plain")
    upload.others = [file(b"1"), file(b"2")]
    upload.photo, upload.key, upload.page = file(b"\xff", "p.png"), b"\xff", "<p>"
    assert upload.to_multipart() == [
        ("file", ("a.txt", b"content", "text/plain")),
        ("public", (None, b"true", "text/plain")),
        ("day", (None, b"2024-02-29", "text/plain")),
        ("about", (None, b'{"size": 1}', "application/json")),
        ("others", ("upload", b"1", None)),
        ("others", ("upload", b"2", None)),
        ("photo", ("p.png", b"\xff", None)),
        ("key", (None, b"/w==", "text/plain")),
        ("page", (None, b"<p>", "text/plain")),
    ], "what was read comes first, in its order"


@pytest.mark.parametrize("said", ["format: binary", "contentMediaType: application/octet-stream"])
def test_a_binary_text_outside_a_multipart_body_is_a_text(said: str, generate: GenerateModels) -> None:
    package = generate(f"A: {{type: object, properties: {{v: {{type: string, {said}}}}}}}")
    assert package.A.from_dict({"v": "x"}).to_dict(exclude_unset=True) == {"v": "x"}


def test_null_and_what_is_not_set_are_left_out(package: Models) -> None:
    upload = package.Upload(file=package.module("types").File(b"", "a"), note=None)
    assert [name for name, _ in upload.to_multipart()] == ["file"]


def test_a_file_cannot_add_a_part_of_its_own(package: Models) -> None:
    file = package.module("types").File
    bodies = []
    for _ in range(2):
        content = bodies[0] if bodies else b""
        request = _sent(package.Upload(file=file(content, "a")).to_multipart())
        boundary = request.headers["content-type"].partition("boundary=")[2].encode()
        assert request.content.count(b"--" + boundary) == 2
        bodies.append(request.content)


def test_a_disk_file_is_sent_completely_and_can_be_resent(package: Models, tmp_path: Path) -> None:
    path = tmp_path / "big.bin"
    path.write_bytes(bytes(range(256)) * 1000)
    parts = package.Upload(file=package.module("types").File(path)).to_multipart()
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        first, second = _sent(parts), _sent(parts)
        gc.collect()
    assert path.read_bytes() in first.content
    assert path.read_bytes() in second.content
    assert int(first.headers["content-length"]) == len(first.content)
    assert b'filename="big.bin"' in first.content


def test_a_missing_file_is_detected_before_anything_is_sent(package: Models, tmp_path: Path) -> None:
    upload = package.Upload(file=package.module("types").File(tmp_path / "none.bin"))
    with pytest.raises(package.module("errors").UnreadableFile, match="No such file"):
        upload.to_multipart()


def test_an_open_file_is_named_after_itself(package: Models, tmp_path: Path) -> None:
    path = tmp_path / "open.csv"
    path.write_bytes(b"a;b")
    with path.open("rb") as opened:
        request = _sent(package.Upload(file=package.module("types").File(opened)).to_multipart())
    assert b'filename="open.csv"' in request.content
    assert b"text/csv" in request.content


def test_the_content_of_a_file_is_not_in_its_repr(package: Models) -> None:
    file = package.module("types").File(io.BytesIO(b"hunter2"), "a.txt")
    assert repr(file) == "File(file_name='a.txt', mime_type=None)"
