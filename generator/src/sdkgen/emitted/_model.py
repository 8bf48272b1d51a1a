"""The base class of all models: which members an object has, and everything that follows from it."""

# pyright: reportPrivateUsage=false
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from copy import copy
from difflib import get_close_matches
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar, dataclass_transform

from attrs import Attribute, define, field

from .errors import DecodeError, WrongArgumentType
from .types import UNSET

_NO_MEMBER: Final[frozenset[str]] = frozenset()


class AdditionalProperties(dict[str, Any]):
    """The undocumented members of one model."""

    __slots__ = ()


class Model:
    """A JSON object.

    A member that the object lacks is ``None``, like one that is ``null``; :meth:`is_set` tells them apart.
    ``del model.member``, or assigning ``UNSET``, removes a member.
    """

    __slots__ = ("_nulls", "_order")

    if TYPE_CHECKING:  # for `attrs` and `get_type_hints` these would be members
        additional_properties: dict[str, Any]
        _nulls: frozenset[str]  # the members that are null; the others whose value is None are missing
        _order: tuple[str, ...] | None  # the members as they were read, if not as they are documented
        _names: ClassVar[Mapping[str, str]]  # the member of each attribute
        _documented: ClassVar[tuple[str, ...]]  # the members
        _nullable: ClassVar[frozenset[str]]  # the members that a request may have as null
        __attrs_attrs__: ClassVar[tuple[Attribute[Any], ...]]

        @classmethod
        def from_dict(cls, data: Mapping[str, Any]) -> Self: ...

        def to_dict(self, *, exclude_unset: bool = False) -> dict[str, Any]: ...

    def is_set(self, name: str) -> bool:
        """Whether the object has the member of an attribute, be it ``null``.

        Raises:
            AttributeError: The class has no such attribute.
        """
        if name not in self._names:
            raise AttributeError(_unknown(f"{type(self).__name__} has no member {name!r}", name, self._names))
        return getattr(self, name) is not None or self._names[name] in self._nulls

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values for some attributes; ``UNSET`` removes a member. ``copy.replace`` calls it.

        Raises:
            TypeError: The class has no such attribute.
        """
        result = copy(self)
        for name, value in {"additional_properties": dict(self.additional_properties), **changes}.items():
            if name not in self._names and name != "additional_properties":
                message = f"{type(self).__name__}.replace() got an unexpected keyword argument {name!r}"
                raise TypeError(_unknown(message, name, self._names))
            setattr(result, name, value)
        return result

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Decode a JSON text.

        Raises:
            DecodeError: It is not JSON, or does not match its documentation.
        """
        try:
            data = json.loads(text)
        except ValueError:  # also for bytes that are not UTF-8
            reason = "is not JSON"
        except RecursionError:
            reason = "is nested too deeply"
        else:
            return cls.from_dict(data)
        raise DecodeError("$", reason)

    def to_json(self, *, indent: int | None = None) -> str:
        """Encode as JSON text, with the members that are set.

        Args:
            indent: Spaces for each level; default: everything in one line.
        """
        return json.dumps(self.to_dict(exclude_unset=True), ensure_ascii=False, allow_nan=False, indent=indent)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__ or not isinstance(other, Model):
            return NotImplemented
        return self._nulls == other._nulls and _values(self) == _values(other)

    __hash__ = None  # type: ignore[assignment]  # members can be assigned

    @recursive_repr("...")
    def __repr__(self) -> str:
        members = [
            f"{one.name}={one.repr(value) if callable(one.repr) else repr(value)}"
            for one, value in zip(self.__attrs_attrs__, _values(self), strict=True)
            if (self.is_set(one.name) if one.name in self._names else value)
        ]
        return f"{type(self).__name__}({', '.join(members)})"

    def __getstate__(self) -> tuple[frozenset[str], tuple[str, ...] | None, list[Any]]:
        return self._nulls, self._order, _values(self)

    def __setstate__(self, state: tuple[frozenset[str], tuple[str, ...] | None, list[Any]]) -> None:
        nulls, order, values = state
        object.__setattr__(self, "_nulls", nulls)
        object.__setattr__(self, "_order", order)
        for one, value in zip(self.__attrs_attrs__, values, strict=True):
            object.__setattr__(self, one.name, value)

    def _encoded(self, members: dict[str, Any], additional: Mapping[str, Any], exclude_unset: bool) -> dict[str, Any]:
        """Complete what :meth:`to_dict` returns."""
        if exclude_unset:
            for member in [member for member, value in members.items() if value is None]:
                if member not in self._nulls:
                    del members[member]
        if additional:
            members.update(additional)
        if exclude_unset and self._order:  # what was read is written as it came
            return {name: members[name] for name in self._order if name in members} | members
        return members

    if not TYPE_CHECKING:  # type checkers would permit any attribute

        def __attrs_pre_init__(self):
            object.__setattr__(self, "_nulls", _NO_MEMBER)
            object.__setattr__(self, "_order", None)

        def __setattr__(self, name, value):
            member = self._names.get(name)
            if member is not None:
                if value is None:
                    object.__setattr__(self, "_nulls", self._nulls | {member})
                elif member in self._nulls:
                    object.__setattr__(self, "_nulls", self._nulls - {member})
                if value is UNSET:
                    value = None
            elif name == "additional_properties":
                value = _own(self, value)
            object.__setattr__(self, name, value)

        def __delattr__(self, name):
            optional = [one.name for one in self.__attrs_attrs__ if one.default is UNSET]
            if name in self._names and name not in optional:
                raise AttributeError(f"{type(self).__name__} requires {name!r}")
            setattr(self, name, UNSET)

        @classmethod
        def __get_pydantic_core_schema__(cls, source, handler):
            from ._pydantic import core_schema

            return core_schema(cls)

        @classmethod
        def __get_pydantic_json_schema__(cls, schema, handler):
            from ._pydantic import json_schema

            return json_schema(cls, _described)


def _values(made: Model) -> list[Any]:
    return [getattr(made, one.name) for one in made.__attrs_attrs__]


def _own(made: Model, members: Mapping[str, Any]) -> AdditionalProperties:
    """Undocumented members as a model holds them."""
    if type(members) is not AdditionalProperties:
        return AdditionalProperties(members)
    if not hasattr(made, "additional_properties"):  # a constructor: `attrs.evolve` passes what another one holds
        message = (
            "attrs.evolve() would turn members that are not set into null;"
            f" use {type(made).__name__}.replace(), or pass additional_properties=dict(...)"
        )
        raise WrongArgumentType(message)
    return members


def _described(kind: Any) -> Mapping[str, tuple[str, object]] | None:
    """The member of each attribute, and its default; ``None`` for what is no model."""
    if not isinstance(kind, type) or not issubclass(kind, Model):
        return None
    return {name: (member, defaults(kind)[member]) for name, member in kind._names.items()}


def _unknown(message: str, name: str, known: Mapping[str, str]) -> str:
    close = get_close_matches(name, known, 1)
    return f"{message}; did you mean {close[0]!r}?" if close else message


# --- definition -------------------------------------------------------------------------------------------------------

M = TypeVar("M", bound=Model)


@dataclass_transform(kw_only_default=True, field_specifiers=(field,))
def model(attributes: Mapping[str, str], nullable: frozenset[str] = _NO_MEMBER) -> Callable[[type[M]], type[M]]:
    """Define a model: an attrs class with slots.

    Args:
        attributes: The attribute of each member.
        nullable: Members that requests may omit or have as ``null``; ``None`` for another one is not sent.
    """

    def define_model(kind: type[M]) -> type[M]:
        made = define(kind, kw_only=True, eq=False, repr=False, getstate_setstate=False)
        made._names = {attribute: member for member, attribute in attributes.items()}
        made._documented = tuple(made._names.values())
        made._nullable = nullable
        setattr(made, "__replace__", Model.replace)  # noqa: B010  # attrs would use `attrs.evolve`
        return made

    return define_model


# --- decoding ---------------------------------------------------------------------------------------------------------

_BLANKS: Final[dict[type[Model], type[Model]]] = {}


def blank(kind: type[M]) -> M:
    """Return a model to decode an object into; :func:`filled` completes it.

    Until then it is of a class that assigns attributes as any object does, which takes a tenth of the time.
    """
    try:
        made = _BLANKS[kind]
    except KeyError:
        plain = {"__slots__": (), "__setattr__": object.__setattr__, "__delattr__": object.__delattr__}
        made = _BLANKS[kind] = type(kind.__name__, (kind,), plain)
    return made.__new__(made)  # type: ignore[return-value]


def filled(made: M, kind: type[M], data: Mapping[str, Any], additional: Mapping[str, Any]) -> M:
    """Complete a model.

    Args:
        made: The model, its documented members decoded.
        kind: The class of the model.
        data: The object that it was decoded from.
        additional: The other members, decoded.
    """
    made._nulls = _NO_MEMBER
    for value in data.values():
        if value is None:
            nulls = frozenset([member for member, value in data.items() if value is None])
            made._nulls = nulls.difference(additional) if additional else nulls
            break
    order = tuple(data)
    made._order = None if order == kind._documented or type(data) is not dict else order  # JSON, not an argument
    made.additional_properties = AdditionalProperties(additional)
    made.__class__ = kind
    return made


# --- models seen from other modules -----------------------------------------------------------------------------------


def defaults(kind: type[Model]) -> dict[str, Any]:
    """Return the default of each member: ``UNSET`` if it may be missing, ``NOTHING`` if there is none."""
    found = {one.name: one.default for one in kind.__attrs_attrs__}
    return {member: found[name] for name, member in kind._names.items()}


def may_be_sent_as_null(kind: type[Model], member: str) -> bool:
    """Whether the API accepts ``null`` for a member that may be missing."""
    return member in kind._nullable


def set_members(made: Model) -> dict[str, Any]:
    """Return the values of the documented members that are set."""
    return {member: getattr(made, name) for name, member in made._names.items() if made.is_set(name)}
