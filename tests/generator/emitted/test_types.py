"""The mark for what is not there, and files."""

from __future__ import annotations

import copy
import io
import os
import pickle
from pathlib import Path
from typing import Any

import pytest

from sdkgen.emitted.errors import InvalidArgument, UnreadableFile, WrongArgumentType
from sdkgen.emitted.types import UNSET, File, as_file, multipart


def test_unset_is_one_false_object_for_ever() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert all(again is UNSET for again in (copy.deepcopy(UNSET), pickle.loads(pickle.dumps(UNSET)), copy.copy(UNSET)))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        (File(b"x"), "upload"),
        (File(b"x", file_name="b.bin"), "b.bin"),
        (File(io.BytesIO(b"x")), "upload"),
        (File("/a/b.csv"), "b.csv"),
        (File(Path("/a/b.csv")), "b.csv"),
    ],
)
def test_the_name_of_a_file(file: File, name: str) -> None:
    assert file.name == name
    assert file.media_type == ("text/csv" if name == "b.csv" else "application/octet-stream")


def test_a_missing_file_is_an_error_of_the_operating_system_and_of_the_client(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    for payload in (path, os.fspath(path)):
        with pytest.raises(UnreadableFile, match=r"No such file or directory.*: .*a\.txt") as caught:
            File(payload).to_tuple()
        assert isinstance(caught.value, OSError)
        assert caught.value.filename == os.fspath(path)


def test_a_file_may_be_written_as_in_httpx() -> None:
    assert as_file(("a.txt", b"x", "text/x", {"X": "1"})).to_tuple() == ("a.txt", b"x", "text/x", {"X": "1"})
    assert as_file((None, bytearray(b"x"))).to_tuple() == ("upload", b"x", None)
    assert as_file(file := File(b"x")) is file
    assert file.content() == b"x"
    nothing: list[Any] = [("a.txt",), ("a.txt", "text"), ("a", b"", None, {}, 1), io.StringIO(), "a\nb", 5, None]
    for wrong in nothing:
        with pytest.raises(WrongArgumentType):
            as_file(wrong)
    for lines in ({"mime_type": "a\r\nb"}, {"file_name": "a\0"}, {"headers": {"a": "b\n"}}):
        with pytest.raises(InvalidArgument, match="line breaks"):
            File(b"x", **lines)
    with pytest.raises(WrongArgumentType, match="expected a str as headers, found int"):
        File(b"x", headers={"a": 1})  # type: ignore[dict-item]


def test_nothing_becomes_a_part_by_its_repr() -> None:
    with pytest.raises(WrongArgumentType, match=r"^`a`: a part cannot be made of BytesIO"):
        multipart({"a": io.BytesIO()})


def test_the_parts_of_a_multipart_body() -> None:
    assert multipart({"a": [1, True], "b": None, "c": {"d": 1}, "e": b"x", "f": File(b"y")}) == [
        ("a", (None, b"1", "text/plain")),
        ("a", (None, b"true", "text/plain")),
        ("c", (None, b'{"d": 1}', "application/json")),
        ("e", (None, b"x", "application/octet-stream")),
        ("f", ("upload", b"y", None)),
    ]
