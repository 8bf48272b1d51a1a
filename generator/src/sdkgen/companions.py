"""Files next to a spec (``coverage.yaml``, ``demo.yaml``), each with a JSON Schema in ``specs/schemas``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sdkgen.lint.json_schema import faults
from sdkgen.pointers import child
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.published_schemas import schema_validator
from sdkgen.source import Source, display_name, load

__all__ = ["read_companion"]


def read_companion(spec: Path, name: str, *, root: Path, rule: str = "") -> Source | None:
    """Read a file next to a spec; None if it does not exist.

    Args:
        spec: The spec.
        name: The file: ``coverage.yaml``, whose schema is ``coverage.schema.json``.
        root: The file's name is shown relative to this folder.
        rule: The rule of the problems.

    Raises:
        ProblemsFound: It cannot be read, or does not match its schema.
    """
    path = spec.with_name(name)
    if not path.exists():
        return None
    file = load(path, display_name(path, root))
    validator: Any = schema_validator(path.stem)
    found = [
        Problem(
            file=file.name,
            line=file.line(child("", *fault.path)),
            what=fault.what,
            next_step=fault.next_step,
            rule=rule,
        )
        for fault in faults(validator.iter_errors(file.document), name)
    ]
    if found:
        raise ProblemsFound(found)
    return file
