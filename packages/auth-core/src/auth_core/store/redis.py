"""Tokens in Redis, shared by a fleet: one renewal for all processes.

A renewal holds a *lease*: a lock that expires unless it is extended, which a thread does while the renewal runs. If the
process is killed, the lease expires within ``lease_seconds``; a slow renewal keeps it. Each lease has a number (a
fencing token), so that a process that was suspended while another took over can no longer save.

Times are written by Redis's clock, so that hosts with different clocks agree on the age of a token.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from attrs import evolve, frozen

from ..clock import Clock, SystemClock, Wait, now
from ..errors import ConfigurationError, LeaseLost, StoreUnavailable
from ..policy import Refusal
from ..process_life import reset_in_child, start_thread
from ..token import Secret, Unpicklable
from . import redis_scripts as scripts
from .codec import decode_record, decode_refusals, encode_record, encode_refusals
from .extras import require_extra
from .memory import REFUSALS_KEPT
from .protocol import TokenRecord

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster

    from .redis_server import RedisReply

logger = logging.getLogger("auth_core")

RECORD_KEPT_SECONDS = 30 * 86_400.0
"""Since the last write; extended to the token's lifetime. Records that are unused for a month expire."""
RECORD_KEPT_LONGEST_SECONDS = 3650 * 86_400.0
"""Upper limit for any lifetime: Redis rejects expiry times that are too large."""
REFUSALS_KEPT_SECONDS = 86_400.0
"""Since the last one; longer than any sensible ``refused_login_window_seconds``."""
LONGEST_LEASE_SECONDS = 300.0
"""The longest wait for a token after a process was killed."""
EXTENSIONS_PER_LEASE = 3
"""Two extensions may fail before the lease is lost."""
LONGEST_RENEWAL_SECONDS = 300.0
"""A lease is not extended beyond this: the renewal hangs, and other processes need a token."""
FIRST_POLL_SECONDS = 0.05
LAST_POLL_SECONDS = 2.0
"""Longest pause between attempts to take the lock; the pauses grow, so that thousands of processes may wait."""


class RedisStore(Unpicklable):
    """Keeps tokens in Redis (5.0 or newer, Valkey too): one renewal for all processes and hosts that share it.

    Requires the extra: ``pip install "auth-core[redis]"``. Tokens are in clear text in Redis: all its users can use
    them. Set a password, and use ``rediss://`` (TLS) on untrusted networks.

    While Redis is unavailable, tokens in memory are served until they expire; then each process logs in on its own.
    Redis is used again as soon as it responds.

    Args:
        url_or_client: ``redis://``, ``rediss://`` or ``unix://`` URL, or a ``redis.Redis`` or ``redis.RedisCluster``
            client, whose timeouts and retries apply then (set both). Connects when the first token is needed.
        prefix: of all keys. Stores with different prefixes share nothing.
        lease_seconds: after how long the lock of a killed process is free, from 1 to 300. It is extended while a
            renewal runs; if no extension succeeds for this long, another process takes over.
        clock: Redis's time is converted to this clock; use that of the clients.

    Raises:
        ConfigurationError: redis-py is not installed, or an argument is invalid.

    A copy is the store itself. It cannot be pickled, since its URL may hold a password. A forked child opens new
    connections.
    """

    _not_pickled = "its URL may hold a password. Create it in the process that uses it"

    def __init__(
        self,
        url_or_client: str | Redis | RedisCluster,
        *,
        prefix: str = "auth-core",
        lease_seconds: float = 10.0,
        clock: Clock | None = None,
    ) -> None:
        given = Secret(url_or_client) if isinstance(url_or_client, str) else url_or_client
        del url_or_client  # keep it out of the frames of an error
        require_extra("redis", "redis")
        if not 1 <= lease_seconds <= LONGEST_LEASE_SECONDS:
            message = f"lease_seconds must be from 1 to {LONGEST_LEASE_SECONDS:.0f}, not {lease_seconds!r}"
            raise ConfigurationError(message)
        from .redis_server import RedisServer

        self._server = RedisServer(given)
        self._prefix = prefix
        self._lease_milliseconds = round(lease_seconds * 1000)
        self._clock: Clock = clock or SystemClock()
        reset_in_child(self)

    def __str__(self) -> str:
        return self._server.address

    def __repr__(self) -> str:
        return f"<RedisStore: {self}>"

    def after_fork_in_child(self) -> None:
        self._server.after_fork_in_child()

    def close(self) -> None:
        """Close the connections that this store opened; a later call opens new ones. Your own client stays open."""
        self._server.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- the protocol -----------------------------------------------------------------------------------------------

    @property
    def salt(self) -> bytes:
        """Read each time: after data loss Redis has a new salt, which all clients must use."""
        response = self._server.run(scripts.SALT, [f"{self._prefix}:salt"], [Secret(secrets.token_hex(16))])
        return _text(response.values[0]).encode()

    def read(self, key: str) -> TokenRecord:
        before = self._clock.wall()
        response = self._server.run(scripts.READ, [self._keys(key).record])
        # The largest possible offset: a slow response makes tokens look older, never younger.
        return self._record(response, response.seconds - before)

    @contextmanager
    def lease(self, key: str, *, wait_seconds: float) -> Generator[_Lease]:
        keys = self._keys(key)
        with self._held([keys.holders, keys.record], 1, wait_seconds, "the renewal lock") as held:
            yield _Lease(self, key, held)

    def forget(self, key: str) -> None:
        keys = self._keys(key)
        self._server.run(scripts.FORGET, [keys.holders, keys.record], [_milliseconds(RECORD_KEPT_SECONDS)])

    @contextmanager
    def login_turn(self, fingerprint: str, *, at_most: int, wait_seconds: float) -> Generator[None]:
        with self._held([self._keys(fingerprint).turns], at_most, wait_seconds, "a turn to log in"):
            yield

    def refusals(self, fingerprint: str) -> Sequence[Refusal]:
        before = self._clock.wall()
        response = self._server.run(scripts.REFUSALS, [self._keys(fingerprint).refusals])
        found: list[Refusal] = []
        for member in response.values[0]:
            with suppress(ValueError):  # written by another release
                found += decode_refusals(_text(member).partition(" ")[2], clock_offset=response.seconds - before)
        return tuple(found)

    def add_refusal(self, fingerprint: str, refusal: Refusal) -> None:
        key = self._keys(fingerprint).refusals
        offset = self._clock_offset(key)
        # The random number makes equal refusals of several processes distinct, and a script that runs twice idempotent.
        member = f"{secrets.token_hex(8)} {encode_refusals((refusal,), clock_offset=offset)}"
        arguments = [repr(refusal.at_wall + offset), member, str(REFUSALS_KEPT), _milliseconds(REFUSALS_KEPT_SECONDS)]
        self._server.run(scripts.ADD_REFUSAL, [key], arguments)

    def forget_refusals(self, fingerprint: str) -> None:
        self._server.run(scripts.FORGET_REFUSALS, [self._keys(fingerprint).refusals])

    # --- records ----------------------------------------------------------------------------------------------------

    def _keys(self, name: str) -> _Keys:
        tagged = f"{self._prefix}:{{{quote(name, safe='')}}}"  # braces: a hash tag, so that one cluster node holds all
        return _Keys(f"{tagged}:record", f"{tagged}:holders", f"{tagged}:turns", f"{tagged}:refusals")

    def _record(self, response: RedisReply, offset: float) -> TokenRecord:
        text, generation = _text(response.values[0]), int(response.values[1])
        if not text:
            return TokenRecord(None, generation)
        try:
            record = decode_record(text, now(self._clock), clock_offset=offset)
        except ValueError as error:
            logger.warning("%s: a token record cannot be read and counts as absent: %s", self, error)
            return TokenRecord(None, generation)
        return evolve(record, generation=max(record.generation, generation))

    def _save(self, key: str, held: _Held, record: TokenRecord) -> None:
        if held.process_id != os.getpid():  # the lease is the parent's
            raise _lost(self)
        keys = self._keys(key)
        text = Secret(encode_record(record, clock_offset=self._clock_offset(keys.record)))
        lifetime = record.token.lifetime if record.token is not None else None
        kept = _milliseconds(min(max(RECORD_KEPT_SECONDS, lifetime or 0.0), RECORD_KEPT_LONGEST_SECONDS))
        lease = [held.owner, held.fence, str(self._lease_milliseconds)]
        arguments: list[str | Secret] = [*lease, text, str(record.generation), kept]
        if _text(self._server.run(scripts.SAVE, held.keys, arguments).values[0]) == "lost":
            raise _lost(self)

    def _clock_offset(self, key: str) -> float:
        """Seconds that Redis's clock is ahead, for writing: the smallest possible offset; see :meth:`read`."""
        response = self._server.run(scripts.TIME, [key])
        return response.seconds - self._clock.wall()

    # --- locks ------------------------------------------------------------------------------------------------------

    @contextmanager
    def _held(self, keys: Sequence[str], at_most: int, wait_seconds: float, what: str) -> Generator[_Held]:
        process_id = os.getpid()
        owner = f"{secrets.token_hex(8)} {process_id} {socket.gethostname()}"
        held = _Held(keys, owner, self._take(keys, owner, at_most, wait_seconds, what), process_id)
        ended = threading.Event()
        try:
            # If no thread can start, the lease is still long enough for a quick renewal.
            start_thread(threading.Thread(target=self._extend, args=(held, ended), name="auth_core lease", daemon=True))
            yield held
        finally:
            ended.set()
            if process_id == os.getpid():  # not in a child forked during the block
                with suppress(StoreUnavailable):  # then it expires
                    self._server.run(scripts.RELEASE, keys, [owner])

    def _take(self, keys: Sequence[str], owner: str, at_most: int, wait_seconds: float, what: str) -> str:
        """Wait for the lock and return the fence. Raises ``TimeoutError``, or :class:`StoreUnavailable` at once."""
        wait = Wait(wait_seconds)
        arguments = [owner, str(at_most), str(self._lease_milliseconds), _milliseconds(RECORD_KEPT_SECONDS)]
        pause = FIRST_POLL_SECONDS
        while True:
            fence, holder = map(_text, self._server.run(scripts.TAKE, keys, arguments).values)
            if fence:
                return fence
            if wait.is_over:
                _, process_id, host = holder.split(" ", 2)
                message = f"process {process_id} on {host} holds {what}"
                raise TimeoutError(message)
            wait.pause(pause * random.uniform(0.5, 1.0))
            pause = min(LAST_POLL_SECONDS, pause * 1.5)

    def _extend(self, held: _Held, ended: threading.Event) -> None:
        """Extend the lease during a renewal. Failed extensions are retried; the next save reports a lost lease."""
        until = time.monotonic() + LONGEST_RENEWAL_SECONDS
        arguments = [held.owner, held.fence, str(self._lease_milliseconds)]
        while not ended.wait(self._lease_milliseconds / 1000 / EXTENSIONS_PER_LEASE) and time.monotonic() < until:
            with suppress(StoreUnavailable):
                if not int(self._server.run(scripts.EXTEND, held.keys, arguments).values[0]):
                    return


class _Lease:
    def __init__(self, store: RedisStore, key: str, held: _Held) -> None:
        self._store = store
        self._key = key
        self._held = held

    def load(self) -> TokenRecord:
        return self._store.read(self._key)

    def save(self, record: TokenRecord) -> None:
        self._store._save(self._key, self._held, record)  # pyright: ignore[reportPrivateUsage]  # one of its parts


@frozen
class _Keys:
    """The keys of one record or login."""

    record: str
    holders: str
    turns: str
    refusals: str


@frozen
class _Held:
    """A held lock or login turn, with its owner and the number of the lease."""

    keys: Sequence[str]
    owner: str
    fence: str
    process_id: int


def _lost(store: RedisStore) -> LeaseLost:
    return LeaseLost(f"another process has taken over the renewal lock in {store}; nothing was saved")


def _text(value: Any) -> str:
    """Decode a value: a user's client may or may not decode responses."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _milliseconds(seconds: float) -> str:
    return str(round(seconds * 1000))
