"""Base class of the scripted providers: recorded requests, faults, held requests, a transport and a server."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import Counter, deque
from collections.abc import Callable, Generator
from contextlib import contextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING, TypeAlias

from attrs import evolve

from .exchange import Delivery, ProviderRequest, ProviderResponse
from .faults import Fault, Handling
from .issuer import IssuedToken, TokenIssuer, TokenProblem
from .server import serve

if TYPE_CHECKING:
    from .transport import ProviderTransport

__all__ = ["Refused", "Scripted", "ScriptedProvider"]

Scripted: TypeAlias = Fault | ProviderResponse | Callable[[ProviderRequest], ProviderResponse]
"""A fault, a response, or a function that returns a response (and may raise ``ConnectionResetError``)."""

HOLD_SECONDS = 60.0
"""Held requests continue after this time even if the test never releases them."""


class Refused(Exception):
    """Raised to refuse a token request, with ``response`` or the provider's usual refusal."""

    def __init__(self, response: ProviderResponse | None = None) -> None:
        super().__init__("refused")
        self.response = response


class ScriptedProvider(ABC):
    """Serves token requests and API requests, as documented unless a fault is scripted. Thread-safe.

    Args:
        issuer: the token issuer; its clock is the provider's.
    """

    def __init__(self, issuer: TokenIssuer) -> None:
        self.issuer = issuer
        self.token_requests: list[ProviderRequest] = []
        self.api_requests: list[ProviderRequest] = []
        self.logouts: list[ProviderRequest] = []
        self.statuses: list[int] = []
        """Status codes of the API's responses, in order."""
        self.issued: list[IssuedToken] = []
        self.token_arrived = threading.Semaphore(0)
        """Released once per token request, before it is served."""
        self._script: deque[Scripted] = deque()
        self._api_script: deque[Scripted] = deque()
        self._always: tuple[Scripted, ...] = ()
        self._always_api: tuple[Scripted, ...] = ()
        self._refusals: Counter[str] = Counter()
        self._locked: set[str] = set()
        self._newest: dict[str, IssuedToken] = {}
        self._open = threading.Event()
        self._open.set()
        self._hang = threading.Event()
        self._lock = threading.RLock()

    # --- the script -------------------------------------------------------------------------------------------------

    def respond_next(self, *faults: Scripted) -> None:
        """Script the next token requests, one argument for each."""
        self._script.extend(faults)

    def respond_next_api(self, *faults: Scripted) -> None:
        """Script the next API requests, one argument for each."""
        self._api_script.extend(faults)

    def respond_always(self, *faults: Scripted) -> None:
        """Apply all ``faults`` to every token request, replacing earlier ones; without arguments, apply none."""
        self._always = faults

    def respond_always_api(self, *faults: Scripted) -> None:
        """Like :meth:`respond_always`, for API requests."""
        self._always_api = faults

    @contextmanager
    def holding(self) -> Generator[None]:
        """Hold token requests until the block ends or :meth:`release` is called."""
        self._open.clear()
        try:
            yield
        finally:
            self._open.set()

    def release(self) -> None:
        """Let held token requests continue, and end requests that :class:`~auth_core_testing.Hang` keeps waiting."""
        self._open.set()
        hanging, self._hang = self._hang, threading.Event()
        hanging.set()

    def locked(self) -> frozenset[str]:
        """Return the accounts that :class:`~auth_core_testing.LockOut` has locked."""
        with self._lock:
            return frozenset(self._locked)

    def unlock(self) -> None:
        """Unlock all accounts and reset the counters of refusals."""
        with self._lock:
            self._locked.clear()
            self._refusals.clear()

    # --- as a transport, as a server --------------------------------------------------------------------------------

    def transport(self) -> ProviderTransport:
        """Return an httpx transport, sync and async; clients may use any host name."""
        from .transport import ProviderTransport  # which imports httpx

        return ProviderTransport(self)

    @contextmanager
    def serve(self) -> Generator[str]:
        """Run a real server on a loopback socket inside the block; yields its URL."""
        with serve(self) as url:
            yield url

    def hang(self, seconds: float) -> bool:
        """Block for ``seconds``, or until :meth:`release` (returns ``True``). Called by transport and server."""
        return self._hang.wait(seconds)

    # --- responses ----------------------------------------------------------------------------------------------------

    def handle(self, request: ProviderRequest) -> ProviderResponse:
        """Return the response to one request, and how to deliver it."""
        handling = Handling(request)
        try:
            response = self._handle(request, handling)
        except ConnectionResetError:
            return ProviderResponse(delivery=Delivery(reset=True))
        date = formatdate(self.issuer.clock.wall() + handling.date_offset, usegmt=True)
        content = response.content[: len(response.content) // 2] if handling.malformed else response.content
        delivery = handling.delivery if response.delivery == Delivery() else response.delivery
        return evolve(response, headers={"Date": date, **response.headers}, content=content, delivery=delivery)

    def regular_response(self, request: ProviderRequest) -> ProviderResponse:
        """Respond to a token request without faults; for scripted functions that act before or after it."""
        return self._refusing(Handling(request))

    def _handle(self, request: ProviderRequest, handling: Handling) -> ProviderResponse:
        if self._is_logout(request):
            with self._lock:
                self.logouts.append(request)
            return self._log_out(request)
        if self._is_token_request(request):
            with self._lock:
                self.token_requests.append(request)
                faults = [*self._always, *([self._script.popleft()] if self._script else [])]
            self.token_arrived.release()
            self._open.wait(HOLD_SECONDS)
            response = _play(faults, handling, request)
            return self._refusing(handling) if response is None else response
        with self._lock:
            self.api_requests.append(request)
            faults = [*self._always_api, *([self._api_script.popleft()] if self._api_script else [])]
        response = _play(faults, handling, request) or self._api_response(request)
        with self._lock:
            self.statuses.append(response.status)
        return response

    def _refusing(self, handling: Handling) -> ProviderResponse:
        try:
            return self._token_response(handling.request, handling)
        except Refused as refused:
            return refused.response or handling.refused_as or self._refusal(handling.request)

    @abstractmethod
    def _is_token_request(self, request: ProviderRequest) -> bool: ...

    @abstractmethod
    def _is_logout(self, request: ProviderRequest) -> bool: ...

    @abstractmethod
    def _token_response(self, request: ProviderRequest, handling: Handling) -> ProviderResponse:
        """Raises :class:`Refused`."""

    @abstractmethod
    def _refusal(self, request: ProviderRequest) -> ProviderResponse:
        """The usual response to wrong credentials."""

    @abstractmethod
    def _log_out(self, request: ProviderRequest) -> ProviderResponse: ...

    @abstractmethod
    def _api_response(self, request: ProviderRequest) -> ProviderResponse: ...

    # --- for token requests -----------------------------------------------------------------------------------------

    def _admit(self, account: str, handling: Handling, *, credentials_are_right: bool) -> None:
        """Raise :class:`Refused` for wrong credentials or a locked account; counts consecutive refusals."""
        with self._lock:
            lock_out = handling.lock_out
            if account in self._locked:
                raise Refused(lock_out.response if lock_out else None)
            if credentials_are_right:
                self._refusals.pop(account, None)
                return
            self._refusals[account] += 1
            if lock_out is not None and self._refusals[account] >= lock_out.after:
                self._locked.add(account)
        raise Refused

    def _deliver(self, issued: IssuedToken, handling: Handling) -> IssuedToken:
        """The token to return: the subject's newest one again where a fault requires that, else the new one."""
        until, now = handling.same_token_until, self.issuer.clock.wall()
        with self._lock:
            newest = self._newest.get(issued.subject)
            if until is not None and newest is not None and newest.expires_at - now > until and self._is_valid(newest):
                left = newest.expires_at - now
                issued = evolve(newest, refresh_token=issued.refresh_token, issued_at=now, lifetime=left)
            self._newest[issued.subject] = issued
            self.issued.append(issued)
        return issued

    def _is_valid(self, issued: IssuedToken) -> bool:
        try:
            self.issuer.verify(issued.access_token)
        except TokenProblem:
            return False
        return True


def _play(faults: list[Scripted], handling: Handling, request: ProviderRequest) -> ProviderResponse | None:
    """The response that replaces the usual one, if any; an empty one if the request takes no effect or
    the response never arrives.
    """
    for fault in faults:
        if isinstance(fault, ProviderResponse):
            handling.instead = fault
        elif isinstance(fault, Fault):
            fault.play(handling)
        else:
            handling.instead = fault(request)
    if handling.instead is None and not handling.processed:
        return ProviderResponse()
    return handling.instead
