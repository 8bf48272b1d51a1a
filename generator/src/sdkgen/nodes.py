"""The output of the YAML and JSON parsers: values as written, each with its line."""

from __future__ import annotations

from attrs import define, field

__all__ = ["MAX_DEPTH", "ListNode", "Node", "NotReadable", "ObjectNode", "ScalarNode", "too_deep"]

MAX_DEPTH = 100


class NotReadable(Exception):
    """The text is not in the format; the attributes have the same meaning as those of a Problem."""

    def __init__(self, line: int | None, what: str, next_step: str = "") -> None:
        super().__init__(what)
        self.line = line
        self.what = what
        self.next_step = next_step


def too_deep(line: int) -> NotReadable:
    """Return the error for a value nested in more than ``MAX_DEPTH`` others."""
    return NotReadable(line, f"it is nested more than {MAX_DEPTH} levels deep here", "Use `$ref` for the inner parts.")


@define(eq=False)
class ScalarNode:
    """A string, number, boolean or null, whose type is not yet resolved."""

    line: int
    text: str
    tag: str | None = None
    """As written: ``!!int``; ``None`` where there is none."""
    plain: bool = True
    """Whether it has no quotes, so that it may be another type than a string."""


@define(eq=False)
class ListNode:
    """A list."""

    line: int
    tag: str | None = None
    items: list[Node] = field(factory=list["Node"])


@define(eq=False)
class ObjectNode:
    """An object: pairs of key and value in the order they were written."""

    line: int
    tag: str | None = None
    members: list[tuple[Node, Node]] = field(factory=list["tuple[Node, Node]"])


Node = ScalarNode | ListNode | ObjectNode
