"""The environment of our own templates: strict, and deaf to text that is not source."""

from __future__ import annotations

import json
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sdkgen.code import Code, literal, one_line, prose, sentence
from sdkgen.facts.values import source_of
from sdkgen.render.readme import markdown

__all__ = ["TEMPLATES", "client_environment"]

TEMPLATES = Path(__file__).parent.parent / "templates"


def client_environment() -> Environment:
    """Templates of ``templates/client``. What they print is :class:`Code` or a number; anything else is refused.

    ``literal`` and ``source`` make the Python source of a value, ``prose`` the inside of a docstring.
    """
    environment = Environment(  # noqa: S701  # nothing here is HTML
        loader=FileSystemLoader(TEMPLATES / "client"),
        undefined=StrictUndefined,
        finalize=_only_code,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        literal=literal, markdown=markdown, prose=prose, sentence=sentence, source=source_of, toml=toml
    )
    return environment


def toml(text: str) -> Code:
    """A basic string of TOML: JSON's escapes are among its own."""
    return Code(json.dumps(one_line(text), ensure_ascii=False))


def _only_code(value: object) -> object:
    if isinstance(value, Code | int):
        return value
    raise TypeError(f"a template prints {type(value).__name__} {value!r}; only `Code` can be printed")
