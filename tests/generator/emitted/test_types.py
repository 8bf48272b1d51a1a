"""The mark for what is not there, and files."""

from __future__ import annotations

import copy
import io
import os
import pickle
from pathlib import Path

import pytest

from sdkgen.emitted.errors import UnreadableFile
from sdkgen.emitted.types import UNSET, File, Unset, multipart


def test_unset_is_one_false_object_for_ever() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert all(again is UNSET for again in (copy.deepcopy(UNSET), pickle.loads(pickle.dumps(UNSET)), Unset("UNSET")))


def test_a_file_on_disk_is_open_only_while_read(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abcdef")
    name, payload, media_type = File(path, mime_type="text/plain").to_tuple()
    assert (name, media_type) == ("a.txt", "text/plain")
    assert payload.read(2) == b"ab"
    assert payload.tell() == 2
    assert payload.seekable()
    assert payload.seek(-1, io.SEEK_END) == 5
    assert payload.read() == b"f"
    assert payload.seek(0) == 0
    assert payload.seek(1, io.SEEK_CUR) == 1
    assert payload.read() == b"bcdef"


def test_a_file_that_changes_size_never_sends_another_length(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"abcdef")
    _, payload, _ = File(path).to_tuple()
    path.write_bytes(b"abcdefgh")
    assert (payload.read(4), payload.read(100), payload.read(100)) == (b"abcd", b"ef", b"")
    payload.seek(0)
    path.write_bytes(b"ab")
    assert payload.read(100) == b"ab"
    with pytest.raises(UnreadableFile, match=r"^a\.txt became shorter"):
        payload.read(100)
    payload.seek(0)
    path.unlink()
    for read in (File(path).to_tuple, lambda: payload.read(1)):
        with pytest.raises(UnreadableFile, match=r"No such file or directory: .*a\.txt") as caught:
            read()
        assert isinstance(caught.value, OSError)
        assert caught.value.filename == os.fspath(path)


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (File(b"x"), "upload"),
        (File(b"x", file_name="b.bin"), "b.bin"),
        (File(io.BytesIO(b"x")), "upload"),
    ],
)
def test_the_name_of_a_file(file: File, name: str) -> None:
    assert file.to_tuple()[0] == name


def test_the_parts_of_a_multipart_body() -> None:
    assert multipart({"a": [1, True], "b": None, "c": {"d": 1}, "e": b"x", "f": File(b"y")}) == [
        ("a", (None, b"1", "text/plain")),
        ("a", (None, b"true", "text/plain")),
        ("c", (None, b'{"d": 1}', "application/json")),
        ("e", (None, b"x", "application/octet-stream")),
        ("f", ("upload", b"y", None)),
    ]
