"""How a body reaches httpx: bytes as they are, files as streams that begin anew with each request."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from pathlib import Path
from typing import Any

import httpx
import pytest
from auth_core.contract import can_be_sent_again

from sdkgen.emitted._readers import FileOnDisk, OnceReadable, OpenFile, Reader
from sdkgen.emitted._runtime.bodies import new_request
from sdkgen.emitted._runtime.request import RequestParts
from sdkgen.emitted.errors import UnreadableFile, WrongArgumentType
from sdkgen.emitted.types import File, multipart

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


def test_a_large_file_is_sent_in_little_memory_and_reports_how_far_it_is(tmp_path: Path) -> None:
    path, size = tmp_path / "large", 32 * 1_048_576
    with path.open("wb") as file:
        file.truncate(size)
    steps: list[tuple[int, int | None]] = []
    whole = File(path, progress=lambda *step: steps.append(step))
    for parts in (
        RequestParts("/", file=whole.content()),
        RequestParts("/", files=multipart({"name": "x", "file": whole})),
    ):
        steps.clear()
        made = request(parts)
        assert isinstance(made.stream, httpx.SyncByteStream)
        tracemalloc.start()
        assert sum(map(len, made.stream)) >= size
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 1_000_000
        assert (steps[0], steps[-1], len(steps)) == ((65_536, size), (size, size), size // 65_536)


def test_every_kind_of_file_reports_its_progress() -> None:
    steps: list[tuple[int, int | None]] = []

    def progress(*step: Any) -> None:
        steps.append(step)

    pipe: Any = io.BufferedReader(_Pipe(b"abc"))
    for payload in (b"abc", bytearray(b"abc"), io.BytesIO(b"abc"), pipe):
        assert sent(request(RequestParts("/", file=File(payload, progress=progress).content()))) == b"abc"
    assert steps == [(3, 3), (3, 3), (3, 3), (3, None)]
    wrong: Any = 7
    with pytest.raises(WrongArgumentType, match="`progress` must be a function of two numbers, not int"):
        File(b"abc", progress=wrong)


class _Pipe(io.RawIOBase):
    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)
