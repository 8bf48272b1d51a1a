"""The interface of all types of schemas."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable

from attrs import frozen

from sdkgen.code import Code

__all__ = ["WITHOUT_UNSET", "ClassName", "Imports", "SchemaType", "encoder", "helper", "imports_of"]

WITHOUT_UNSET = Code("True")
"""As values are sent."""

Imports = frozenset[tuple[str, str]]
"""Pairs of module and name. A leading dot is relative to the package; without a name, the module is imported."""


def helper(*names: str) -> Imports:
    """Imports of functions of the generated ``_decoding.py``."""
    return frozenset(("._decoding", name) for name in names)


def encoder(*names: str) -> Imports:
    """Imports of functions of the generated ``_encoding.py``."""
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
        """The name of the ``TypedDict`` of a class that can be sent."""
        return Code(f"{self.name}Dict")


class SchemaType(ABC):
    """The type of a value.

    ``decode`` and ``encode`` take the source of a value and return the source of the converted value.
    """

    @property
    @abstractmethod
    def annotation(self) -> Code:
        """The source of the annotation."""

    @property
    def annotation_imports(self) -> Imports:
        return frozenset()

    def accepted(self, *, text: bool = False) -> Code:
        """The type of an argument, where dicts are accepted for models.

        Args:
            text: Whether dates, UUIDs and values of enumerations may be strings, as they are in JSON.
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
        """Whether a value and its JSON are the same."""
        return self.encode(Code("value")) == "value"

    @property
    def admits_null(self) -> bool:
        return False

    @property
    def has_own_format(self) -> bool:
        """Whether it contains dates whose format the spec declares, so that they are written with ``encode``."""
        return False

    @property
    def decodes_untyped(self) -> bool:
        """Whether a type checker sees ``Any`` as the result of ``decode``, so that a variable needs a declared type."""
        return False

    @abstractmethod
    def decode(self, value: Code) -> Code:
        """Return the source that decodes a JSON value."""

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        """Return the source that encodes a value.

        Args:
            value: The source of the value.
            exclude_unset: The source of whether models are encoded without the members that they do not have.
        """
        return value

    @property
    def decoder(self) -> Code:
        """The source of a callable that decodes a value."""
        return _callable(self.decode)

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        """The suffix of the helper that decodes a member of an object (``required_str``), and additional arguments."""
        return Code(""), (self.decoder,)

    @property
    def reader_imports(self) -> Imports:
        """Imports for the additional arguments."""
        return self.decode_imports

    def classes(self) -> frozenset[ClassName]:
        """The generated classes that the type consists of."""
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
