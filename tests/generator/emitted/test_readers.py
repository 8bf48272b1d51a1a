"""Readers of files: how often they are read, from where, and what is sent when a file changes."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from sdkgen.emitted._readers import FileOnDisk, OnceReadable, OpenFile, name_of, reader_of
from sdkgen.emitted.errors import UnreadableFile


def test_a_file_on_disk_is_open_only_while_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abcdef")
    reader = FileOnDisk(path)
    assert reader.read(2) == b"ab"
    assert reader.tell() == 2
    assert reader.seekable()
    assert reader.seek(-1, io.SEEK_END) == 5
    assert reader.read() == b"f"
    assert reader.seek(0) == 0
    assert reader.seek(1, io.SEEK_CUR) == 1
    assert reader.read() == b"bcdef"


def test_an_open_file_is_read_from_its_beginning_and_stays_where_it_stood() -> None:
    file = io.BytesIO(b"abcdef")
    file.seek(2)
    reader = reader_of(file)
    assert isinstance(reader, OpenFile)
    for _ in range(2):
        assert (reader.seek(0), reader.read(2), reader.read(), reader.read(), file.tell()) == (
            0,
            b"ab",
            b"cdef",
            b"",
            2,
        )
    file.seek(0, io.SEEK_END)
    assert reader_of(file).read() == b"abcdef"
    assert reader_of(io.BytesIO()).read(5) == b""


def test_a_file_that_changes_size_never_sends_another_length(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abcdef")
    reader = FileOnDisk(path)
    path.write_bytes(b"abcdefgh")
    assert (reader.read(4), reader.read(100), reader.read(100)) == (b"abcd", b"ef", b"")
    reader.seek(0)
    path.write_bytes(b"ab")
    assert reader.read(100) == b"ab"
    with pytest.raises(UnreadableFile, match=r"^a\.txt became shorter"):
        reader.read(100)
    shrinking = io.BytesIO(b"abc")
    open_reader = OpenFile(shrinking)
    shrinking.truncate(1)
    assert open_reader.read() == b"a"
    with pytest.raises(UnreadableFile, match="became shorter"):
        open_reader.read()


def test_what_cannot_be_read_again_is_never_sent_empty() -> None:
    class Pipe(io.RawIOBase):
        def read(self, size: int = -1) -> Any:
            return next(chunks, b"")

    chunks = iter([b"a", b"b"])
    reader = reader_of(Pipe())  # type: ignore[arg-type]
    assert isinstance(reader, OnceReadable)
    assert (reader.read(9), reader.read(9), reader.read(9)) == (b"a", b"b", b"")
    with pytest.raises(UnreadableFile, match="only once"):
        reader.read(9)


@pytest.mark.parametrize(
    ("name", "shown"), [("/a/b.txt", "b.txt"), (b"/a/\xffb", "\udcffb"), (3, None), ("", None), (None, None)]
)
def test_the_name_of_an_open_file(name: object, shown: str | None) -> None:
    file = io.BytesIO()
    file.name = name
    assert name_of(file) == shown
