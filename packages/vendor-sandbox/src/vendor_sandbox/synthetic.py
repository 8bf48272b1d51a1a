"""Synthetic records, modelled on the examples, and identifiers. The same seed gives the same data."""

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
"""Members, in addition to the key, that differ between synthetic records; all others are as in the example."""


class Synthetic:
    """The synthetic data of a vendor.

    Args:
        seed: seed of all data.
        records: minimum number of records in each list at the start.
    """

    def __init__(self, seed: int = 0, records: int = 0) -> None:
        self.seed = seed
        self.records = records
        self._random = random.Random(seed)

    def next_uuid(self) -> str:
        """The next UUID (version 4) of the sequence that the seed determines."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def key(self, about: str) -> uuid.UUID:
        """The UUID of a name, the same in every run."""
        return uuid.uuid5(NAMESPACE, f"{self.seed}/{about}" if self.seed else about)


NAMESPACE = uuid.UUID("5b1e0c52-7c0a-4c57-9c1e-0f6b8f1d2a3c")


def like(example: JsonObject, number: int) -> JsonObject:
    """The ``number``-th record like an example: with its own names, everything else unchanged."""
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
