"""One run of the command line: client, credentials and store, each resolved on first use."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cached_property

from attrs import frozen

from ..clock import SystemClock, now
from ..credentials import Credentials, CredentialValue
from ..environment import credentials_from_environment
from ..errors import ConfigurationError, LoginRequired, MissingCredentials, StoreUnavailable
from ..events import utc
from ..exchange import TokenExchange
from ..lifecycle import CredentialDefinition, Grant, TokenLifecycle
from ..placement import placement_for
from ..policy import RefreshPolicy
from ..renewal import LifecycleRenewer, StaticRenewer
from ..source import TokenSource
from ..store import MemoryStore, TokenStore
from ..store.opening import open_store
from ..token import Secret, Token
from .clients import ClientDescription, TokenConnection
from .profiles import Profile, Profiles
from .report import Report, token_facts
from .terminal import Terminal

FROM_THE_PROMPT = "from the prompt"


@frozen(kw_only=True, repr=False)
class SelectedGrant:
    """The grant and credentials to log in with.

    Attributes:
        key: the token's key in the store; ``None``: the fingerprint of the credentials.
        found_in: where the credentials come from, for display.
    """

    scheme: str
    grant: Grant
    credentials: Mapping[str, CredentialValue]
    key: str | None
    found_in: str

    @property
    def shown(self) -> str:
        """The grant and the credentials that are not secret."""
        secret = {definition.name for definition in self.grant.credentials if definition.secret}
        open_values = [
            f"{name} {value}"
            for name, value in self.credentials.items()
            if name not in secret and isinstance(value, str)
        ]
        who = f" as {', '.join(open_values)}" if open_values else ""
        return f"{self.grant.name}{who}, {self.found_in}"


class Session:
    """The parts of one run.

    Args:
        store: name of the store; ``None``: files, or memory if the extra for files is not installed.
        urls: server URLs from the arguments.
        allow_http: allow server URLs with ``http``, in clear text.
    """

    def __init__(
        self,
        client: ClientDescription,
        *,
        store: str | None,
        urls: Mapping[str, str],
        allow_http: bool,
        terminal: Terminal,
    ) -> None:
        self.client = client
        self.clock = SystemClock()
        self.policy = RefreshPolicy()
        self._store_name = store
        self._urls = urls
        self._allow_http = allow_http
        self._terminal = terminal
        self._profiles = Profiles()
        self._opened: TokenConnection | None = None

    # --- looked up when needed --------------------------------------------------------------------------------------

    @cached_property
    def store(self) -> TokenStore:
        if self._store_name is not None:
            store = open_store(self._store_name)
            if isinstance(store, MemoryStore):
                self._terminal.tell("tokens are kept in memory, for this command only")
            return store
        try:
            return open_store("file")
        except ConfigurationError as error:
            if type(error) is not ConfigurationError:  # the file store exists but is not secure
                raise
            self._terminal.tell(f"tokens are kept in memory, for this command only: {error}")
            return MemoryStore()

    @cached_property
    def profile(self) -> Profile | None:
        return self._profiles.load(self.client.distribution)

    @property
    def connection(self) -> TokenConnection:
        if self._opened is None:
            saved: Mapping[str, str] = self.profile.urls if self.profile else {}
            variables = {name for name in saved if os.environ.get(f"{self.client.environment}_{name.upper()}")}
            urls = {name: url for name, url in saved.items() if name not in variables} | dict(self._urls)
            opened = self.client.token_connection(urls, (), self.store, allow_http=self._allow_http)
            unknown = [name for name in self._urls if name not in opened.urls]
            if unknown:
                opened.close()
                message = f"--server: no server is called {unknown[0]!r}; known names: {', '.join(opened.urls)}"
                raise ConfigurationError(message)
            self._opened = opened
        return self._opened

    @cached_property
    def selected(self) -> SelectedGrant:
        """The grant from the environment, else from the last login at the prompt; else :class:`MissingCredentials`."""
        try:
            return self._from_environment()
        except MissingCredentials as error:
            if self.profile is None or os.environ.get(f"{self.client.environment}_GRANT"):
                raise MissingCredentials(f"{error}; or run: login") from None
            return self._from_profile(self.profile)

    @property
    def lifecycle(self) -> TokenLifecycle:
        return self.client.lifecycles[self.selected.scheme]

    def renewer(
        self, selected: SelectedGrant | None = None, *, log_in_always: bool = False
    ) -> LifecycleRenewer | StaticRenewer:
        chosen = selected or self.selected
        exchange = TokenExchange(
            lifecycle=self.client.lifecycles[chosen.scheme],
            grant=chosen.grant,
            credentials=chosen.credentials,
            servers=self.connection.urls,
            send=self.connection.token_sender,
            timeout_seconds=self.policy.token_timeout_seconds,
            clock=self.clock,
        )
        if chosen.grant.static is not None:
            return StaticRenewer(exchange)
        return LifecycleRenewer(
            exchange=exchange, policy=self.policy, store=self.store, key=chosen.key, log_in_always=log_in_always
        )

    # --- the commands -----------------------------------------------------------------------------------------------

    def log_in(self, grant: str | None, *, again: bool) -> Report:
        """Log in now, even if a valid token is stored."""
        _ = self.connection  # raises for a missing address before the password prompt
        selected = self._login_grant(grant)
        renewer = self.renewer(selected, log_in_always=True)
        assert isinstance(renewer, LifecycleRenewer)  # _login_grant selects no static grant
        if again:
            renewer.forget_failures()
        kept = self.store.read(renewer.store_key).generation
        token = self._source(selected, renewer).renewed_now(kept)
        if selected.found_in == FROM_THE_PROMPT:
            try:
                self._save_profile(selected, renewer.store_key)
            except StoreUnavailable as error:  # the login itself succeeded
                self._terminal.tell(str(error))
        facts = {"grant": selected.grant.name, "token": token_facts(token, now(self.clock))}
        return Report(f"logged in: {selected.shown}; {self._described(token)}", facts)

    def token(self) -> Report:
        """The token itself, renewed first in its mandatory window or after it has expired."""
        token = self._token()
        value = token.access_token.reveal()
        return Report(value, {"access_token": value, **(token_facts(token, now(self.clock)) or {})})

    def header(self) -> Report:
        """The header line with the token. Raises :class:`ConfigurationError` if the API takes it elsewhere."""
        placement = placement_for(self.lifecycle.placements, "GET")
        if placement.location != "header":
            message = f"this API takes the token in the {placement.location}, as {placement.name!r}; omit --header"
            raise ConfigurationError(message)
        value = f"{placement.prefix}{self._token().access_token.reveal()}"
        return Report(f"{placement.name}: {value}", {"name": placement.name, "value": value})

    def status(self) -> Report:
        """The login, and whether there is a valid token; shows no secret."""
        renewer = self.renewer()
        token = self.store.read(renewer.store_key).token if isinstance(renewer, LifecycleRenewer) else None
        left = 0.0 if token is None else token.left(now(self.clock))
        servers = ", ".join(f"{name} {url}" for name, url in self.connection.urls.items())
        lines = [f"{self.client.distribution}: {self.selected.shown}", f"  servers: {servers}"]
        about = [] if self.selected.grant.static is not None else [self._described(token)]
        explained = list(renewer.explain())
        lines += [f"  {line}" for line in (*about, *explained)]
        valid = self.selected.grant.static is not None or left > 0
        facts = {
            "client": self.client.distribution,
            "servers": dict(self.connection.urls),
            "grant": self.selected.grant.name,
            "valid": valid,
            "token": token_facts(token, now(self.clock)),
            "explanation": explained,
        }
        return Report("\n".join(lines), facts, well=valid)

    def log_out(self) -> Report:
        """Revoke the token and forget it; it is forgotten even if revoking fails."""
        renewer = self.renewer()
        token = self.store.read(renewer.store_key).token if isinstance(renewer, LifecycleRenewer) else None
        try:
            if token is not None:
                renewer.revoke(token)
        finally:
            renewer.forget()
            self._profiles.forget(self.client.distribution)
        if token is None:
            return Report("no token is stored; nothing to revoke", {"token": None, "revoked": False})
        revoked = self.lifecycle.logout is not None
        summary = "revoked and forgotten" if revoked else "forgotten; this API has no logout"
        return Report(f"token {token.generation} {summary}", {"token": token.generation, "revoked": revoked})

    def close(self) -> None:
        if self._opened is not None:
            self._opened.close()

    def _save_profile(self, selected: SelectedGrant, key: str) -> None:
        secret = {definition.name for definition in selected.grant.credentials if definition.secret}
        shown = {
            name: text for name, text in selected.credentials.items() if name not in secret and isinstance(text, str)
        }
        profile = Profile(
            scheme=selected.scheme, grant=selected.grant.name, urls=self.connection.urls, credentials=shown, key=key
        )
        self._profiles.save(self.client.distribution, profile)

    # --- grants ----------------------------------------------------------------------------------------------------

    def _from_environment(self) -> SelectedGrant:
        client = self.client
        found = credentials_from_environment(client.environment, client.credentials, client.lifecycles)
        selections = [self._selected(given) for given in found]
        return next((selected for selected in selections if selected.grant.static is None), selections[0])

    def _selected(self, given: Credentials) -> SelectedGrant:
        grant = self.client.lifecycles[given.scheme].grant(given.grant)
        found_in = "from the environment"
        return SelectedGrant(scheme=given.scheme, grant=grant, credentials=given.values(), key=None, found_in=found_in)

    def _from_profile(self, profile: Profile) -> SelectedGrant:
        lifecycle = self.client.lifecycles.get(profile.scheme)
        grants = [] if lifecycle is None else [grant for grant in lifecycle.grants if grant.name == profile.grant]
        if not grants:
            message = (
                f"{self.client.distribution} no longer has the grant {profile.grant} of the last login; run: login"
            )
            raise MissingCredentials(message)
        return SelectedGrant(
            scheme=profile.scheme,
            grant=grants[0],
            credentials={
                **profile.credentials,
                **{
                    definition.name: self._asked_for(definition)
                    for definition in grants[0].credentials
                    if definition.required and definition.name not in profile.credentials
                },
            },
            key=profile.key,
            found_in="from the last login at the prompt",
        )

    def _login_grant(self, grant: str | None) -> SelectedGrant:
        try:
            selected = self._from_environment()
            if grant in {None, selected.grant.name} and selected.grant.static is None:
                return selected
        except MissingCredentials:
            pass
        scheme, chosen = self._chosen(grant or os.environ.get(f"{self.client.environment}_GRANT"))
        values: dict[str, CredentialValue] = {}
        missing: list[str] = []
        for definition in chosen.credentials:
            value = os.environ.get(definition.environment)
            if not value and definition.required and self._terminal.interactive:
                value = self._terminal.ask(definition.name, secret=definition.secret)
            if value:
                values[definition.name] = Secret(value) if definition.secret else value
            elif definition.required:
                missing.append(definition.environment)
        if missing:
            message = f"{chosen.name} lacks {', '.join(missing)}; set them, or run: login in a terminal"
            raise MissingCredentials(message)
        return SelectedGrant(scheme=scheme, grant=chosen, credentials=values, key=None, found_in=FROM_THE_PROMPT)

    def _chosen(self, name: str | None) -> tuple[str, Grant]:
        grants = {
            grant.name: (scheme, grant)
            for scheme, lifecycle in self.client.lifecycles.items()
            for grant in lifecycle.grants
            if grant.requests
        }
        if name is None and len(grants) == 1:
            return next(iter(grants.values()))
        if name in grants:
            return grants[name]
        there = "; ".join(
            f"{grant.name} ({', '.join(definition.name for definition in grant.credentials if definition.required)})"
            for _, grant in grants.values()
        )
        message = f"{self.client.distribution} has no grant called {name}" if name else "there are several grants"
        message = f"{message}; select one with --grant: {there}" if grants else f"{message}, and no grant with a login"
        raise ConfigurationError(message)

    def _asked_for(self, definition: CredentialDefinition) -> CredentialValue:
        """A callable that reads or prompts for the credential on demand: most renewals need no password."""

        def ask() -> str:
            value = os.environ.get(definition.environment)
            if not value and self._terminal.interactive:
                value = self._terminal.ask(definition.name, secret=definition.secret)
            if not value:
                message = f"a new login needs {definition.environment}; set it, or run: login"
                raise LoginRequired(message)
            return value

        return ask

    # --- parts of it ------------------------------------------------------------------------------------------------

    def _token(self) -> Token:
        return self._source(self.selected, self.renewer()).token()

    def _source(self, selected: SelectedGrant, renewer: LifecycleRenewer | StaticRenewer) -> TokenSource:
        self.connection.authenticator.add_renewer(selected.scheme, renewer)
        return self.connection.authenticator.source(selected.scheme)

    def _described(self, token: Token | None) -> str:
        if token is None:
            return "no token is stored"
        kept = "with a refresh token" if token.refresh_token else "without a refresh token"
        if token.ends is None:
            return f"token {token.generation} by {token.grant}, {kept}, does not expire"
        until, left = f"{utc(token.ends.wall)} UTC", token.left(now(self.clock))
        state = f"valid until {until} ({left:.0f} s)" if left > 0 else f"expired at {until}"
        return f"token {token.generation} by {token.grant}, {kept}, {state}"


@contextmanager
def open_session(
    client: ClientDescription, *, store: str | None, urls: Mapping[str, str], allow_http: bool, terminal: Terminal
) -> Generator[Session]:
    """Open a session and close its connections at the end of the block."""
    session = Session(client, store=store, urls=urls, allow_http=allow_http, terminal=terminal)
    try:
        yield session
    finally:
        session.close()
