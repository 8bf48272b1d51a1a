"""Checksums of the files that were last read and written, to skip a run that has nothing to do.

The record is a local shortcut for ``generate``. ``check`` ignores it.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

import auth_core.lifecycle
from attrs import evolve

from sdkgen.folders import schemas_folder
from sdkgen.record import Record, checksum, checksums, read_record, write_record
from sdkgen.write import every_file, files_of

__all__ = ["announce", "is_current", "record"]

_TOOLS = ("openapi-python-client", "ruff", "jinja2", "ruamel.yaml", "auth-core")


@cache
def generator_checksum() -> str:
    """The checksum of everything that affects the output: this package's files, its tools, the schemas, Python."""
    parts = [f"{tool} {version(tool)}" for tool in _TOOLS] + [platform.python_version()]
    for folder in (Path(__file__).parent, schemas_folder(), Path(auth_core.lifecycle.__file__).parent):
        parts += [f"{name} {checksum((folder / name).read_bytes())}" for name in files_of(folder)]
    return checksum("\n".join(parts).encode())


def _names(root: Path, paths: Iterable[Path]) -> list[str]:
    return [path.resolve().relative_to(root.resolve()).as_posix() for path in paths]


def announce(package: Path, generated: Path) -> None:
    """Record what is about to be written, so that files of an interrupted run are recognised as sdkgen's own."""
    noted = evolve(read_record(package), generator="", announced=checksums(generated, every_file(generated)))
    write_record(package, noted)


def record(root: Path, package: Path, generated: Path, read: Iterable[Path], companions: Iterable[Path]) -> None:
    """Record what was read for the package and what was written.

    Args:
        root: Paths are recorded relative to it.
        package: The generated package; the record is kept in it.
        generated: The generated tree that was copied there.
        read: The files of the spec, including optional ones that do not exist.
        companions: The vendor's files outside the package, whether or not they were written.
    """
    outputs = checksums(package, every_file(generated))
    noted = Record(
        generator=generator_checksum(),
        inputs=checksums(root, _names(root, read)),
        outputs=outputs,
        companions=checksums(root, _names(root, companions)),
        others=tuple(name for name in files_of(package) if name not in outputs),
    )
    write_record(package, noted)


def is_current(root: Path, package: Path, companions: Iterable[Path]) -> bool:
    """Whether nothing that was read or written has changed since the record was made."""
    noted = read_record(package)
    try:
        return (
            bool(noted.inputs)
            and noted.generator == generator_checksum()
            and noted.companions == checksums(root, _names(root, companions))
            and noted.inputs == checksums(root, noted.inputs)
            and noted.outputs == checksums(package, noted.outputs)
            and {*noted.outputs, *noted.others} >= set(files_of(package))
        )
    except (OSError, ValueError):
        return False
