"""The tokens of one client: one source per security scheme, selected by the operation's security requirement."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from typing import Literal
from urllib.parse import urlsplit

from attrs import evolve

from .clock import Clock, SystemClock
from .credentials import Credentials
from .errors import (
    AmbiguousCredentials,
    AuthError,
    ConfigurationError,
    InsecureServer,
    InvalidCredentials,
    MissingCredentials,
    TokenUnavailable,
)
from .events import EventListener, EventRecorder
from .exchange import TokenExchange
from .grant import CustomGrant
from .lifecycle import BasicAuthentication, Grant, RequestValue, ResponseCondition, TokenLifecycle
from .policy import RefreshPolicy
from .renewal import LifecycleRenewer, Renewer, StaticRenewer
from .source import TokenSource
from .store import MemoryStore, TokenStore
from .token import Secret, Unpicklable
from .token_requests import basic_names
from .wire import TokenSender

UNAUTHORIZED = ResponseCondition(status=(401,))


class Authenticator(Unpicklable):
    """The token sources of one client.

    Args:
        lifecycles: by security scheme.
        credentials: at most one for each security scheme.
        servers: URL by constructor argument (``base_url``). Tokens are sent to these servers only, credentials only to
            those that the lifecycle names.
        send: sends token requests; called on the renewal's thread.
        store: where tokens are kept; default: in the memory of this client.
        allow_http: allow server URLs with ``http``, in clear text.
        expired: which responses mean "expired"; replaces the conditions in the spec. Default: those, and 401 for a
            static token from a callable, which is then called again.
        member_names: renames members of token requests: ``{"username": "email"}``.
        encoding: encoding of token requests, ``"json"`` or ``"form"``; default: the one in the spec.
        on_event: called for every token event, on the thread where it happens.

    Raises:
        AmbiguousCredentials: two of the credentials are for the same scheme.
        InvalidCredentials: one is for another client.
        InsecureServer: a server URL is ``http`` and not on this machine.
        ConfigurationError: no token request has a member that ``member_names`` renames, or ``encoding`` is unknown.
    """

    def __init__(
        self,
        lifecycles: Mapping[str, TokenLifecycle],
        credentials: Sequence[Credentials],
        servers: Mapping[str, str],
        *,
        send: TokenSender,
        policy: RefreshPolicy | None = None,
        store: TokenStore | None = None,
        clock: Clock | None = None,
        allow_http: bool = False,
        expired: Sequence[ResponseCondition] | None = None,
        member_names: Mapping[str, str] | None = None,
        encoding: Literal["json", "form"] | None = None,
        on_event: EventListener | None = None,
    ) -> None:
        for argument, url in servers.items():
            require_secure(argument, url, allow_http=allow_http)
        self._lifecycles = {**lifecycles, **_own_lifecycles(lifecycles, credentials)}
        _require_known(member_names or {}, self._lifecycles)
        if encoding not in (None, "json", "form"):
            message = f"the encoding of token requests is 'json' or 'form', not {encoding!r}"
            raise ConfigurationError(message)
        self._servers = dict(servers)
        self._policy = policy or RefreshPolicy()
        self._clock: Clock = clock or SystemClock()
        self._expired = expired
        self._on_event = on_event
        self._sources: dict[str, TokenSource] = {}
        self._exchanges: list[TokenExchange] = []
        kept_in = store or MemoryStore()
        for given in credentials:
            if given.scheme in self._sources:
                message = f"more than one credentials object is for {given.scheme}; give one of them"
                raise AmbiguousCredentials(message)
            lifecycle, grant = _grant_of(self._lifecycles, given)
            exchange = TokenExchange(
                lifecycle=lifecycle,
                grant=grant,
                credentials=given.values(),
                servers=self._servers,
                member_names=member_names or {},
                encoding=encoding,
                send=send,
                timeout_seconds=self._policy.token_timeout_seconds,
                clock=self._clock,
                custom=given if isinstance(given, CustomGrant) else None,
            )
            self._exchanges.append(exchange)
            recorder = self._new_recorder(given.scheme)
            renewer: Renewer = StaticRenewer(exchange)
            if grant.static is None:
                renewer = LifecycleRenewer(exchange=exchange, policy=self._policy, store=kept_in, recorder=recorder)
            self.add_renewer(given.scheme, renewer, recorder)

    def add_renewer(self, scheme: str, renewer: Renewer, recorder: EventRecorder | None = None) -> None:
        """Use ``renewer`` for the tokens of a scheme.

        Args:
            recorder: the one that the renewer records its own events in; default: a new one.
        """
        self._sources[scheme] = self._new_source(scheme, renewer, recorder or self._new_recorder(scheme))

    def _new_source(self, scheme: str, renewer: Renewer, recorder: EventRecorder) -> TokenSource:
        lifecycle = self._lifecycles[scheme]
        expired = lifecycle.expired if self._expired is None else self._expired
        if isinstance(renewer, StaticRenewer) and self._expired is None:
            expired = (*expired, UNAUTHORIZED)  # calling the callable again costs no request
        return TokenSource(
            recorder=recorder,
            renewer=renewer,
            placements=lifecycle.placements,
            servers=tuple(self._servers.values()),
            expired=expired,
            policy=self._policy,
            clock=self._clock,
        )

    def _new_recorder(self, scheme: str) -> EventRecorder:
        return EventRecorder(f"{self._lifecycles[scheme].vendor}: {scheme}", self._clock, self._on_event)

    def source(self, scheme: str) -> TokenSource:
        """The source of one security scheme. Raises ``KeyError`` if no credentials were given for it."""
        return self._sources[scheme]

    def sources_for(self, security: tuple[tuple[str, ...], ...], operation_id: str) -> tuple[TokenSource, ...]:
        """The sources of the first security alternative that the credentials satisfy.

        Args:
            security: the alternatives, each a tuple of scheme names that are all required. The alternative ``()`` is
                anonymous access, used if no other is satisfied; no alternatives at all means that the operation
                requires no token.

        Raises:
            MissingCredentials: no alternative is satisfied. Nothing was sent.
        """
        if not security:
            return ()
        for alternative in sorted(security, key=lambda alternative: not alternative):
            sources = [self._sources.get(scheme) or self._login_key(scheme, operation_id) for scheme in alternative]
            found = tuple(source for source in sources if source is not None)
            if len(found) == len(alternative):
                return found
        required = " or ".join(" with ".join(alternative) for alternative in security)
        served = [alternative for alternative in security if self._lifecycles.keys() >= set(alternative)]
        lacking = [[name for name in alternative if name not in self._sources] for alternative in served]
        if all(len(schemes) == 1 for schemes in lacking):
            schemes = sorted({name for (name,) in lacking})
            needed = f"one of: {'; '.join(grant for name in schemes for grant in self._grants(name))}"
        else:
            needed = "; or ".join(
                ", and ".join(f"for {name} {' or '.join(self._grants(name))}" for name in each) for each in lacking
            )
        message = f"{operation_id} needs credentials for {required}; give {needed}"
        raise MissingCredentials(message)

    def _grants(self, scheme: str) -> list[str]:
        """The grants of a scheme, each with the credentials that it requires."""
        return [
            f"{grant.name} ({', '.join(definition.name for definition in grant.credentials if definition.required)})"
            for grant in self._lifecycles[scheme].grants
        ]

    def _login_key(self, scheme: str, operation_id: str) -> TokenSource | None:
        """The source for a direct call of a login operation: the HTTP Basic authentication that logins send to it."""
        lifecycle = self._lifecycles.get(scheme)
        if lifecycle is None or not any(isinstance(grant.static, BasicAuthentication) for grant in lifecycle.grants):
            return None
        for exchange in self._exchanges:
            for request in exchange.grant.requests:
                names = basic_names(request.basic)
                known = exchange.credentials.items()
                given = {name: value for name, value in known if name in names and value != Secret("")}
                if request.operation_id == operation_id and given and given.keys() == names:
                    grant = evolve(exchange.grant, requests=(), static=request.basic)
                    key = evolve(exchange, lifecycle=lifecycle, grant=grant, credentials=given)
                    return self._new_source(scheme, StaticRenewer(key), self._new_recorder(scheme))
        return None

    def explain(self) -> str:
        """The output of :meth:`TokenSource.explain` for every source."""
        return "\n\n".join(source.explain() for source in self._sources.values()) or "no credentials were given"

    # --- log out and forget -----------------------------------------------------------------------------------------

    def logout(self) -> None:
        """Revoke the tokens where the vendor has a logout, and forget them. The next call logs in."""
        self._let_each(TokenSource.revoke)

    def forget(self) -> None:
        """Forget the tokens without revoking them. The next call logs in."""
        self._let_each(TokenSource.forget)

    def forget_failures(self) -> None:
        """Forget refused logins, so that the next call tries again at once."""
        self._let_each(TokenSource.forget_failures)

    # Stores are synchronous and may block, so these run on a thread.

    async def logout_async(self) -> None:
        """Async variant of :meth:`logout`, for any event loop."""
        await asyncio.to_thread(self.logout)

    async def forget_async(self) -> None:
        """Async variant of :meth:`forget`."""
        await asyncio.to_thread(self.forget)

    async def forget_failures_async(self) -> None:
        """Async variant of :meth:`forget_failures`."""
        await asyncio.to_thread(self.forget_failures)

    async def explain_async(self) -> str:
        """Async variant of :meth:`explain`."""
        return await asyncio.to_thread(self.explain)

    def _let_each(self, act: Callable[[TokenSource], None]) -> None:
        """Apply ``act`` to every source even if some fail; then raise the last failure, without its frames."""
        failure: AuthError | None = None
        for source in self._sources.values():
            try:
                act(source)
            except AuthError as error:
                failure = copy.copy(error)
            except Exception as error:  # from a custom renewer or store; its text may hold secrets
                failure = TokenUnavailable(f"{source.name}: {type(error).__name__}", request_sent=True)
        if failure is not None:
            raise failure


def _own_lifecycles(
    lifecycles: Mapping[str, TokenLifecycle], credentials: Sequence[Credentials]
) -> dict[str, TokenLifecycle]:
    """The lifecycles, by scheme, of credentials whose class overrides the ``lifecycle`` of the generated class."""
    found: dict[str, TokenLifecycle] = {}
    for given in credentials:
        own = [vars(base)["lifecycle"] for base in type(given).__mro__ if "lifecycle" in vars(base)]
        if len(own) > 1 and given.scheme in lifecycles and own[0].vendor == lifecycles[given.scheme].vendor:
            found[given.scheme] = own[0]
    return found


def _grant_of(lifecycles: Mapping[str, TokenLifecycle], given: Credentials) -> tuple[TokenLifecycle, Grant]:
    """The lifecycle and grant of the credentials. Raises :class:`InvalidCredentials` if this client has none."""
    lifecycle = lifecycles.get(given.scheme)
    if isinstance(given, CustomGrant):
        if lifecycle is None:
            message = (
                f"{type(given).__name__} is for the scheme {given.scheme!r}; this client has {', '.join(lifecycles)}"
            )
            raise InvalidCredentials(message)
        return lifecycle, given.as_grant()
    grants = [] if lifecycle is None else [grant for grant in lifecycle.grants if grant.name == given.grant]
    names = {definition.name for grant in grants for definition in grant.credentials}
    own: TokenLifecycle | None = getattr(given, "lifecycle", None)  # absent from a custom grant
    another = lifecycle is not None and own is not None and own.vendor != lifecycle.vendor
    if lifecycle is None or another or not grants or not given.values().keys() <= names:
        message = f"{type(given).__name__} of {type(given).__module__} is not for this client"
        raise InvalidCredentials(message)
    absent = [item.name for item in grants[0].credentials if item.required and item.name not in given.values()]
    if absent:
        message = f"{type(given).__name__} lacks {', '.join(absent)}: the value is None"
        raise InvalidCredentials(message)
    return lifecycle, grants[0]


def _require_known(member_names: Mapping[str, str], lifecycles: Mapping[str, TokenLifecycle]) -> None:
    """Raise :class:`ConfigurationError` if no token request has a member that is to be renamed."""
    known: set[str] = set()
    for lifecycle in lifecycles.values():
        requests = [request for grant in lifecycle.grants for request in grant.requests]
        requests += [lifecycle.refresh.request] if lifecycle.refresh else []
        requests += [lifecycle.logout] if lifecycle.logout else []
        known = known.union(*(_member_names(part) for request in requests for part in (request.body, request.query)))
    unknown = sorted(member_names.keys() - known)
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        message = f"no token request has a member {', '.join(unknown)} that could be renamed; known members: {there}"
        raise ConfigurationError(message)


def _member_names(members: Mapping[str, RequestValue]) -> set[str]:
    nested = (_member_names(value) for value in members.values() if isinstance(value, Mapping))
    return set(members).union(*nested)


def require_secure(argument: str, url: str, *, allow_http: bool) -> None:
    """Raise :class:`InsecureServer` unless ``url`` is ``https`` or on this machine, or ``allow_http`` is set."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        message = f"{argument} must be an absolute URL with https and a host name"
        raise InsecureServer(message)
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname):
        message = (
            f"{argument} is http://{parts.hostname}: tokens and passwords would be sent in clear text. Use https;"
            " `allow_http=True`, or --allow-http on the command line, is for a network you trust"
        )
        raise InsecureServer(message)


def is_loopback(host: str) -> bool:
    """Whether a host is a loopback address or a name for one."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
