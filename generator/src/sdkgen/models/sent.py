"""The classes that requests can contain: each has a ``TypedDict``, with which arguments are checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from keyword import iskeyword
from typing import Any

from attrs import frozen

from sdkgen.code import Code, literal
from sdkgen.models.fields import FieldFacts
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ClassName, SchemaType
from sdkgen.pointers import as_object
from sdkgen.structure import walk

__all__ = ["DictFacts", "dict_facts", "sent_classes"]


_STRINGS = re.compile(r"""("|')(?:\\.|(?!\1).)*\1""")


@frozen
class DictFacts:
    """The ``TypedDict`` of a class."""

    name: Code
    members: tuple[tuple[Code, Code], ...]
    """Key and annotation of each."""
    as_class: bool
    """Whether the class syntax is possible: every key can be the name of an attribute."""


def dict_facts(name: ClassName, fields: Iterable[FieldFacts]) -> DictFacts:
    """The ``TypedDict`` of a class with these members."""
    members = [(field.name, field.accepted) for field in fields]
    used = {word for _, annotation in members for word in re.findall(r"\w+", _STRINGS.sub("", annotation))}
    as_class = all(_is_plain(key) and key not in used for key, _ in members)
    keys = [Code(key) if as_class else literal(key) for key, _ in members]
    annotations = [annotation if as_class else literal(annotation) for _, annotation in members]
    return DictFacts(name.dict_name, tuple(zip(keys, annotations, strict=True)), as_class)


def _is_plain(key: str) -> bool:
    """Whether a key is an identifier that Python neither normalises nor mangles."""
    return key.isascii() and key.isidentifier() and not iskeyword(key) and not key.startswith("__")


def sent_classes(
    document: Mapping[str, Any], reader: SchemaTypes, held: Mapping[ClassName, Iterable[SchemaType]]
) -> frozenset[ClassName]:
    """The classes of request bodies and parameters, and the classes they contain.

    Args:
        document: The prepared document.
        reader: The types of its schemas.
        held: The types of the members of each object class.
    """
    found: set[ClassName] = set()
    queue = [reader.of(schema) for schema in _schemas_of_requests(document)]
    while queue:
        for name in queue.pop().classes() - found:
            found.add(name)
            queue += held.get(name, ())
    return frozenset(found)


def _schemas_of_requests(document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for node in walk(document):
        if node.kind in {"request-body", "parameter"}:
            holders = [node.value, *map(as_object, as_object(node.value.get("content")).values())]
            yield from (as_object(holder["schema"]) for holder in holders if "schema" in holder)
