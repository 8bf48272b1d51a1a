"""Parses JSON into nodes, so that YAML and JSON share one builder and every value has its line.

A YAML parser is no substitute: it rejects tabs between tokens, limits the length of keys and splits surrogate pairs.
"""

from __future__ import annotations

import bisect
import json
import re

from sdkgen.nodes import MAX_DEPTH, ListNode, Node, NotReadable, ObjectNode, ScalarNode, too_deep

__all__ = ["compose_json"]

_SPACE = re.compile(r"[ \t\n\r]*")
_LITERALS = {"true": "!!bool", "false": "!!bool", "null": "!!null"}


def compose_json(text: str) -> Node:
    """The root node. Raises NotReadable."""
    try:
        return _Composer(text).document()
    except json.JSONDecodeError as error:
        raise NotReadable(error.lineno, f"it is not JSON: {error.msg[:1].lower()}{error.msg[1:]}") from None


class _Composer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=self._constant)
        self.newlines = [match.start() for match in re.finditer("\n", text)]

    def _constant(self, name: str) -> object:
        raise json.JSONDecodeError(f"the constant {name} is not a JSON value", self.text, self.text.find(name))

    def document(self) -> Node:
        node, position = self.value(self.skip(0), 0)
        position = self.skip(position)
        if position != len(self.text):
            raise json.JSONDecodeError("text after the end of the document", self.text, position)
        return node

    def skip(self, position: int) -> int:
        match = _SPACE.match(self.text, position)
        return position if match is None else match.end()

    def line(self, position: int) -> int:
        return bisect.bisect_left(self.newlines, position) + 1

    def value(self, position: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise too_deep(self.line(position))
        match self.text[position : position + 1]:
            case "{":
                return self.object(position, depth)
            case "[":
                return self.list(position, depth)
            case _:
                return self.scalar(position)

    def scalar(self, position: int) -> tuple[Node, int]:
        value, end = self.decoder.raw_decode(self.text, position)
        written = self.text[position:end]
        if written.startswith('"'):
            return ScalarNode(self.line(position), str(value), plain=False), end
        return ScalarNode(self.line(position), written, _LITERALS.get(written, "!!float")), end

    def object(self, start: int, depth: int) -> tuple[Node, int]:
        node = ObjectNode(self.line(start))
        position = self.skip(start + 1)
        while self.text[position : position + 1] != "}":
            if self.text[position : position + 1] != '"':
                raise json.JSONDecodeError("a key in double quotes or } is expected", self.text, position)
            key, position = self.scalar(position)
            position = self.expect(":", self.skip(position))
            value, position = self.value(self.skip(position), depth + 1)
            node.members.append((key, value))
            position = self.next_item("}", position)
        return node, position + 1

    def list(self, start: int, depth: int) -> tuple[Node, int]:
        node = ListNode(self.line(start))
        position = self.skip(start + 1)
        while self.text[position : position + 1] != "]":
            value, position = self.value(position, depth + 1)
            node.items.append(value)
            position = self.next_item("]", position)
        return node, position + 1

    def next_item(self, end: str, position: int) -> int:
        """The position of the next item, or of the bracket that ends the collection."""
        position = self.skip(position)
        if self.text[position : position + 1] == end:
            return position
        position = self.skip(self.expect(",", position))
        if self.text[position : position + 1] == end:
            raise json.JSONDecodeError("a comma before the closing bracket", self.text, position)
        return position

    def expect(self, character: str, position: int) -> int:
        if self.text[position : position + 1] != character:
            raise json.JSONDecodeError(f"{character} is expected", self.text, position)
        return position + 1
