"""Reads one file of a spec, YAML 1.2 or JSON, into JSON values, and records the line of each.

Keys are the text as written (``200:`` is ``"200"``), anchors and merge keys are
expanded, ``no`` and ``2024-01-01`` are strings, duplicate keys are errors. No tag constructs anything.
"""

from __future__ import annotations

import math
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from attrs import frozen

from sdkgen.json_nodes import compose_json
from sdkgen.nodes import MAX_DEPTH, ListNode, Node, NotReadable, ObjectNode, ScalarNode, too_deep
from sdkgen.pointers import child, parent
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.yaml_nodes import compose_yaml

__all__ = ["MAX_VALUES", "Source", "display_name", "load", "loads"]

MAX_BYTES = 100_000_000
MAX_VALUES = 1_000_000  # aliases multiply: nine levels of nine aliases each are a billion values
MAX_DIGITS = 1000

_INTEGER = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEANS: dict[str, bool] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_SCALAR_TAGS = frozenset({"!!int", "!!float", "!!bool", "!!null"})
_ALWAYS_TEXT = frozenset({"/openapi", "/swagger", "/info/version"})  # 3.1 and 1.0 are versions, quoted or not


@frozen
class Source:
    """A file of a spec."""

    path: Path
    name: str
    """The file as named in messages."""
    document: dict[str, Any]
    lines: Mapping[str, int]
    """The line of every value by JSON Pointer; of a member, the line of its key."""

    def line(self, pointer: str) -> int:
        """The line of the value, or of the nearest value that contains it."""
        while pointer and pointer not in self.lines:
            pointer = parent(pointer)
        return self.lines.get(pointer, 1)


def display_name(path: Path, base: Path | None = None) -> str:
    """The path relative to ``base`` (default: the working directory) if it lies below it, with forward slashes."""
    try:
        return path.resolve().relative_to((base or Path.cwd()).resolve()).as_posix()
    except ValueError:
        return path.as_posix()


def load(path: Path, name: str | None = None) -> Source:
    """Read a file. Raises ProblemsFound when it cannot be read, is not YAML or JSON, or is not an object."""
    name = name or display_name(path)
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) and not stat.S_ISDIR(found.st_mode):  # reading could block forever
            raise _found(name, None, "it is not a regular file", "Save the document in a file.")
        if found.st_size > MAX_BYTES:
            raise _found(name, None, f"it has more than {MAX_BYTES // 1_000_000} MB", "Split it into several files.")
        data = path.read_bytes()
    except FileNotFoundError:
        raise _found(name, None, "the file does not exist") from None
    except IsADirectoryError:
        raise _found(name, None, "it is a folder", "Name the document inside it.") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is no file name"
        raise _found(name, None, f"it cannot be read: {reason}") from None
    return loads(data, path=path, name=name)


def loads(data: bytes, *, path: Path, name: str) -> Source:
    """Like :func:`load`, from bytes."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{data[error.start]:02x} is not UTF-8"
        raise _found(name, line, what, "Save the file as UTF-8.") from None
    builder = _Builder(name)
    try:
        node = _compose(text, name)
        if node is None:
            raise _found(name, None, "the file is empty", "An OpenAPI document starts with `openapi: 3.1.0`.")
        value = builder.build(node, "", 0)
    except NotReadable as error:
        raise _found(name, error.line, error.what, error.next_step) from None
    if not isinstance(value, dict):
        kind = "a list" if isinstance(value, list) else "a single value"
        raise _found(name, 1, f"the document is {kind}, not an object", "Write `key: value` lines at the top level.")
    if builder.problems:
        raise ProblemsFound(builder.problems)
    return Source(path, name, cast("dict[str, Any]", value), builder.lines)


def _found(name: str, line: int | None, what: str, next_step: str = "") -> ProblemsFound:
    return ProblemsFound([Problem(file=name, line=line, what=what, next_step=next_step)])


def _compose(text: str, name: str) -> Node | None:
    """Parse as JSON or YAML; text that looks like JSON may still be YAML in flow style."""
    if name.endswith(".json"):
        return compose_json(text) if text.strip() else None
    if text.lstrip()[:1] in ("{", "["):
        try:
            return compose_json(text)
        except NotReadable:
            pass
    return compose_yaml(text)


class _Builder:
    """Turns nodes into JSON values and records the line of each."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []
        self._open: set[int] = set()
        self._expanded: dict[int, dict[str, tuple[Node, Node]]] = {}
        self._merged = 0

    def build(self, node: Node, pointer: str, depth: int, line: int | None = None) -> object:
        self.lines[pointer] = line or node.line
        if len(self.lines) > MAX_VALUES:
            raise NotReadable(node.line, f"it has more than {MAX_VALUES} values once aliases are expanded")
        if depth > MAX_DEPTH:
            raise too_deep(node.line)
        if isinstance(node, ScalarNode):
            return self._scalar(node, pointer)
        self._enter(node)
        if node.tag not in (None, "!!seq" if isinstance(node, ListNode) else "!!map"):
            self._refuse_tag(node, pointer)
        value: object
        if isinstance(node, ListNode):
            value = [self.build(item, child(pointer, index), depth + 1) for index, item in enumerate(node.items)]
        else:
            value = {
                key: self.build(member, child(pointer, key), depth + 1, key_node.line)
                for key, (key_node, member) in self._members(node, pointer).items()
            }
        self._open.discard(id(node))
        return value

    def _enter(self, node: Node) -> None:
        if id(node) in self._open:
            raise NotReadable(node.line, "the anchor contains an alias to itself", "Remove the alias.")
        self._open.add(id(node))

    def _problem(self, node: Node, pointer: str, what: str, next_step: str = "") -> None:
        self.problems.append(Problem(file=self.name, line=node.line, pointer=pointer, what=what, next_step=next_step))

    def _refuse_tag(self, node: Node, pointer: str) -> None:
        what = f"the tag `{node.tag}` is not allowed"
        self._problem(node, pointer, what, "Tags construct nothing here; remove it.")

    def _members(self, node: ObjectNode, pointer: str) -> dict[str, tuple[Node, Node]]:
        """Key and value nodes by key: the object's own members, then those of its merge keys in order."""
        members: dict[str, tuple[Node, Node]] = {}
        merges: list[tuple[Node, Node]] = []
        for key_node, value_node in node.members:
            if not isinstance(key_node, ScalarNode):
                self._problem(key_node, pointer, "a key is a list or an object", "Keys are plain text.")
            elif key_node.plain and key_node.text == "<<":
                merges.append((key_node, value_node))
            elif (key := self._text(key_node, pointer)) in members:
                lines = f"in line {members[key][0].line} and in line {key_node.line}"
                what = f"`{key}` is written twice in one object, {lines}"
                self._problem(key_node, child(pointer, key), what, "Keep one of them.")
            else:
                members[key] = (key_node, value_node)
        for key_node, value_node in merges:
            for source in value_node.items if isinstance(value_node, ListNode) else [value_node]:
                if not isinstance(source, ObjectNode):
                    self._problem(
                        key_node, pointer, "`<<` merges a value that is not an object", "Merge an alias of an object."
                    )
                    continue
                for key, member in self._merged_members(source, pointer).items():
                    members.setdefault(key, member)
        return members

    def _merged_members(self, source: ObjectNode, pointer: str) -> dict[str, tuple[Node, Node]]:
        """The members of an object that ``<<`` merges, computed once for all merges."""
        if id(source) not in self._expanded:
            self._enter(source)
            self._expanded[id(source)] = self._members(source, pointer)
            self._open.discard(id(source))
        members = self._expanded[id(source)]
        self._merged += len(members)
        if self._merged > MAX_VALUES:
            raise NotReadable(source.line, f"`<<` merges more than {MAX_VALUES} members", "Write them out.")
        return members

    def _text(self, node: ScalarNode, pointer: str) -> str:
        if any("\ud800" <= character <= "\udfff" for character in node.text):
            self._problem(node, pointer, "an unpaired surrogate is not a character", "Remove it, or write both halves.")
            return ""
        return node.text

    def _scalar(self, node: ScalarNode, pointer: str) -> object:
        text = self._text(node, pointer)
        if node.tag not in (None, "!!str", "!", *_SCALAR_TAGS):
            self._refuse_tag(node, pointer)
            return text
        if node.tag in ("!!str", "!") or (node.tag is None and not node.plain) or pointer in _ALWAYS_TEXT:
            return text
        if text in _NULLS:
            return None
        return _BOOLEANS[text] if text in _BOOLEANS else self._number(node, text, pointer)

    def _number(self, node: ScalarNode, text: str, pointer: str) -> object:
        """The number, or the text if it is not a number (YAML 1.2, core schema)."""
        if _INTEGER.fullmatch(text):
            if len(text) > MAX_DIGITS:
                self._problem(node, pointer, f"the number has more than {MAX_DIGITS} digits", "Put quotes around it.")
                return 0
            return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
        if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
            return number
        if _FLOAT.fullmatch(text) or _NOT_FINITE.fullmatch(text):
            what = f"`{text[:40]}` is not a number that JSON can represent"
            self._problem(node, pointer, what, "Put quotes around it if it is text.")
            return 0
        return text
