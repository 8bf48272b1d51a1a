"""A small part of Cinchy Query Language: enough to read, add, change and delete rows of one table.

``SELECT`` with a column list or ``*``, ``COUNT(*)`` included; ``INSERT INTO … VALUES``, ``UPDATE … SET``,
``DELETE FROM``; conditions are comparisons joined by ``AND``.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import define, field, frozen

from vendor_sandbox.quirks.cinchy.tables import Column, Result, Table

__all__ = ["CqlError", "Outcome", "Tables", "execute"]

Tables = dict[tuple[str, str], Table]
"""Tables by domain and name, both in lower case."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>\[[^\]]*\])|(?P<text>'(?:[^']|'')*')|(?P<number>-?\d+(?:\.\d+)?)|(?P<parameter>@\w+)"
    r"|(?P<word>\w+)|(?P<symbol><>|<=|>=|!=|[=<>(),.*;]))"
)
_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class CqlError(Exception):
    """Raised when a statement cannot be run; the message is sent in ``X-Cinchy-Error``."""


@frozen
class Outcome:
    """The result of a statement: the rows it read, or the number of rows it changed."""

    result: Result | None = None
    changed: int = 0


def execute(statement: str, tables: Tables, parameters: Mapping[str, Any]) -> Outcome:
    """Run one statement. Parameter names include the ``@``.

    Raises:
        CqlError: the statement is outside the supported part of the language, or names an unknown table or column.
    """
    return _Statement(_tokens(statement), tables, {name.casefold(): value for name, value in parameters.items()}).run()


def _tokens(statement: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(statement.rstrip()):
        match = _TOKEN.match(statement, position)
        if match is None or match.lastgroup is None:
            raise CqlError(f"Incorrect syntax near '{statement[position : position + 20].strip()}'.")
        found.append((match.lastgroup, match[match.lastgroup]))
        position = match.end()
    return [token for token in found if token != ("symbol", ";")]


@define
class _Statement:
    tokens: list[tuple[str, str]]
    tables: Tables
    parameters: Mapping[str, Any]
    position: int = field(default=0, init=False)

    def run(self) -> Outcome:
        match self.word():
            case "SELECT":
                outcome = self.select()
            case "INSERT":
                outcome = self.insert()
            case "UPDATE":
                outcome = self.update()
            case "DELETE":
                outcome = self.delete()
            case other:
                raise CqlError(f"Incorrect syntax near '{other}'.")
        return outcome

    def select(self) -> Outcome:
        count = self.accept("COUNT")
        names: list[str] = []
        if count:
            for symbol in "(*)":
                self.expect(symbol)
        elif not self.accept("*"):
            names = self.name_list()
        self.expect("FROM")
        table = self.table()
        rows = self.where(table)
        self.end()
        if count:
            return Outcome(Result((Column("Count", "Int32"),), ((len(rows),),)))
        indexes = [self.column(table, name) for name in names] or list(range(len(table.columns)))
        columns = tuple(table.columns[index] for index in indexes)
        return Outcome(Result(columns, tuple(tuple(row[index] for index in indexes) for row in rows)))

    def insert(self) -> Outcome:
        self.expect("INTO")
        table = self.table()
        self.expect("(")
        names = self.name_list()
        self.expect(")")
        self.expect("VALUES")
        self.expect("(")
        values = [self.value()]
        while self.accept(","):
            values.append(self.value())
        self.expect(")")
        self.end()
        for name in names:
            self.column(table, name)
        if len(names) != len(values):
            raise CqlError("The number of values does not match the number of columns.")
        table.add(dict(zip(names, values, strict=True)))
        return Outcome(changed=1)

    def update(self) -> Outcome:
        table = self.table()
        self.expect("SET")
        changes: dict[int, Any] = {}
        while True:
            index = self.column(table, self.name())
            self.expect("=")
            changes[index] = self.value()
            if not self.accept(","):
                break
        rows = self.where(table)
        self.end()
        for row in rows:
            for index, value in changes.items():
                row[index] = value
        return Outcome(changed=len(rows))

    def delete(self) -> Outcome:
        self.expect("FROM")
        table = self.table()
        rows = self.where(table)
        self.end()
        table.rows = [row for row in table.rows if not any(row is gone for gone in rows)]
        return Outcome(changed=len(rows))

    def where(self, table: Table) -> list[list[Any]]:
        rows = list(table.rows)
        if not self.accept("WHERE"):
            return rows
        while True:
            index = self.column(table, self.name())
            symbol = self.take()[1]
            if symbol not in _COMPARISONS:
                raise CqlError(f"Incorrect syntax near '{symbol}'.")
            value = self.value()
            rows = [row for row in rows if _compare(row[index], _COMPARISONS[symbol], value)]
            if not self.accept("AND"):
                return rows

    def table(self) -> Table:
        domain = self.name()
        self.expect(".")
        name = self.name()
        table = self.tables.get((domain.casefold(), name.casefold()))
        if table is None:
            raise CqlError(f"The table [{domain}].[{name}] could not be found.")
        return table

    def column(self, table: Table, name: str) -> int:
        index = table.index(name)
        if index is None:
            raise CqlError(f"The column [{name}] could not be found.")
        return index

    def value(self) -> Any:
        kind, text = self.take()
        match kind:
            case "text":
                return text[1:-1].replace("''", "'")
            case "number":
                return float(text) if "." in text else int(text)
            case "parameter" if text.casefold() in self.parameters:
                return self.parameters[text.casefold()]
            case "parameter":
                raise CqlError(f'Must declare the scalar variable "{text}".')
            case "word" if text.upper() == "NULL":
                return None
            case _:
                raise CqlError(f"Incorrect syntax near '{text}'.")

    def name_list(self) -> list[str]:
        names = [self.name()]
        while self.accept(","):
            names.append(self.name())
        return names

    def name(self) -> str:
        kind, text = self.take()
        if kind not in ("name", "word"):
            raise CqlError(f"Incorrect syntax near '{text}'.")
        return text.strip("[]")

    def word(self) -> str:
        return self.take()[1].upper()

    def accept(self, text: str) -> bool:
        if self.position < len(self.tokens) and self.tokens[self.position][1].upper() == text:
            self.position += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise CqlError(f"Incorrect syntax: expected '{text}'.")

    def take(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise CqlError("Incorrect syntax: unexpected end of the statement.")
        self.position += 1
        return self.tokens[self.position - 1]

    def end(self) -> None:
        if self.position < len(self.tokens):
            raise CqlError(f"Incorrect syntax near '{self.tokens[self.position][1]}'.")


def _compare(cell: Any, compare: Callable[[Any, Any], bool], value: Any) -> bool:
    """Compare numbers as numbers and all else as case-insensitive text; a missing value matches nothing."""
    if cell is None or value is None:
        return False
    try:
        return compare(float(cell), float(value))
    except (TypeError, ValueError):
        return compare(str(cell).casefold(), str(value).casefold())
