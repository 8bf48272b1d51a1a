"""Types of values that contain others: arrays, maps, unions, and nullable values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from sdkgen.code import Code, joined
from sdkgen.models.simple_types import ANY, FILE, INTEGER, NULL, NUMBER, STRING, ConstType, EnumType, ModelType, Scalar
from sdkgen.models.type_base import WITHOUT_UNSET, ClassName, Imports, SchemaType, encoder, helper, imports_of

__all__ = ["ListType", "MapType", "NullableType", "TaggedUnion", "TupleType", "UnionType", "nullable", "union"]


_LIST_DECODERS: Mapping[SchemaType, Code] = {ANY: Code("array"), FILE: Code("files_to_send")}
"""Decoders of lists by type of item, where the items have no decoder of their own."""


@frozen
class ListType(SchemaType):
    """An array whose items have one type."""

    inner: SchemaType

    @property
    def annotation(self) -> Code:
        return Code(f"list[{self.inner.annotation}]")

    @property
    def annotation_imports(self) -> Imports:
        return self.inner.annotation_imports

    def accepted(self, *, text: bool = False) -> Code:
        inner = self.inner.accepted(text=text)
        return self.annotation if inner == self.inner.annotation else Code(f"Sequence[{inner}]")

    @property
    def accepted_imports(self) -> Imports:
        return self.inner.accepted_imports | {("collections.abc", "Sequence")}

    @property
    def decode_imports(self) -> Imports:
        if self.inner == FILE:
            return frozenset({("._given", "files_to_send")})
        return helper("array") if self.inner == ANY else helper("list_of") | self.inner.decode_imports

    @property
    def encode_imports(self) -> Imports:
        return self.inner.encode_imports

    @property
    def has_own_format(self) -> bool:
        return self.inner.has_own_format

    def decode(self, value: Code) -> Code:
        if self.inner in _LIST_DECODERS:
            return Code(f"{_LIST_DECODERS[self.inner]}({value})")
        return Code(f"list_of({value}, {self.inner.decoder})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        if self.inner.is_identity:
            return value
        item = _item_name(value)
        return Code(f"[{self.inner.encode(item, exclude_unset=exclude_unset)} for {item} in {value}]")

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        if self.inner == FILE:
            return Code(""), (Code("files_in(data)"),)
        return (Code(""), (Code("array"),)) if self.inner == ANY else (Code("list"), (self.inner.decoder,))

    @property
    def reader_imports(self) -> Imports:
        if self.inner == FILE:
            return frozenset({("._given", "files_in")})
        return self.decode_imports if self.inner == ANY else self.inner.decode_imports

    def classes(self) -> frozenset[ClassName]:
        return self.inner.classes()


@frozen
class MapType(SchemaType):
    """An object with members of any name and one type."""

    inner: SchemaType

    @property
    def annotation(self) -> Code:
        return Code(f"dict[str, {self.inner.annotation}]")

    @property
    def annotation_imports(self) -> Imports:
        return self.inner.annotation_imports

    def accepted(self, *, text: bool = False) -> Code:
        return Code(f"Mapping[str, {self.inner.accepted(text=text)}]")

    @property
    def accepted_imports(self) -> Imports:
        return self.inner.accepted_imports | {("collections.abc", "Mapping")}

    @property
    def decode_imports(self) -> Imports:
        return helper("json_object") if self.inner == ANY else helper("map_of") | self.inner.decode_imports

    @property
    def encode_imports(self) -> Imports:
        return self.inner.encode_imports

    @property
    def has_own_format(self) -> bool:
        return self.inner.has_own_format

    def decode(self, value: Code) -> Code:
        if self.inner == ANY:
            return Code(f"json_object({value})")
        return Code(f"map_of({value}, {self.inner.decoder})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        if self.inner.is_identity:
            return value
        item = _item_name(value)
        return Code(
            f"{{key: {self.inner.encode(item, exclude_unset=exclude_unset)} for key, {item} in {value}.items()}}"
        )

    def classes(self) -> frozenset[ClassName]:
        return self.inner.classes()


@frozen
class TupleType(SchemaType):
    """An array of a fixed length whose items each have a type."""

    inners: tuple[SchemaType, ...]

    @property
    def annotation(self) -> Code:
        return Code(f"tuple[{joined(', ', (inner.annotation for inner in self.inners))}]")

    @property
    def annotation_imports(self) -> Imports:
        return imports_of(self.inners, "annotation_imports")

    def accepted(self, *, text: bool = False) -> Code:
        return Code(f"tuple[{joined(', ', (inner.accepted(text=text) for inner in self.inners))}]")

    @property
    def accepted_imports(self) -> Imports:
        return imports_of(self.inners, "accepted_imports")

    @property
    def decode_imports(self) -> Imports:
        return helper("tuple_of") | imports_of(self.inners, "decode_imports")

    @property
    def encode_imports(self) -> Imports:
        return imports_of(self.inners, "encode_imports")

    @property
    def is_identity(self) -> bool:
        return False

    def decode(self, value: Code) -> Code:
        return Code(f"tuple_of({value}, {joined(', ', (inner.decoder for inner in self.inners))})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        if all(inner.is_identity for inner in self.inners):
            return Code(f"list({value})")
        items = (
            inner.encode(Code(f"{value}[{i}]"), exclude_unset=exclude_unset) for i, inner in enumerate(self.inners)
        )
        return Code(f"[{joined(', ', items)}]")

    def classes(self) -> frozenset[ClassName]:
        return frozenset(name for inner in self.inners for name in inner.classes())


@frozen
class NullableType(SchemaType):
    """A value that may be ``null``."""

    inner: SchemaType

    @property
    def admits_null(self) -> bool:
        return True

    @property
    def annotation(self) -> Code:
        return Code(f"{self.inner.annotation} | None")

    @property
    def annotation_imports(self) -> Imports:
        return self.inner.annotation_imports

    def accepted(self, *, text: bool = False) -> Code:
        return Code(f"{self.inner.accepted(text=text)} | None")

    @property
    def accepted_imports(self) -> Imports:
        return self.inner.accepted_imports

    @property
    def decode_imports(self) -> Imports:
        return helper("nullable") | self.inner.decode_imports

    @property
    def encode_imports(self) -> Imports:
        return self.inner.encode_imports

    @property
    def has_own_format(self) -> bool:
        return self.inner.has_own_format

    def decode(self, value: Code) -> Code:
        return Code(f"nullable({value}, {self.inner.decoder})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        if self.inner.is_identity:
            return value
        return Code(f"(None if {value} is None else {self.inner.encode(value, exclude_unset=exclude_unset)})")

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        return self.inner.reader

    @property
    def reader_imports(self) -> Imports:
        return self.inner.reader_imports

    def classes(self) -> frozenset[ClassName]:
        return self.inner.classes()


@frozen
class UnionType(SchemaType):
    """One of several types, which are tried in this order; at most one of them is a model."""

    inners: tuple[SchemaType, ...]

    @property
    def annotation(self) -> Code:
        return _alternatives(inner.annotation for inner in self.inners)

    @property
    def annotation_imports(self) -> Imports:
        return imports_of(self.inners, "annotation_imports")

    def accepted(self, *, text: bool = False) -> Code:
        return _alternatives(inner.accepted(text=text) for inner in self.inners)

    @property
    def accepted_imports(self) -> Imports:
        return imports_of(self.inners, "accepted_imports")

    @property
    def decode_imports(self) -> Imports:
        return helper("first_of") | imports_of(self.inners, "decode_imports")

    @property
    def encode_imports(self) -> Imports:
        return frozenset() if self.is_identity else encoder("to_json")

    @property
    def is_identity(self) -> bool:
        return all(inner.is_identity for inner in self.inners)

    @property
    def decodes_untyped(self) -> bool:
        return True

    def decode(self, value: Code) -> Code:
        return Code(f"first_of({value}, {joined(', ', (inner.decoder for inner in self.inners))})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        return value if self.is_identity else _member_to_json(value, exclude_unset)

    def classes(self) -> frozenset[ClassName]:
        return frozenset(name for inner in self.inners for name in inner.classes())


@frozen
class TaggedUnion(SchemaType):
    """A union of models, with a module of its own and a function that decodes it."""

    name: ClassName
    """The type alias of the union."""
    members: tuple[SchemaType, ...] = field(repr=False)
    base: SchemaType | None = None
    """The model for objects with an unknown tag; ``None``: they stay raw objects."""

    @property
    def annotation(self) -> Code:
        return UnionType(self._alternatives).annotation

    @property
    def annotation_imports(self) -> Imports:
        return imports_of(self.members, "annotation_imports") | ANY.annotation_imports

    def accepted(self, *, text: bool = False) -> Code:
        return UnionType(self._alternatives).accepted(text=text)

    @property
    def accepted_imports(self) -> Imports:
        return imports_of(self._alternatives, "accepted_imports")

    @property
    def _alternatives(self) -> tuple[SchemaType, ...]:
        return self.members if self.base else (*self.members, MapType(ANY))

    @property
    def function(self) -> Code:
        return Code(f"decode_{self.name.module}")

    @property
    def decode_imports(self) -> Imports:
        return frozenset({(f".models.{self.name.module}", self.function)})

    @property
    def encode_imports(self) -> Imports:
        return encoder("to_json")

    def decode(self, value: Code) -> Code:
        return Code(f"{self.function}({value})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        return _member_to_json(value, exclude_unset)

    def classes(self) -> frozenset[ClassName]:
        return frozenset({self.name, *(name for member in self.members for name in member.classes())})


def nullable(inner: SchemaType) -> SchemaType:
    """Make a type nullable."""
    return inner if inner in (ANY, NULL) or inner.admits_null else NullableType(inner)


def union(inners: Iterable[SchemaType]) -> SchemaType:
    """Combine the types into one, simplified where ``null`` or ``Any`` make others redundant."""
    flat: dict[SchemaType, None] = {}
    null = False
    for inner in inners:
        if isinstance(inner, NullableType):
            null, inner = True, inner.inner
        if inner == NULL:
            null = True
            continue
        flat.update(dict.fromkeys(inner.inners if isinstance(inner, UnionType) else (inner,)))
    if ANY in flat:
        return ANY
    if NUMBER in flat:
        flat.pop(INTEGER, None)
    if not flat:
        return NULL
    if len(flat) > 1:  # the encoder of a union cannot know the format
        flat = dict.fromkeys(STRING if one.has_own_format else one for one in flat)
    members = tuple(sorted(flat, key=_specificity))
    one = members[0] if len(members) == 1 else UnionType(members)
    return nullable(one) if null else one


def _specificity(kind: SchemaType) -> int:
    """The rank in which types are tried: strings with a format or fixed values before any string."""
    order = (ConstType, EnumType, Scalar, ModelType, ListType, TupleType, MapType)
    if isinstance(kind, EnumType) and kind.open:
        return len(order) + 1
    if kind == STRING:
        return len(order) + 2
    return next((index for index, one in enumerate(order) if isinstance(kind, one)), len(order))


def _member_to_json(value: Code, exclude_unset: Code) -> Code:
    option = "" if exclude_unset == WITHOUT_UNSET else f", exclude_unset={exclude_unset}"
    return Code(f"to_json({value}{option})")


def _alternatives(annotations: Iterable[Code]) -> Code:
    parts: dict[str, None] = {}
    for annotation in annotations:
        parts.update(dict.fromkeys(_members(annotation)))
    return Code(" | ".join(parts))


def _members(annotation: str) -> list[str]:
    """The members of ``A | B``, brackets and quotes respected."""
    depth, start, parts = 0, 0, list[str]()
    quoted = False
    for position, character in enumerate(annotation):
        if character == '"' and annotation[position - 1 : position] != "\\":
            quoted = not quoted
        elif quoted:
            continue
        elif character in "[(":
            depth += 1
        elif character in "])":
            depth -= 1
        elif character == "|" and depth == 0:
            parts.append(annotation[start:position].strip())
            start = position + 1
    return [*parts, annotation[start:].strip()]


def _item_name(value: str) -> Code:
    """A loop variable that differs from that of the enclosing loop."""
    return Code({"item": "inner", "inner": "innermost"}.get(value.partition("[")[0].partition(".")[0], "item"))
