"""What every type of a schema can do."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from attrs import frozen

from sdkgen.code import Code

__all__ = ["ClassName", "Imports", "SchemaType", "encoder", "helper", "imports_of"]

Imports = frozenset[tuple[str, str]]
"""Module and name. A module that starts with a dot counts from the package; without a name it is imported itself."""


def helper(*names: str) -> Imports:
    """Functions of the generated ``_decoding.py``."""
    return frozenset(("._decoding", name) for name in names)


def encoder(*names: str) -> Imports:
    """Functions of the generated ``_encoding.py``."""
    return frozenset(("._encoding", name) for name in names)


def imports_of(types: Iterable[SchemaType], which: str) -> Imports:
    found: Imports = frozenset()
    for one in types:
        found |= getattr(one, which)
    return found


@frozen
class ClassName:
    """A generated class and the module under ``models`` that defines it."""

    name: Code
    module: Code

    @property
    def imports(self) -> Imports:
        return frozenset({(f".models.{self.module}", self.name)})

    @property
    def dict_name(self) -> Code:
        """The ``TypedDict`` beside a class that can be sent."""
        return Code(f"{self.name}Dict")


class SchemaType(ABC):
    """The type of a value.

    ``decode`` and ``encode`` take the source of a value and give the source of the converted value.
    """

    @property
    @abstractmethod
    def annotation(self) -> Code:
        """The type as it is written."""

    @property
    def annotation_imports(self) -> Imports:
        return frozenset()

    def accepted(self, *, text: bool = False) -> Code:
        """The type of an argument, where dicts stand for models.

        Args:
            text: Whether dates, identifiers and values of enumerations may be text, as they are in JSON.
        """
        return self.annotation

    @property
    def accepted_imports(self) -> Imports:
        return self.annotation_imports

    @property
    def decode_imports(self) -> Imports:
        return frozenset()

    @property
    def encode_imports(self) -> Imports:
        return frozenset()

    @property
    def is_identity(self) -> bool:
        """Whether a value is the same in JSON."""
        return self.encode(Code("value")) == "value"

    @property
    def admits_null(self) -> bool:
        return False

    @property
    def decodes_untyped(self) -> bool:
        """Whether ``decode`` is ``Any`` to a type checker, so that only a declared variable gives it its type."""
        return False

    @abstractmethod
    def decode(self, value: Code) -> Code:
        """Read the JSON value."""

    def encode(self, value: Code) -> Code:
        return value

    @property
    def decoder(self) -> Code:
        """The decoding as something callable."""
        return _callable(self.decode)

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        """How a member of an object is read: the suffix of the helper (``required_str``), and its
        additional arguments.
        """
        return Code(""), (self.decoder,)

    @property
    def reader_imports(self) -> Imports:
        """What the additional arguments need."""
        return self.decode_imports

    def classes(self) -> frozenset[ClassName]:
        """The generated classes the type is made of."""
        return frozenset()


def _callable(convert: Callable[[Code], Code]) -> Code:
    source = convert(Code("value"))
    if source == "value":
        return Code("anything")
    name, bracket, rest = source.partition("(")
    if rest == "value)" and bracket and all(part.isidentifier() for part in name.split(".")):
        return Code(name)
    if "lambda value:" in source:
        return Code(f"lambda outer: {convert(Code('outer'))}")
    return Code(f"lambda value: {source}")
