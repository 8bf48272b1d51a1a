"""Decoders of JSON values: each returns a value of the documented type or raises ``DecodeError`` with a JSON path.

``required_…`` and ``optional_…`` read a member of an object, the others convert a value. An optional member that is
missing or ``null`` is ``None``. Messages do not repeat the value, since it may be a secret.
"""

from __future__ import annotations

import base64
import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn, TypeGuard, TypeVar, cast
from uuid import UUID

from ._date_times import parse_date_time
from .errors import DecodeError
from .types import File, NaiveDateTime, is_array

T = TypeVar("T")

_JSON_NAMES: Final = {
    "NoneType": "null",
    "bool": "a boolean",
    "int": "an integer",
    "float": "a number",
    "str": "a string",
    "list": "an array",
    "dict": "an object",
    "GivenObject": "an object",  # a dict that is an argument
}


def mismatch(expected: str, value: object) -> DecodeError:
    """Return the error for a value of another type."""
    kind = type(value).__name__
    error = DecodeError("$", f"expected {expected}, found {_JSON_NAMES.get(kind, kind)}")
    error.wrong_type = True
    return error


def within(key: str | int, error: DecodeError) -> DecodeError:
    """Prefix the error's path with a key or index of the enclosing object or array."""
    step = f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"
    error.path = f"${step}{error.path[1:]}"
    return error


def _not_there(data: object, key: str) -> NoReturn:
    if isinstance(data, Mapping):
        raise within(key, DecodeError("$", "is missing")) from None
    raise mismatch("an object", data) from None


# --- members of an object ---------------------------------------------------------------------------------------------


def required(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> T:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    try:
        return decode(value)
    except DecodeError as error:
        raise within(key, error) from None


def optional(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> T | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if value is None:
        return value
    try:
        return decode(value)
    except DecodeError as error:
        raise within(key, error) from None


def required_nullable(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> T | None:
    return required(data, key, lambda value: nullable(value, decode))


def required_str(data: Mapping[str, Any], key: str) -> str:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    if isinstance(value, str):
        return value
    try:
        return string(value)
    except DecodeError as error:
        raise within(key, error) from None


def optional_str(data: Mapping[str, Any], key: str) -> str | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if type(value) is str or value is None:
        return value
    try:
        return string(value)
    except DecodeError as error:
        raise within(key, error) from None


def required_int(data: Mapping[str, Any], key: str) -> int:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    if type(value) is int:
        return value
    try:
        return integer(value)
    except DecodeError as error:
        raise within(key, error) from None


def optional_int(data: Mapping[str, Any], key: str) -> int | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if type(value) is int or value is None:
        return value
    try:
        return integer(value)
    except DecodeError as error:
        raise within(key, error) from None


def required_float(data: Mapping[str, Any], key: str) -> float:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    if type(value) is float:
        return value
    try:
        return number(value)
    except DecodeError as error:
        raise within(key, error) from None


def optional_float(data: Mapping[str, Any], key: str) -> float | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if type(value) is float or value is None:
        return value
    try:
        return number(value)
    except DecodeError as error:
        raise within(key, error) from None


def required_bool(data: Mapping[str, Any], key: str) -> bool:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    if value is True or value is False:
        return value
    try:
        return boolean(value)
    except DecodeError as error:
        raise within(key, error) from None


def optional_bool(data: Mapping[str, Any], key: str) -> bool | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if value is True or value is False or value is None:
        return value
    try:
        return boolean(value)
    except DecodeError as error:
        raise within(key, error) from None


def required_any(data: Mapping[str, Any], key: str) -> Any:
    try:
        return data[key]
    except (KeyError, TypeError):
        _not_there(data, key)


def optional_any(data: Mapping[str, Any], key: str) -> Any:
    try:
        return data.get(key)
    except AttributeError:
        _not_there(data, key)


def required_list(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> list[T]:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    try:
        return list_of(value, decode)
    except DecodeError as error:
        raise within(key, error) from None


def optional_list(data: Mapping[str, Any], key: str, decode: Callable[[Any], T]) -> list[T] | None:
    try:
        value = data.get(key)
    except AttributeError:
        _not_there(data, key)
    if value is None:
        return value
    try:
        return list_of(value, decode)
    except DecodeError as error:
        raise within(key, error) from None


def required_const(data: Mapping[str, Any], key: str, expected: T) -> T:
    try:
        value = data[key]
    except (KeyError, TypeError):
        _not_there(data, key)
    try:
        return constant(value, expected)
    except DecodeError as error:
        raise within(key, error) from None


def optional_const(data: Mapping[str, Any], key: str, expected: T) -> T | None:
    return optional(data, key, lambda value: constant(value, expected))


def unknown_members(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """Return the members that the API's description does not document."""
    if known.issuperset(data):
        return {}
    return {key: value for key, value in data.items() if key not in known}


# --- values -----------------------------------------------------------------------------------------------------------


def anything(value: Any) -> Any:
    return value


def not_null(value: Any) -> Any:
    if value is None:
        raise mismatch("a value", value)
    return value


def null(value: Any) -> None:
    if value is not None:
        raise mismatch("null", value)


def string(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise mismatch("a string", value)


def integer(value: Any) -> int:
    """Decode an integer; ``5.0`` is accepted."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    raise mismatch("an integer", value)


def number(value: Any) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise mismatch("a number", value)


def boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise mismatch("a boolean", value)


def constant(value: Any, *expected: T) -> T:
    for candidate in expected:
        if value == candidate and type(value) is type(candidate):
            return candidate
    error = mismatch(" or ".join(repr(candidate) for candidate in expected), value)
    error.wrong_type = type(value) not in map(type, expected)
    raise error


def nullable(value: Any, decode: Callable[[Any], T]) -> T | None:
    return None if value is None else decode(value)


def _is_tuple(value: object) -> TypeGuard[tuple[Any, ...]]:
    """Whether a value is a tuple, which only an argument can be."""
    return isinstance(value, tuple)


def array(value: Any) -> list[Any]:
    if is_array(value):
        return value
    if _is_tuple(value):
        return list(value)
    raise mismatch("an array", value)


def list_of(value: Any, decode: Callable[[Any], T]) -> list[T]:
    result: list[T] = []
    try:
        for item in array(value):
            result.append(decode(item))
    except DecodeError as error:
        raise (within(len(result), error) if is_array(value) or _is_tuple(value) else error) from None
    return result


def tuple_of(value: Any, *decoders: Callable[[Any], object]) -> tuple[Any, ...]:
    """Decode an array of fixed length, with one decoder for each item."""
    items = array(value)
    if len(items) != len(decoders):
        raise DecodeError("$", f"expected {len(decoders)} items, found {len(items)}")
    result: list[object] = []
    try:
        for decode, item in zip(decoders, items, strict=True):
            result.append(decode(item))
    except DecodeError as error:
        raise within(len(result), error) from None
    return tuple(result)


def json_object(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return cast("dict[str, Any]", value)
    raise mismatch("an object", value)


def map_of(value: Any, decode: Callable[[Any], T]) -> dict[str, T]:
    """Decode an object whose members all have the same type."""
    result: dict[str, T] = {}
    for key, member in json_object(value).items():
        try:
            result[key] = decode(member)
        except DecodeError as error:
            raise within(key, error) from None
    return result


def first_of(value: Any, *decoders: Callable[[Any], object]) -> Any:
    """Decode with the first decoder that accepts the value."""
    found: list[DecodeError] = []
    for decode in decoders:
        try:
            return decode(value)
        except DecodeError as error:
            if error.path != "$":
                raise
            found.append(error)
    refused = DecodeError("$", _one_reason(list(dict.fromkeys(error.reason for error in found))))
    refused.wrong_type = all(error.wrong_type for error in found)
    raise refused


def _one_reason(reasons: Sequence[str]) -> str:
    """Combine reasons: what was found is the same for all of them, what was expected differs."""
    parts = [reason.removeprefix("expected ").rpartition(", found ") for reason in reasons]
    expected, found = [part[0] for part in parts], {part[2] for part in parts}
    if len(found) > 1 or not all(expected):
        return "; ".join(reasons)
    alternatives = " or ".join(part for part in (", ".join(expected[:-1]), expected[-1]) if part)
    return f"expected {alternatives}, found {found.pop()}"


def tagged(value: Any, variants: Mapping[Any, Callable[[Any], T]], otherwise: Callable[[Any], T], *path: str) -> T:
    """Decode with the variant that the member at the path selects, or with ``otherwise`` if it selects none."""
    own = _of_model(value, (*variants.values(), otherwise))
    if own is not None:
        return own(value)
    tag: Any = json_object(value)
    for key in path:
        tag = json_object(tag).get(key) if isinstance(tag, dict) else None
    decode = variants.get(tag) if isinstance(tag, str | int) else None
    return otherwise(value) if decode is None else decode(value)


def is_object(value: object) -> bool:
    """Whether a value is a JSON object, or a model that is passed as an argument."""
    return isinstance(value, dict) or hasattr(value, "to_dict")


def _of_model(value: object, decoders: Iterable[Callable[[Any], T]]) -> Callable[[Any], T] | None:
    """Return the decoder of a model that is passed as an argument: that of its own class."""
    if isinstance(value, dict):
        return None
    return next((decode for decode in decoders if getattr(decode, "__self__", None) is type(value)), None)


def best_match(value: Any, variants: Sequence[Callable[[Any], T]]) -> T:
    """Decode with the first variant that accepts the value; the last one is the fallback."""
    own = _of_model(value, variants)
    if own is not None:
        return own(value)
    for decode in variants[:-1]:
        try:
            return decode(value)
        except DecodeError:
            continue
    return variants[-1](value)


def date_time(value: Any) -> datetime.datetime:
    """Decode an RFC 3339 date-time; without the offset, which the RFC requires, it is a ``NaiveDateTime``."""
    if isinstance(value, datetime.datetime):  # here and below: an argument
        return value
    moment = _moment(value)
    return moment if moment.tzinfo is not None else NaiveDateTime.combine(moment.date(), moment.time())


def local_date_time(value: Any) -> datetime.datetime:
    """Decode a date-time of a format without an offset."""
    result = _moment(value)
    if result.tzinfo is not None:
        raise DecodeError("$", "expected a date-time without an offset, found one with it")
    return result


def _moment(value: Any) -> datetime.datetime:
    if isinstance(value, datetime.datetime):
        return value
    try:
        return parse_date_time(value)
    except (AttributeError, OverflowError, TypeError, ValueError):
        raise _not_text("a date-time (RFC 3339)", value) from None


def date(value: Any) -> datetime.date:
    if _is_date(value):
        return value
    try:
        return datetime.date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _not_text("a date (RFC 3339)", value) from None


def _is_date(value: object) -> TypeGuard[datetime.date]:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def uuid(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(value)
    except (AttributeError, TypeError, ValueError):
        raise _not_text("a UUID", value) from None


def base64_bytes(value: Any) -> bytes:
    if isinstance(value, bytes):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError):
        raise _not_text("Base64", value) from None


def file_content(value: Any) -> File:
    """Decode the content of a file that was received as a string or as bytes."""
    if isinstance(value, File):
        return value
    return File(value if isinstance(value, bytes) else string(value).encode())


def _not_text(expected: str, value: object) -> DecodeError:
    if isinstance(value, str):
        return DecodeError("$", f"expected {expected}, found another text")
    return mismatch(expected, value)
