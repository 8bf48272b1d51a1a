"""Test records for token stores, and a check that a store returns them unchanged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import evolve
from auth_core.clock import Moment
from auth_core.lifecycle import ExtraValue
from auth_core.store import RefreshIntent, TokenRecord, TokenStore
from auth_core.token import Secret, Token

__all__ = ["ISSUED", "LATE_SECONDS", "a_token", "any_record", "hard_records", "require_round_trip", "save_record"]

ISSUED = Moment(1_750_000_000.0, 0.0)
LATE_SECONDS = 60.0
"""Wait for calls that are expected to succeed; long, because a machine may be slow."""


def save_record(store: TokenStore, key: str, record: TokenRecord) -> None:
    with store.lease(key, wait_seconds=LATE_SECONDS) as lease:
        lease.save(record)


def a_token(**fields: Any) -> Token:
    """A token with these fields, and default values for the other required ones."""
    whole: dict[str, Any] = {"access_token": Secret("access"), "issued": ISSUED, "grant": "password", **fields}
    return Token(**whole)


def require_round_trip(make: Callable[[], TokenStore], record: TokenRecord) -> None:
    """Assert that a record saved through one store is read unchanged through another store of the same data."""
    save_record(make(), "key", record)
    found = make().read("key")
    with make().lease("key", wait_seconds=LATE_SECONDS) as lease:
        loaded = lease.load()
    # Moments are converted to another process's clock; everything else must be unchanged.
    for token in (found.token, loaded.token):
        assert (token is None) == (record.token is None)
        if token is not None and record.token is not None:
            assert abs(token.issued.wall - record.token.issued.wall) < 1.0
            assert evolve(token, issued=ISSUED) == evolve(record.token, issued=ISSUED), "a field has changed"
            assert _types(token) == _types(record.token), "an extra of the token has changed its type"
    assert found.generation == loaded.generation == record.generation
    assert (found.intent is None) == (record.intent is None)
    if found.intent is not None and record.intent is not None:
        assert evolve(found.intent, at_wall=0.0) == evolve(record.intent, at_wall=0.0)


def _types(token: Token) -> dict[str, type]:
    return {name: type(value) for name, value in token.extras.items()}


def hard_records() -> list[TokenRecord]:
    """Records with values that are hard to serialise."""
    extras: dict[str, ExtraValue | Secret] = {
        "text": "ünïcode \U0001f511 \x00 \" ' \\ \n",
        "secret": Secret("of an extra"),
        "empty": Secret(""),
        "whole": 2**62,
        "fraction": 0.1,
        "true": True,
        "false": False,
        "": "no name",
    }
    whole = a_token(refresh_token=Secret("refresh"), extras=extras, lifetime=0.5, generation=7, server_offset=-12.25)
    return [
        TokenRecord(None, 0),
        TokenRecord(None, 5),
        TokenRecord(a_token(), 1),
        TokenRecord(whole, 7, RefreshIntent("digest", ISSUED.wall, 4711)),
        TokenRecord(a_token(access_token=Secret("x" * 20_000), refresh_token=Secret("ü" * 5_000)), 8),
        TokenRecord(evolve(whole, lifetime=None, server_offset=None, refresh_token=None), 2**53),
    ]


def any_record() -> Any:
    """A Hypothesis strategy for records. Raises ``ImportError`` without Hypothesis."""
    from hypothesis import strategies as st

    secrets = st.text().map(Secret)
    moments = st.floats(0.0, 1e6).map(lambda age: ISSUED.later(-age))
    lifetimes = st.none() | st.floats(0.001, 1e9)
    values = st.text() | st.integers() | st.floats(allow_nan=False) | st.booleans() | secrets
    tokens = st.builds(
        Token,
        access_token=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1).map(Secret),
        refresh_token=st.none() | secrets,
        extras=st.dictionaries(st.text(), values, max_size=4),
        issued=moments,
        lifetime=lifetimes,
        generation=st.integers(1, 2**53),
        grant=st.text(),
        server_offset=st.none() | st.floats(-1e6, 1e6),
    )
    intents = st.builds(RefreshIntent, st.text(), moments.map(lambda moment: moment.wall), st.integers(1, 2**31))
    return st.builds(TokenRecord, st.none() | tokens, st.integers(0, 2**53), st.none() | intents)
