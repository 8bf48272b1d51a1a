"""Tables as those of pyarrow, pandas and polars. These are imported when they are used; a client does not need them."""

from __future__ import annotations

import base64
import datetime
import json
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from importlib import import_module
from typing import Any

from attrs import frozen

from ._decoding import within
from .errors import DecodeError, MissingPackage

_DIGITS, _SCALE = 38, 18
"""Of a decimal: all digits, and those after the point."""
_INT64 = range(-(2**63), 2**63)
_TEXT = (str, type(None))
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:\d\d)?", re.IGNORECASE)


class _Misfit(ValueError):
    """The cell at an index is not of the declared type."""

    def __init__(self, index: int) -> None:
        self.index = index


def arrow_table(
    columns: Mapping[str, object],
    types: Mapping[str, str],
    member: str,
    rows: Sequence[Sequence[object]],
    *,
    strict: bool,
) -> Any:
    """Return a ``pyarrow.Table``.

    Args:
        columns: The type of each column, as the API calls it, by its name.
        types: What the API's types mean.
        member: The member that holds the rows, for error messages.
        rows: The cells of each row, as many as there are columns.
        strict: Whether a cell that is not of the type of its column is an error; else the column stays as it came.
    """
    pyarrow = package("pyarrow", "to_arrow")
    arrays: dict[str, Any] = {}
    for number, (name, declared) in enumerate(columns.items()):
        cells = [row[number] for row in rows]
        kind = types.get(declared) if isinstance(declared, str) else None
        try:
            arrays[name] = _as_it_came(pyarrow, cells) if kind is None else _KINDS[kind](pyarrow, cells)
        except _Misfit as misfit:
            if strict:
                reason = f"is not of the type {declared} of its column; strict=False keeps such a column as it came"
                error = within(misfit.index, within(number, DecodeError("$", reason)))
                raise within(member, error) from None
            arrays[name] = _as_it_came(pyarrow, cells)
    return pyarrow.table(arrays)


def package(name: str, method: str, *others: str) -> Any:
    """Import a package. Raises :class:`MissingPackage` if it, or one of the others that it needs, is not installed."""
    try:
        for other in others:
            import_module(other)
        return import_module(name)
    except ModuleNotFoundError as error:
        distribution = __name__.partition(".")[0].replace("_", "-")
        more = "" if error.name == "pyarrow" else f" {error.name}"
        message = f"`{method}` requires {error.name}, which is not installed: pip install '{distribution}[arrow]'{more}"
        raise MissingPackage(message, name=error.name) from None


def _as_it_came(pyarrow: Any, cells: Sequence[object]) -> Any:
    """Return an array of the type of its cells; JSON texts, if they have several."""
    kinds = {type(cell) for cell in cells if cell is not None}
    if kinds <= {str} or kinds == {bool}:
        return pyarrow.array(cells, None if not kinds else pyarrow.string() if str in kinds else pyarrow.bool_())
    if kinds == {int} and all(cell is None or cell in _INT64 for cell in cells):
        return pyarrow.array(cells, pyarrow.int64())
    if kinds <= {int, float}:
        floats = [None if cell is None else _exact_float(cell) for cell in cells]
        if floats.count(None) == list(cells).count(None):
            return pyarrow.array(floats, pyarrow.float64())
    if not kinds & {str, bool, int, float, list, dict}:  # the API's description gives cells a type of their own
        return pyarrow.array(cells)
    texts = [cell if isinstance(cell, _TEXT) else json.dumps(cell, ensure_ascii=False, default=str) for cell in cells]
    return pyarrow.array(texts, pyarrow.string())


def _exact_float(cell: object) -> float | None:
    if isinstance(cell, int | float):
        try:
            return float(cell) if float(cell) == cell or isinstance(cell, float) else None
        except OverflowError:
            pass
    return None


def _each(convert: Callable[[Any], object], arrow: Callable[[Any], Any]) -> Callable[[Any, Sequence[object]], Any]:
    """Return the function that makes an array: each cell converted, ``None`` if it cannot be."""

    def array(pyarrow: Any, cells: Sequence[object]) -> Any:
        return pyarrow.array(_converted(cells, convert), arrow(pyarrow))

    return array


def _converted(cells: Sequence[object], convert: Callable[[Any], Any]) -> list[Any]:
    found: list[Any] = []
    for index, cell in enumerate(cells):
        value = None
        if cell is not None:
            try:
                value = convert(cell)
            except (ValueError, TypeError, ArithmeticError):
                value = None
            if value is None:
                raise _Misfit(index)
        found.append(value)
    return found


def _of(kind: type) -> Callable[[object], object]:
    return lambda cell: cell if type(cell) is kind else None


def _integer(bits: int, *, signed: bool = True) -> Callable[[object], object]:
    allowed = range(-(2 ** (bits - 1)), 2 ** (bits - 1)) if signed else range(2**bits)
    return lambda cell: cell if type(cell) is int and cell in allowed else None


def _float(cell: object) -> float | None:
    if cell in ("NaN", "Infinity", "-Infinity"):  # JSON has no numbers for these
        return float(str(cell))
    return None if isinstance(cell, bool) else _exact_float(cell)


def _decimal(cell: object) -> Decimal | None:
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return None
    try:
        value = Decimal(repr(cell) if isinstance(cell, float) else cell)
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    value = value.normalize() if len(value.as_tuple().digits) <= 28 else value
    exponent = value.as_tuple().exponent
    fits = isinstance(exponent, int) and exponent >= -_SCALE and value.adjusted() < _DIGITS - _SCALE
    return value if fits or value == 0 else None


def _bytes(cell: str) -> bytes:
    return base64.b64decode(cell, validate=True)


def _date(cell: str) -> datetime.date | None:
    moment = _MOMENT.fullmatch(cell)
    if moment is None or moment[4] or (moment[2] or "00:00:00") != "00:00:00" or int(moment[3] or 0):
        return None
    return datetime.date.fromisoformat(moment[1])


@frozen
class _Moment:
    nanoseconds: int
    """Since 1970."""
    aware: bool


def _moment(cell: str) -> _Moment | None:
    found = _MOMENT.fullmatch(cell)
    if found is None:
        return None
    offset = (found[4] or "+00:00").upper().replace("Z", "+00:00")
    whole = datetime.datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00:00'}{offset}") - _EPOCH
    seconds = whole.days * 86_400 + whole.seconds
    return _Moment(seconds * 10**9 + int((found[3] or "").ljust(9, "0")), aware=found[4] is not None)


def _moments(pyarrow: Any, cells: Sequence[object]) -> Any:
    """Return timestamps in microseconds, or in nanoseconds if a cell has them; in UTC if the cells have offsets."""
    moments: list[_Moment | None] = _converted(cells, _moment)
    given = [moment for moment in moments if moment is not None]
    aware = bool(given) and given[0].aware
    fine = any(moment.nanoseconds % 1000 for moment in given)
    values: list[int | None] = []
    for index, moment in enumerate(moments):
        value = None if moment is None else moment.nanoseconds if fine else moment.nanoseconds // 1000
        if moment is not None and (moment.aware != aware or value not in _INT64):
            raise _Misfit(index)
        values.append(value)
    return pyarrow.array(values, pyarrow.timestamp("ns" if fine else "us", tz="UTC" if aware else None))


_KINDS: Mapping[str, Callable[[Any, Sequence[object]], Any]] = {
    "string": _each(_of(str), lambda pyarrow: pyarrow.string()),
    "boolean": _each(_of(bool), lambda pyarrow: pyarrow.bool_()),
    "uint8": _each(_integer(8, signed=False), lambda pyarrow: pyarrow.uint8()),
    "int16": _each(_integer(16), lambda pyarrow: pyarrow.int16()),
    "int32": _each(_integer(32), lambda pyarrow: pyarrow.int32()),
    "int64": _each(_integer(64), lambda pyarrow: pyarrow.int64()),
    "float64": _each(_float, lambda pyarrow: pyarrow.float64()),
    "decimal": _each(_decimal, lambda pyarrow: pyarrow.decimal128(_DIGITS, _SCALE)),
    "bytes": _each(_bytes, lambda pyarrow: pyarrow.binary()),
    "date": _each(_date, lambda pyarrow: pyarrow.date32()),
    "date-time": _moments,
}
"""How a column of each type is made."""
