"""The release of a distribution: version and licence."""

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
    """The version and licence of a distribution."""

    version: str = FIRST_VERSION
    content: str = ""
    """Digest of the content that was released as this version; empty before the release."""
    licence: str | None = None
    """The text of the licence; ``None``: the distribution includes none."""
    ours: bool = True
    """Whether it is a package of this repository, whose builds are distinguished by a digest of their content."""


FOREIGN = Release(ours=False)
"""A package for a third-party document: its user chooses licence and versions."""


def foreign_release(version: str) -> Release:
    """Return the release of a foreign package. Raises ProblemsFound for an invalid version."""
    if not VERSION.fullmatch(version):
        what = f"`{version[:80]}` is not a version"
        raise ProblemsFound([Problem(file="--package-version", what=what, next_step="Write it like `1.2.0`.")])
    return Release(version, ours=False)
