"""Python source as a separate type, so that text from a spec cannot become code by accident.

Templates print values of :class:`Code` only; the strict environment (``render/environment.py``) rejects other strings.
Text is converted to ``Code`` by the functions of this module (a name, a literal, the inside of a docstring) and by two
filters of that environment (``markdown``, ``in_double_quote_literal``). The type ``PythonCode`` of
openapi-python-client has the same purpose, but is not a string: f-strings and templates print its address.
"""

from __future__ import annotations

import builtins
import keyword
import math
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import cast

from openapi_python_client import strings

__all__ = [
    "Code",
    "class_name",
    "identifier",
    "in_docstring",
    "joined",
    "literal",
    "literal_lines",
    "method_name",
    "one_line",
    "prose",
    "sentence",
    "shortened",
    "snake_case",
    "unique",
]

LINE_LENGTH = 120
LONGEST_NAME = 80
"""The most characters of a name; some become file names, whose length is limited."""
_LONGEST_NAME_IN_BYTES = 150

_SHADOWING = frozenset(dir(builtins)) - {"id"}  # `id` is allowed: it is a common name of parameters
_ANNOTATIONS = frozenset({"bool", "bytes", "dict", "float", "int", "object", "str", "type"})
_BETWEEN_WORDS = re.compile(r"\W+")
_SPACE_BETWEEN = re.compile(r"\w\s+\w")
_WORD = re.compile(r"([A-Z]?[a-z]+(?:(?<=v)\d+)?)")


class Code(str):
    """Python source that was made by this module or is written in the generator's own source."""

    __slots__ = ()


def shortened(text: str, length: int = LONGEST_NAME) -> str:
    """The beginning of a text, normalised as Python does for names (NFKC), and short enough for a file name."""
    plain = unicodedata.normalize("NFKC", text)[:length]
    return plain.encode("utf-8", "ignore")[:_LONGEST_NAME_IN_BYTES].decode("utf-8", "ignore")


def snake_case(text: str) -> str:
    """Words in lower case with underscores between them.

    In a text with spaces, capitals do not start words: ``an iOS App`` is ``an_ios_app``. The number of a version stays
    with its ``v``: ``Contentv1Content`` is ``contentv1_content``.
    """
    words = _BETWEEN_WORDS.sub("_", text)
    if _SPACE_BETWEEN.search(text) is None and any(character.isupper() for character in words):
        words = " ".join(_WORD.split(words))
    return strings.snake_case(words.lower())


def identifier(
    text: str, *, fallback: str = "value", reserved: Iterable[str] = (), shadowing: frozenset[str] = _SHADOWING
) -> Code:
    """A snake_case name: ``resultFormat`` is ``result_format``, ``filter[id]`` ``filter_id``, ``class`` ``class_``."""
    name = shortened(snake_case(unicodedata.normalize("NFKC", text)).strip("_")).rstrip("_")
    if not name.isidentifier():
        name = f"{fallback}_{name}".rstrip("_") if f"{fallback}_{name}".isidentifier() else fallback
    if keyword.iskeyword(name) or name in shadowing or name in reserved:
        name += "_"
    return Code(name)


def method_name(text: str, *, reserved: Iterable[str] = ()) -> Code:
    """The name of a method: it may be that of a builtin (``cases.list``), except those that annotations need."""
    return identifier(text, fallback="call", reserved=reserved, shadowing=_ANNOTATIONS)


def class_name(text: str, *, fallback: str = "Class") -> Code:
    """A PascalCase name: ``saved-queries`` is ``SavedQueries``."""
    words = strings.split_words(strings.sanitize(unicodedata.normalize("NFKC", text)))
    name = "".join(
        word[:1].upper() + (word[1:] if not word.isupper() or len(words) == 1 else word[1:].lower()) for word in words
    )
    name = shortened(unicodedata.normalize("NFKC", name).strip("_"))
    if not name.isidentifier():
        name = f"{fallback}{name}" if f"{fallback}{name}".isidentifier() else fallback
    if keyword.iskeyword(name) or name in _SHADOWING:
        name += "_"
    return Code(name)


def unique(name: Code, taken: Iterable[str], *suffixes: str) -> Code:
    """``name``, or the first of ``name_suffix``, ``name_2``, ``name_3`` … that is not taken."""
    used = set(taken)
    if name not in used:
        return name
    for suffix in suffixes:
        if (candidate := Code(f"{name.rstrip('_')}_{suffix}")) not in used:
            return candidate
    number = 2
    while f"{name}_{number}" in used:
        number += 1
    return Code(f"{name}_{number}")


def literal(value: object) -> Code:
    """The Python literal of a JSON value, in double quotes where that reads better."""
    if isinstance(value, str):
        return Code(_string(value))
    if value is None or isinstance(value, bool | int):
        return Code(repr(value))
    if isinstance(value, float):
        return Code(repr(value) if math.isfinite(value) else f'float("{value}")')
    if isinstance(value, dict):
        members = cast("dict[object, object]", value).items()
        return Code("{" + ", ".join(f"{literal(key)}: {literal(item)}" for key, item in members) + "}")
    if isinstance(value, list):
        return Code(f"[{', '.join(map(literal, cast('list[object]', value)))}]")
    if isinstance(value, tuple):
        items = [literal(item) for item in cast("tuple[object, ...]", value)]
        return Code(f"({', '.join(items)}{',' if len(items) == 1 else ''})")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _string(value: str) -> str:
    source = repr(value)  # escapes everything that is not printable: controls, bidi marks, surrogates
    if source[0] == "'" and '"' not in value:
        return f'"{source[1:-1]}"'
    return source


def literal_lines(text: str, *, width: int) -> Code:
    """The literal of a text: one line, or several lines for use inside parentheses if it is long.

    Args:
        text: One line, with single spaces between its words.
        width: Columns, quotes included.
    """
    words = textwrap.wrap(text, width - 3, break_long_words=False, break_on_hyphens=False)
    return joined("\n", [*(literal(f"{line} ") for line in words[:-1]), *map(literal, words[-1:])]) or literal("")


def one_line(text: str) -> str:
    """The text in one line, without unprintable characters."""
    return " ".join(_printable(" ".join(text.split())).split())


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends with punctuation."""
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def prose(text: str, *, width: int = LINE_LENGTH - 7, indent: int = 0, hanging: int = 0) -> Code:
    """The text wrapped for a docstring; nothing in it can end the docstring or start an escape.

    Args:
        text: Paragraphs, with blank lines between them.
        width: Columns.
        indent: The indentation of every line.
        hanging: Additional indentation of the lines of a paragraph except the first.
    """
    paragraphs = [one_line(part) for part in re.split(r"\n\s*\n", text)]
    lines: list[str] = []
    for paragraph in filter(None, paragraphs):
        wrapped = textwrap.wrap(
            paragraph,
            width - indent,
            subsequent_indent=" " * hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += [*([""] if lines else []), *wrapped]
    escaped = in_docstring(textwrap.indent("\n".join(lines), " " * indent))
    # A quote before the closing quotes would be read as part of them.
    return Code(f"{escaped} " if escaped.endswith('"') else escaped)


def in_docstring(text: str) -> Code:
    """The text as part of a docstring, which it does not end; a quote at its end may not be the last character."""
    return Code(text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"'))


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


def joined(separator: str, parts: Iterable[Code]) -> Code:
    """Join pieces of source with a separator, which must come from the generator itself."""
    return Code(separator.join(parts))
