"""Cinchy's connections and transactions: statements that take effect together when committed, or not at all.

Only the calls are documented; the rest is assumed: a transaction sees the tables as they were when it began, and its
own changes; committing it replaces the tables that it changed. Closing a connection discards its open transactions. An
id that is not open fails like a query.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from attrs import define, field

from vendor_sandbox.quirks.cinchy.cql import CqlError, Tables

__all__ = ["Connections"]


@define
class _Transaction:
    connection: str
    before: Tables
    tables: Tables


@define
class Connections:
    """The open connections to some tables, and the transactions on them; ids come from ``new_id``."""

    tables: Tables
    new_id: Callable[[], str]
    _open: set[str] = field(factory=set[str])
    _transactions: dict[str, _Transaction] = field(factory=dict[str, _Transaction])

    def open(self, connection: str | None = None) -> str:
        """Open a connection and return its id."""
        connection = connection or self.new_id()
        self._open.add(connection)
        return connection

    def close(self, connection: str) -> None:
        """Close a connection. Raises ``CqlError`` if it is not open."""
        self._check(connection)
        self._open.remove(connection)
        self._transactions = {name: each for name, each in self._transactions.items() if each.connection != connection}

    def begin(self, connection: str, transaction: str | None = None) -> str:
        """Begin a transaction and return its id. Raises ``CqlError`` if the connection is not open."""
        self._check(connection)
        transaction = transaction or self.new_id()
        self._transactions[transaction] = _Transaction(
            connection, copy.deepcopy(self.tables), copy.deepcopy(self.tables)
        )
        return transaction

    def commit(self, connection: str, transaction: str) -> None:
        """Commit a transaction. Raises ``CqlError`` if it is not open on that connection."""
        ended = self._end(connection, transaction)
        self.tables.update({name: table for name, table in ended.tables.items() if table != ended.before.get(name)})

    def roll_back(self, connection: str, transaction: str) -> None:
        """Roll back a transaction. Raises ``CqlError`` if it is not open on that connection."""
        self._end(connection, transaction)

    def tables_of(self, transaction: str | None) -> Tables:
        """The tables that a request with this transaction, or none, sees. Raises ``CqlError`` if it is not open."""
        if not transaction:
            return self.tables
        if transaction not in self._transactions:
            raise CqlError("There is no open transaction of that id.")
        return self._transactions[transaction].tables

    def _check(self, connection: str) -> None:
        if connection not in self._open:
            raise CqlError("There is no open connection of that id.")

    def _end(self, connection: str, transaction: str) -> _Transaction:
        self._check(connection)
        found = self._transactions.get(transaction)
        if found is None or found.connection != connection:
            raise CqlError("There is no open transaction of that id on this connection.")
        return self._transactions.pop(transaction)
