"""The fields of a form that stand for an example of its body, by the spec."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

KINDS = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}


def form_fields(media: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and text of each field.

    Args:
        media: the Media Type Object.
        body: the example.
    """
    for name, value in body.items():
        entries = media.get("encoding", {}).get(name, {}).get("x-entries")
        if entries is None:
            yield name, _text(value)
            continue
        for number, (key, member) in enumerate(value.items()):
            texts = {"name": key, "value": _text(member), "type": entries["types"][KINDS[type(member)]]}
            for part, text in texts.items():
                yield entries[part].replace("{index}", str(number)), text


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
