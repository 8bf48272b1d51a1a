"""``release.yaml`` next to a spec: the version of the vendor's package."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from sdkgen.folders import schemas_folder
from sdkgen.lint.json_schema import faults
from sdkgen.pointers import child
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.release import Release
from sdkgen.source import display_name, load

__all__ = ["LICENCE", "RELEASE_FILE", "read_release"]

RELEASE_FILE = "release.yaml"
LICENCE = "LICENSE"


def read_release(spec: Path, root: Path) -> Release:
    """Return the release of a vendor's package; without the files, it has the first version and no licence.

    Raises ProblemsFound for a ``release.yaml`` that does not match its schema.
    """
    licence = root / LICENCE
    text = licence.read_text(encoding="utf-8") if licence.is_file() else None
    path = spec.with_name(RELEASE_FILE)
    if not path.exists():
        return Release(licence=text)
    file = load(path, display_name(path, root))
    validator: Any = _validator()
    found = [
        Problem(
            file=file.name,
            line=file.line(child("", *fault.path)),
            what=fault.what,
            next_step=fault.next_step,
            rule="release",
        )
        for fault in faults(validator.iter_errors(file.document), RELEASE_FILE)
    ]
    if found:
        raise ProblemsFound(found)
    return Release(file.document["version"], file.document.get("content", ""), text)


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads((schemas_folder() / "release.schema.json").read_text(encoding="utf-8")))
