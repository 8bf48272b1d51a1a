"""The name and the module of every generated class."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from typing import Any

from openapi_python_client.strings import ClassName as ParserClassName
from openapi_python_client.strings import PythonIdentifier

from sdkgen.code import Code, shortened
from sdkgen.models.hoist import bears_class
from sdkgen.models.schema_types import ClassName
from sdkgen.pointers import as_object

__all__ = ["FIELD_PREFIX", "TEMPLATE_NAMES", "class_names", "field_names"]

FIELD_PREFIX = "field_"
"""The prefix with which openapi-python-client turns a name into a Python identifier."""

TEMPLATE_NAMES = frozenset(
    [
        "Any",
        "Callable",
        "ClassVar",
        "DecodeError",
        "File",
        "FileInput",
        "Final",
        "IntEnum",
        "Literal",
        "Mapping",
        "Model",
        "NotRequired",
        "Self",
        "Sequence",
        "StrEnum",
        "TableParts",
        "Tabular",
        "TypeAlias",
        "TypedDict",
        "UNSET",
        "UUID",
    ]
)
"""Names that the modules of models use themselves. A schema of that name becomes the class ``…Model``."""

_OF_TABLES = ("rows", "to_arrow", "to_pandas", "to_polars")
_MEMBER_NAMES = frozenset(
    [
        "additional_properties",
        "cls",
        "field",
        "from_dict",
        "from_json",
        "is_set",
        "masked",
        "replace",
        "to_dict",
        "to_json",
        "to_multipart",
        *_OF_TABLES,
    ]
)
"""Attributes of every model, and names that its class body uses."""


def class_names(components: Mapping[str, Any], reserved: Collection[str] = ()) -> dict[str, ClassName]:
    """Name the class of each component that has one, in document order.

    Args:
        components: The schemas under ``components``, all classes hoisted.
        reserved: Names that the package uses itself, in addition to :data:`TEMPLATE_NAMES`.
    """
    taken = {*TEMPLATE_NAMES, *reserved}
    modules: set[str] = set()
    found: dict[str, ClassName] = {}
    for component, schema in components.items():
        if not bears_class(as_object(schema)):
            continue
        wanted, number = shortened(component, _LONGEST_NAME), 0
        name = _class(wanted)
        while (
            not taken.isdisjoint((name, f"{name}Dict")) or (module := _module(name)) in modules or _is_too_long(module)
        ):
            if _is_too_long(_module(name)):
                wanted = wanted[: len(wanted) // 2]
            else:
                number += 1
            base = _class(wanted).rstrip("_")
            name = _class(f"{base}{('', 'Model')[number] if number < 2 else number}")
        taken |= {name, f"{name}Dict"}
        modules.add(_module(name))
        found[component] = ClassName(Code(name), Code(_module(name)))
    return found


_LONGEST_NAME = 100  # a module is a file, whose name has a limit
_LONGEST_MODULE_IN_BYTES = 200


def _is_too_long(module: str) -> bool:
    return len(module.encode()) > _LONGEST_MODULE_IN_BYTES


def _class(text: str) -> str:
    return _as_python_reads_it(ParserClassName(_as_python_reads_it(text), FIELD_PREFIX))


def _module(class_name: str) -> str:
    """The module of a class; its name differs from the class, which it would hide as an attribute of the package."""
    name = _as_python_reads_it(PythonIdentifier(class_name, FIELD_PREFIX))
    return f"{name}_" if name == class_name else name


def _as_python_reads_it(name: str) -> str:
    """Normalise a name (NFKC), as Python does: names that differ in text can be the same identifier."""
    return unicodedata.normalize("NFKC", name)


def field_names(members: Collection[str]) -> dict[str, Code]:
    """The attribute for each member of an object: in snake case, or as written where two would have the same name."""
    short = {member: _attribute(member) for member in members}
    meeting = {name for name in short.values() if sum(other == name for other in short.values()) > 1}
    found: dict[str, Code] = {}
    for member, name in short.items():
        candidate = _attribute(member, as_written=True) if name in meeting else name
        number = 2
        while candidate in found.values():
            candidate = Code(f"{name}_{number}")
            number += 1
        found[member] = candidate
    return found


def _attribute(member: str, *, as_written: bool = False) -> Code:
    name = _as_python_reads_it(PythonIdentifier(_as_python_reads_it(member), FIELD_PREFIX, skip_snake_case=as_written))
    if name[:1].isupper():  # it would hide the class of that name from the annotations
        name = f"{FIELD_PREFIX}{name}"
    return Code(f"{name}_" if name in _MEMBER_NAMES else name)
