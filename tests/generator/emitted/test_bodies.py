"""How a body reaches httpx: bytes as they are, files as streams that begin anew with each request."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path

import httpx
import pytest
from auth_core.contract import can_be_sent_again

from sdkgen.emitted._readers import FileOnDisk, OnceReadable, OpenFile, Reader
from sdkgen.emitted._runtime.bodies import new_request
from sdkgen.emitted._runtime.request import RequestParts
from sdkgen.emitted.errors import UnreadableFile

URL = "https://api.example/upload"


def request(parts: RequestParts | None) -> httpx.Request:
    return new_request("POST", URL, httpx.Headers({"X": "1"}), parts, {"timeout": {}})


def sent(made: httpx.Request) -> bytes:
    assert isinstance(made.stream, httpx.SyncByteStream)
    return b"".join(made.stream)


async def sent_async(made: httpx.Request) -> bytes:
    assert isinstance(made.stream, httpx.AsyncByteStream)
    return b"".join([chunk async for chunk in made.stream])


def test_bytes_are_sent_with_their_length() -> None:
    for parts, length in ((RequestParts("/", content=b"ab"), "2"), (RequestParts("/", file=b"abc"), "3"), (None, "0")):
        made = request(parts)
        assert (made.headers["content-length"], made.headers["x"], made.headers["host"]) == (length, "1", "api.example")
        assert can_be_sent_again(made)


def test_a_file_is_sent_again_as_a_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(bytes(100_000))
    opened = io.BytesIO(bytes(100_000))
    opened.seek(2)
    readers: list[Reader] = [FileOnDisk(path), OpenFile(opened)]
    for reader in readers:
        made = request(RequestParts("/", file=reader))
        assert (made.headers["content-length"], made.headers["host"]) == ("100000", "api.example")
        assert can_be_sent_again(made)
        assert sent(made) == sent(made) == asyncio.run(sent_async(made)) == bytes(100_000)


def test_a_pipe_is_sent_once_in_chunks() -> None:
    made = request(RequestParts("/", file=OnceReadable(io.BytesIO(b"abc"))))
    assert made.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in made.headers
    assert not can_be_sent_again(made)
    assert sent(made) == b"abc"
    with pytest.raises(UnreadableFile):
        sent(made)
