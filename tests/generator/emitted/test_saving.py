"""A file is written completely or not at all."""

from __future__ import annotations

import os
import resource
import signal
from pathlib import Path

import pytest

from sdkgen.emitted._runtime.saving import NewFile
from sdkgen.emitted.errors import UnwritableFile, UsageError


def test_a_file_takes_its_place_when_it_is_whole(tmp_path: Path) -> None:
    target, link = tmp_path / "result.csv", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    with NewFile(link) as file:
        file.write(b"new, ")
        assert target.read_bytes() == b"old"
        file.write(b"whole")
        file.keep()
    assert (link.is_symlink(), target.read_bytes(), len([*tmp_path.iterdir()])) == (True, b"new, whole", 2)


def test_an_unfinished_file_leaves_nothing_behind(tmp_path: Path) -> None:
    with NewFile(tmp_path / ("x" * 250)) as file:
        file.write(b"half")
    assert [*tmp_path.iterdir()] == []


def test_what_cannot_be_written_is_an_error_with_the_path(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(UnwritableFile, match=f"^{path} is not a regular file$"):
            NewFile(path)
    missing = str(tmp_path / "missing" / "a")
    with pytest.raises(UsageError) as caught:
        NewFile(missing)
    assert isinstance(caught.value, OSError)
    assert caught.value.filename == missing


def test_a_full_disk_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "result.csv"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with NewFile(target) as file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
            with pytest.raises(UnwritableFile) as caught:
                file.write(bytes(100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert (caught.value.filename, [*tmp_path.iterdir()]) == (str(target), [])
