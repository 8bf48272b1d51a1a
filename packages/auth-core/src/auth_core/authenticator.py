"""All tokens of one client: which credentials serve which operation, one source per security scheme."""

from __future__ import annotations

import asyncio
import copy
import ipaddress
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import urlsplit

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
from .lifecycle import Grant, RequestValue, ResponseCondition, TokenLifecycle
from .policy import RefreshPolicy
from .renewal import LifecycleRenewer, Renewer, StaticRenewer
from .source import TokenSource
from .store import MemoryStore, TokenStore
from .token import Unpicklable
from .wire import TokenSender


class Authenticator(Unpicklable):
    """The token sources of one client.

    Args:
        lifecycles: by security scheme.
        credentials: what the user gave; for each security scheme at most one.
        servers: URL by the constructor argument that holds it (``base_url``). Tokens are shown to these only, and
            credentials to those of them which the lifecycle names.
        send: sends token requests, on the renewal's thread.
        store: where tokens are kept; default: this client's own memory.
        allow_http: servers may be spoken to in clear text.
        expired: which responses mean "expired" for this user, in place of what the spec states.
        member_names: other names for members of token requests: ``{"username": "email"}``.
        on_event: told whatever happens to the tokens, on the thread where it happens.

    Raises:
        AmbiguousCredentials: two of the credentials are for the same scheme.
        InvalidCredentials: one is for another client.
        InsecureServer: a server URL is ``http`` and not on this machine.
        ConfigurationError: no token request has a member that ``member_names`` renames.
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
        on_event: EventListener | None = None,
    ) -> None:
        for argument, url in servers.items():
            require_secure(argument, url, allow_http=allow_http)
        _require_known(member_names or {}, lifecycles)
        self._lifecycles = lifecycles
        self._servers = dict(servers)
        self._policy = policy or RefreshPolicy()
        self._clock: Clock = clock or SystemClock()
        self._expired = expired
        self._on_event = on_event
        self._sources: dict[str, TokenSource] = {}
        kept_in = store or MemoryStore()
        for given in credentials:
            if given.scheme in self._sources:
                message = f"more than one credentials object is for {given.scheme}; give one of them"
                raise AmbiguousCredentials(message)
            lifecycle, grant = _grant_of(lifecycles, given)
            exchange = TokenExchange(
                lifecycle=lifecycle,
                grant=grant,
                credentials=given.values(),
                servers=self._servers,
                member_names=member_names or {},
                send=send,
                timeout_seconds=self._policy.token_timeout_seconds,
                clock=self._clock,
                custom=given if isinstance(given, CustomGrant) else None,
            )
            recorder = self._new_recorder(given.scheme)
            renewer: Renewer = StaticRenewer(exchange)
            if grant.static is None:
                renewer = LifecycleRenewer(exchange=exchange, policy=self._policy, store=kept_in, recorder=recorder)
            self.add_renewer(given.scheme, renewer, recorder)

    def add_renewer(self, scheme: str, renewer: Renewer, recorder: EventRecorder | None = None) -> None:
        """Let a renewer of the user's bring the tokens of a scheme, for a vendor whose grant cannot be declared.

        Args:
            recorder: one that the renewer tells what happens, too; default: a new one.
        """
        recorder = recorder or self._new_recorder(scheme)
        lifecycle = self._lifecycles[scheme]
        self._sources[scheme] = TokenSource(
            recorder=recorder,
            renewer=renewer,
            placements=lifecycle.placements,
            servers=tuple(self._servers.values()),
            expired=lifecycle.expired if self._expired is None else self._expired,
            policy=self._policy,
            clock=self._clock,
        )

    def _new_recorder(self, scheme: str) -> EventRecorder:
        return EventRecorder(f"{self._lifecycles[scheme].vendor}: {scheme}", self._clock, self._on_event)

    def source(self, scheme: str) -> TokenSource:
        """The source of one security scheme; ``KeyError`` when no credentials were given for it."""
        return self._sources[scheme]

    def sources_for(self, security: tuple[tuple[str, ...], ...], operation_id: str) -> tuple[TokenSource, ...]:
        """The sources of the first security alternative that the credentials satisfy.

        Args:
            security: the alternatives, each the names of schemes that are wanted together. ``()`` as an alternative is
                the anonymous one; no alternative at all means that the operation requires no token.

        Raises:
            MissingCredentials: none is satisfied. Nothing was sent.
        """
        if not security:
            return ()
        for alternative in security:
            if all(scheme in self._sources for scheme in alternative):
                return tuple(self._sources[scheme] for scheme in alternative)
        wanted = " or ".join(" with ".join(alternative) for alternative in security)
        known = {scheme for alternative in security for scheme in alternative} & self._lifecycles.keys()
        ways = [
            f"{grant.name} ({', '.join(definition.name for definition in grant.credentials if definition.required)})"
            for scheme in sorted(known - self._sources.keys())
            for grant in self._lifecycles[scheme].grants
        ]
        message = f"{operation_id} needs credentials for {wanted}; give one of: {'; '.join(ways)}"
        raise MissingCredentials(message)

    def explain(self) -> str:
        """What :meth:`TokenSource.explain` says of every source."""
        return "\n\n".join(source.explain() for source in self._sources.values()) or "no credentials were given"

    # --- giving up tokens -------------------------------------------------------------------------------------------

    def logout(self) -> None:
        """Give the tokens back where the vendor wants to know, and forget them. The next call logs in."""
        self._let_each(TokenSource.revoke)

    def forget(self) -> None:
        """Forget the tokens without telling the vendor. The next call logs in."""
        self._let_each(TokenSource.forget)

    def forget_failures(self) -> None:
        """Forget refused logins: the next call tries again at once."""
        self._let_each(TokenSource.forget_failures)

    # A store may block, which an event loop must not.

    async def logout_async(self) -> None:
        """:meth:`logout` for a task of any event loop."""
        await asyncio.to_thread(self.logout)

    async def forget_async(self) -> None:
        """:meth:`forget` for a task of any event loop."""
        await asyncio.to_thread(self.forget)

    async def forget_failures_async(self) -> None:
        """:meth:`forget_failures` for a task of any event loop."""
        await asyncio.to_thread(self.forget_failures)

    async def explain_async(self) -> str:
        """:meth:`explain` for a task of any event loop."""
        return await asyncio.to_thread(self.explain)

    def _let_each(self, act: Callable[[TokenSource], None]) -> None:
        """Let every source act, also after one that failed; raises the last failure, without its frames."""
        failure: AuthError | None = None
        for source in self._sources.values():
            try:
                act(source)
            except AuthError as error:
                failure = copy.copy(error)
            except Exception as error:  # of a renewer or a store of the user's; its text may hold anything
                failure = TokenUnavailable(f"{source.name}: {type(error).__name__}", request_sent=True)
        if failure is not None:
            raise failure


def _grant_of(lifecycles: Mapping[str, TokenLifecycle], given: Credentials) -> tuple[TokenLifecycle, Grant]:
    """The lifecycle and the grant that credentials are for; :class:`InvalidCredentials` when this client has none."""
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
    own: TokenLifecycle | None = getattr(given, "lifecycle", None)  # of the vendor whose credentials these are
    another = lifecycle is not None and own is not None and own.vendor != lifecycle.vendor
    if lifecycle is None or another or not grants or not given.values().keys() <= names:
        message = f"{type(given).__name__} of {type(given).__module__} is not for this client"
        raise InvalidCredentials(message)
    absent = [item.name for item in grants[0].credentials if item.required and item.name not in given.values()]
    if absent:
        message = f"{type(given).__name__} lacks {', '.join(absent)}: None was given"
        raise InvalidCredentials(message)
    return lifecycle, grants[0]


def _require_known(member_names: Mapping[str, str], lifecycles: Mapping[str, TokenLifecycle]) -> None:
    """:class:`ConfigurationError` when a member to be renamed is in no token request."""
    known: set[str] = set()
    for lifecycle in lifecycles.values():
        requests = [request for grant in lifecycle.grants for request in grant.requests]
        requests += [lifecycle.refresh.request] if lifecycle.refresh else []
        requests += [lifecycle.logout] if lifecycle.logout else []
        known = known.union(*(_member_names(part) for request in requests for part in (request.body, request.query)))
    unknown = sorted(member_names.keys() - known)
    if unknown:
        there = ", ".join(sorted(known)) or "none"
        message = f"no token request has a member {', '.join(unknown)} that could be renamed; there are: {there}"
        raise ConfigurationError(message)


def _member_names(members: Mapping[str, RequestValue]) -> set[str]:
    nested = (_member_names(value) for value in members.values() if isinstance(value, Mapping))
    return set(members).union(*nested)


def require_secure(argument: str, url: str, *, allow_http: bool) -> None:
    """:class:`InsecureServer` unless tokens are safe on the way to ``url``."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        message = f"{argument} must be an absolute URL with https and a host name"
        raise InsecureServer(message)
    if parts.scheme == "http" and not allow_http and not _is_loopback(parts.hostname):
        message = (
            f"{argument} is http://{parts.hostname}: tokens and passwords would be sent in clear text. Use https;"
            " `allow_http=True`, or --allow-http on a command line, is for a network that is yours"
        )
        raise InsecureServer(message)


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
