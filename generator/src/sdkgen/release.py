"""What a distribution is released as: one of ours, or somebody else's."""

from __future__ import annotations

import re

from attrs import frozen

from sdkgen.problems import Problem, ProblemsFound

__all__ = ["FIRST_VERSION", "FOREIGN", "VERSION", "Release", "foreign_release"]

FIRST_VERSION = "0.1.0"
VERSION = re.compile(r"^(0|[1-9]\d*)(\.(0|[1-9]\d*))+((a|b|rc)(0|[1-9]\d*))?(\.post(0|[1-9]\d*))?(\.dev(0|[1-9]\d*))?$")
"""As in ``release.schema.json``."""


@frozen
class Release:
    """The version of a distribution, and whose terms it carries."""

    version: str = FIRST_VERSION
    content: str = ""
    """Digest of the content that was released as this version; empty before the release."""
    licence: str | None = None
    """The text of the licence it is under; ``None``: it carries none."""
    ours: bool = True
    """A package of this repository, whose builds are told apart by their content."""


FOREIGN = Release(ours=False)
"""A package made from somebody else's document: its licence and its versions are theirs to choose."""


def foreign_release(version: str) -> Release:
    """A foreign package of this version. Raises ProblemsFound for what is no version."""
    if not VERSION.fullmatch(version):
        what = f"`{version[:80]}` is not a version"
        raise ProblemsFound([Problem(file="--package-version", what=what, next_step="Write it like `1.2.0`.")])
    return Release(version, ours=False)
