"""Data that is synthetic: more records like those of the examples, and identifiers. The same seed, the same data."""

from __future__ import annotations

import copy
import random
import re
import uuid

from vendor_sandbox.json_values import JsonObject, is_object

__all__ = ["Synthetic", "like"]

NAMING = (
    "name",
    "title",
    "code",
    "authentication_code",
    "number",
    "identifier",
    "first_name",
    "subject_name",
    "rule_title",
    "email",
)
"""Members that tell one thing from another, next to its key; all others are as in the example."""


class Synthetic:
    """What a vendor makes up.

    Args:
        seed: of everything.
        records: how many records lists have from the start, if the examples have fewer.
    """

    def __init__(self, seed: int = 0, records: int = 0) -> None:
        self.seed = seed
        self.records = records
        self._random = random.Random(seed)

    def next_uuid(self) -> str:
        """The next UUID (version 4) of the row that the seed begins."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def key(self, about: str) -> uuid.UUID:
        """The UUID of a thing, the same in every run."""
        return uuid.uuid5(NAMESPACE, f"{self.seed}/{about}" if self.seed else about)


NAMESPACE = uuid.UUID("5b1e0c52-7c0a-4c57-9c1e-0f6b8f1d2a3c")


def like(example: JsonObject, number: int) -> JsonObject:
    """The ``number``-th thing like an example: its own names, everything else the same."""
    item = copy.deepcopy(example)
    for part in (item, item.get("attributes")):
        if is_object(part):
            part.update({name: _renamed(part[name], number) for name in NAMING if isinstance(part.get(name), str)})
    return item


def _renamed(text: str, number: int) -> str:
    local, at, domain = text.partition("@")
    if at:
        return f"{local}.{number}@{domain}"
    counted = re.fullmatch(r"(.*?)(\d+)", text)
    if counted is not None:
        return f"{counted[1]}{int(counted[2]) + number:0{len(counted[2])}}"
    return f"{text} {number}"
