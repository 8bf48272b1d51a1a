"""Parses YAML 1.2 into nodes. Aliases share the node of their anchor; tags are kept, and construct nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from attrs import define, field
from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.reader import ReaderError

from sdkgen.nodes import MAX_DEPTH, ListNode, Node, NotReadable, ObjectNode, ScalarNode, too_deep

__all__ = ["compose_yaml"]

_TAG = "tag:yaml.org,2002:"


def compose_yaml(text: str) -> Node | None:
    """Return the root node; None for an empty text. Raises NotReadable."""
    composer = _Composer()
    parser: Any = YAML(typ="safe", pure=True)
    try:
        for event in cast("Iterator[Any]", parser.parse(text)):
            composer.take(event)
    except MarkedYAMLError as error:
        raise _syntax_error(cast(Any, error)) from None
    except ReaderError as error:
        raise _character_error(text, cast(Any, error)) from None
    except (YAMLError, ValueError) as error:
        raise NotReadable(None, f"it is not YAML: {str(error).splitlines()[0]}") from None
    return composer.root


@define
class _Composer:
    """Builds the tree from events, without recursion: the caller checks the depth."""

    root: Node | None = None
    documents: int = 0
    anchors: dict[str, Node] = field(factory=dict[str, Node])
    open: list[ListNode | ObjectNode] = field(factory=list[ListNode | ObjectNode])
    keys: list[Node | None] = field(factory=list[Node | None])
    """For every open collection, the key whose value is not read yet."""

    def take(self, event: Any) -> None:
        line = int(event.start_mark.line) + 1
        if isinstance(event, events.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise NotReadable(line, "a second YAML document starts here (`---`)", "Keep one document per file.")
        elif isinstance(event, events.AliasEvent):
            name = str(cast(Any, event).anchor)
            if name not in self.anchors:
                step = f"Write `&{name}` at the value that is meant, above this line."
                raise NotReadable(line, f"the alias `*{name}` has no anchor", step)
            self.add(self.anchors[name])
        elif isinstance(event, events.ScalarEvent):
            scalar = cast(Any, event)
            self.start(event, ScalarNode(line, str(scalar.value), _written_tag(event), bool(scalar.implicit[0])))
        elif isinstance(event, events.SequenceStartEvent):
            self.start(event, ListNode(line, _written_tag(event)))
        elif isinstance(event, events.MappingStartEvent):
            self.start(event, ObjectNode(line, _written_tag(event)))
        elif isinstance(event, events.SequenceEndEvent | events.MappingEndEvent):
            self.open.pop()
            self.keys.pop()

    def start(self, event: Any, node: Node) -> None:
        if event.anchor is not None:
            self.anchors[str(event.anchor)] = node
        self.add(node)
        if not isinstance(node, ScalarNode):
            if len(self.open) > MAX_DEPTH:  # checked early: the parser takes quadratic time for nested collections
                raise too_deep(node.line)
            self.open.append(node)
            self.keys.append(None)

    def add(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        holder = self.open[-1]
        if isinstance(holder, ListNode):
            holder.items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = node
        else:
            holder.members.append((key, node))
            self.keys[-1] = None


def _written_tag(event: Any) -> str | None:
    tag = event.tag
    return None if tag is None else str(tag).replace(_TAG, "!!")


def _character_error(text: str, error: Any) -> NotReadable:
    position = int(error.position)
    what = f"character U+{ord(text[position]):04X} is not allowed in a YAML file"
    step = 'Write it as an escape in double quotes ("\\u0000"), or remove it.'
    return NotReadable(text.count("\n", 0, position) + 1, what, step)


def _syntax_error(error: Any) -> NotReadable:
    mark = error.problem_mark or error.context_mark
    line = None if mark is None else int(mark.line) + 1
    problem, context = str(error.problem or "unreadable"), str(error.context or "")
    if "\\t" in problem:
        return NotReadable(line, "a tab is used for indentation", "Indent with spaces.")
    if "mapping values are not allowed" in problem:
        step = "Check the indentation of this line, and put quotes around a string that contains `: `."
        return NotReadable(line, "a `key: value` is not allowed here", step)
    begun = error.context_mark
    if "quoted scalar" in context and begun is not None:
        return NotReadable(int(begun.line) + 1, "the quote that opens here is never closed", "Close it.")
    if "<block end>" in problem:
        if "'<scalar>'" in problem:
            step = "Write a quote inside single quotes twice: `'it''s'`."
            return NotReadable(line, "text continues after a closing quote", step)
        since = "" if begun is None else f" that begins in line {int(begun.line) + 1}"
        what = f"this line is neither inside nor next to the block{since}"
        return NotReadable(line, what, "Indent it like the lines that it belongs to.")
    if "cannot start any token" in problem:
        return NotReadable(line, f"it is not YAML: {problem}", "Put quotes around a string that starts with it.")
    since = f" ({context}, begun in line {int(begun.line) + 1})" if context and begun is not None else ""
    return NotReadable(
        line, f"it is not YAML: {problem}{since}", "Check indentation, quotes and brackets above this line."
    )
