"""What callers pass: checked against the API's description before anything is sent. Dicts stand for models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeVar, cast

from attrs import NOTHING

from ._decoding import file_content, list_of, mismatch, optional, required, unknown_members, within
from ._model import Model, defaults, may_be_sent_as_null, set_members
from .errors import DecodeError, InvalidArgument, WrongArgumentType
from .types import UNSET, File, as_file

T = TypeVar("T")

_PLAIN = frozenset({str, int, float, bool, bytes, type(None)})


class GivenObject(dict[str, Any]):
    """An object that a caller wrote as a dict. It may have only documented members."""


class ModelMembers(dict[str, Any]):
    """The members of a model that a caller passed. Undocumented ones were added on purpose."""


def _is_given(data: object) -> bool:
    """Whether an object is from a caller, of any kind; JSON is read into plain ``dict`` objects."""
    return isinstance(data, Mapping) and type(cast("object", data)) is not dict


def argument(name: str, value: object, decode: Callable[[Any], T]) -> T:
    """Return an argument in the form that is sent.

    Raises:
        WrongArgumentType: It, or something in it, has another type, or is not documented.
        InvalidArgument: It, or something in it, has a value that cannot be sent, or lacks a required member.
    """
    try:
        return decode(value if type(value) in _PLAIN else given(value))
    except DecodeError as error:
        raise _refusal(name, error) from None


def _refusal(name: str, error: DecodeError) -> WrongArgumentType | InvalidArgument:
    reason = error.reason.replace("found null", "found None")
    if reason != error.reason and error.path != "$":
        reason += '; leave it out if it is not to be sent, or pass the value that stands for none, such as ""'
    kind = WrongArgumentType if error.wrong_type else InvalidArgument
    return kind(f"`{name}{error.path[1:]}`: {reason}")


def given(value: object) -> Any:
    """Return an argument with JSON objects and arrays as the decoders read them; models and files stay as they are."""
    if type(value) in _PLAIN:
        return value
    if isinstance(value, dict | Mapping):  # most mappings are dicts, for which the check is faster
        return GivenObject(_members(cast("Mapping[object, object]", value)))
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):  # may stand for a file
        return tuple(map(given, cast("tuple[object, ...]", value)))
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray | memoryview):
        return list(map(given, cast("Sequence[object]", value)))
    return cast("Any", value)


def _members(value: Mapping[object, object]) -> Iterable[tuple[str, Any]]:
    for key, member in value.items():
        if not isinstance(key, str):
            raise mismatch("strings as keys", key)
        yield str(key.value) if isinstance(key, Enum) else key, given(member)


def members_of(data: Any, model: type[Model]) -> Any:
    """Return the members that ``from_dict`` decodes: of JSON as they are, of an argument those that are sent.

    Args:
        data: A JSON object, or an argument: a model or a dict that stands for one.
        model: The class of the model.
    """
    if type(data) is dict:
        return cast("dict[str, Any]", data)
    if isinstance(data, GivenObject):
        _prepare(data, model, with_defaults=True)
        return data
    if isinstance(data, model):
        members = ModelMembers((name, given(value)) for name, value in set_members(data).items())
        _prepare(members, model, with_defaults=False)
        members.update(given(data.additional_properties))
        return members
    if isinstance(data, Mapping) or type(data) in _PLAIN or isinstance(data, list | tuple):
        return cast("Any", data)
    raise mismatch(f"{model.__name__} or a dict", data)


def _prepare(data: dict[str, Any], model: type[Model], *, with_defaults: bool) -> None:
    """Leave out the ``None`` that the API does not accept as ``null``, and fill in the defaults of the class.

    As for an argument of a method, ``None`` then means that the member is not sent.
    """
    for name, default in defaults(model).items():
        if default is UNSET:
            if name in data and data[name] is None and not may_be_sent_as_null(model, name):
                del data[name]
        elif with_defaults and name not in data and default is not NOTHING:
            data[name] = default.value if isinstance(default, Enum) else default


def only_documented(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the members of an object that the API's description does not document.

    Raises:
        DecodeError: A caller wrote them in a dict.
    """
    unknown = unknown_members(data, known)
    if unknown and isinstance(data, GivenObject):
        from difflib import get_close_matches

        wrong = next(iter(unknown))
        close = get_close_matches(wrong, known, 1)
        meant = f"; did you mean `{close[0]}`?" if close else f"; these are: {', '.join(sorted(known))}"
        error = DecodeError("$", f"is not a documented member{meant}")
        error.wrong_type = True
        raise within(wrong, error)
    return unknown


def response_only(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> T:
    """Read a required member that only responses have; the type is that of a response."""
    missing: Any = None
    return missing if _is_given(data) and key not in data else required(data, key, decode)


def request_only(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> T | None:
    """Read a required member that only requests have; a model that was read from a response lacks it."""
    demanded = _is_given(data) and (key in data or not isinstance(data, ModelMembers))
    return required(data, key, decode) if demanded else optional(data, key, decode)


def file_to_send(value: Any) -> File:
    """Decode what stands for a file to upload."""
    try:
        return as_file(value)
    except (InvalidArgument, WrongArgumentType) as wrong:
        error = DecodeError("$", str(wrong))
        error.wrong_type = isinstance(wrong, TypeError)
        raise error from None


def files_to_send(value: Any) -> list[File]:
    """Decode a list of files; a tuple stands for one file."""
    if isinstance(value, tuple):
        raise mismatch("a list of files", cast("object", value))
    return list_of(value, file_to_send)


def file_in(data: object) -> Callable[[Any], File]:
    """Return the decoder of a file in an object: in JSON a string is the content, in an argument a path."""
    return file_to_send if _is_given(data) else file_content


def files_in(data: object) -> Callable[[Any], list[File]]:
    """Return the decoder of a list of files in an object."""
    return files_to_send if _is_given(data) else lambda value: list_of(value, file_content)
