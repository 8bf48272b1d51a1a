"""One vendor of a sandbox: routes a request, checks its token and content, responds, and records it."""

from __future__ import annotations

import posixpath
import threading
from collections import Counter, deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from attrs import field, frozen
from auth_core_testing import TokenIssuer

from vendor_sandbox.clock import SandboxClock, VendorClock
from vendor_sandbox.document import Document, Operation
from vendor_sandbox.faults import ErrorStatus, Fault, FaultRules, Faults, HtmlErrorPage, PermissionDenied
from vendor_sandbox.faults.written import kind_of
from vendor_sandbox.journal import FinishedRequest, Journal
from vendor_sandbox.json_values import object_of
from vendor_sandbox.lifecycle import credentials_by_grant, environment_names, first_grants, grant_of, token_operations
from vendor_sandbox.messages import Request, Response, html_response
from vendor_sandbox.quirks import quirks_for
from vendor_sandbox.quirks.base import Backend, Call, Quirks, route_key
from vendor_sandbox.recording import RecordedRequest, RecordedResponse
from vendor_sandbox.routing import Match, Router
from vendor_sandbox.settings import TokenSettings
from vendor_sandbox.synthetic import Synthetic
from vendor_sandbox.tokens import Access, TokenRefused, Why
from vendor_sandbox.validation import RequestValidator

__all__ = ["KEPT_BODY_BYTES", "Routed", "Vendor"]

KEPT_BODY_BYTES = 65536
"""Bytes of a response's body that are kept to be shown."""


@frozen
class Routed:
    """A request with its operation, if any, and the fault that applies to it, if any."""

    request: Request = field(repr=False)
    match: Match | None
    fault: Fault | None = None
    grant: str | None = None
    """The grant of a token request."""


class Vendor:
    """One vendor: its URLs, credentials, state, faults and recorded requests. Thread-safe."""

    def __init__(
        self,
        document: Document,
        clock: SandboxClock,
        faults: FaultRules,
        journal: Journal,
        *,
        keep_requests: int | None = None,
        keep_bodies: bool = False,
        seed: int = 0,
        records: int = 0,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = document.vendor
        self.document = document
        self.clock = VendorClock(clock)
        """This vendor's own clock; set its ``skew`` to make it wrong."""
        self.faults = Faults(faults, document.vendor)
        self._sandbox_clock = clock
        self._journal = journal
        self._backend = Backend(document, self.clock)
        self._seed, self._records = seed, records
        self._keep_bodies = keep_bodies
        self._quirks = self._new_quirks()
        self._validator = RequestValidator(document)
        self._lock = threading.RLock()
        self._requests: deque[RecordedRequest] = deque(maxlen=keep_requests)
        self._request_count = 0
        self._token_requests: Counter[str] = Counter()
        self._refused = 0
        self._refused_logins = 0
        self._lock_out_after: int | None = None
        self._first_settings = dict(settings or {})
        self._configure(self._first_settings)
        self._token_operations = token_operations(document)
        self.prefixes = self._prefixes()
        """Path prefix by server: ``{"base_url": "/cinchy", "sso_url": "/cinchy-sso"}``."""
        self._routers = {
            prefix: Router(
                [operation for operation in document.operations if self.prefixes[operation.server.argument] == prefix],
                ignore_case=self._quirks.ignore_path_case,
            )
            for prefix in self.prefixes.values()
        }

    # --- public API

    @property
    def servers(self) -> dict[str, Any]:
        """The URLs of this vendor, as keyword arguments of its client (``Any``, so that type checkers let them in).

        Raises:
            RuntimeError: the sandbox is not running.
        """
        if not self._backend.servers:
            msg = f"{self.name} has no URL until the sandbox runs: start it first (`with Sandbox(…) as sandbox:`)"
            raise RuntimeError(msg)
        return dict(self._backend.servers)

    @property
    def credentials(self) -> dict[str, dict[str, str]]:
        """Working credentials by grant: keyword arguments of the grant's credentials class."""
        return credentials_by_grant(self.document, self._quirks.wire_value, self._quirks.static_value)

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables for a client of this vendor that may call every operation.

        They have the credentials of the first grant of each security scheme that the operations name.
        """
        used = {name for operation in self.document.operations for all_of in operation.security for name in all_of}
        found = self._server_variables()
        for grant in first_grants(self.document, used):
            found |= self.environment_for(grant)
        return found

    def environment_for(self, grant: str) -> dict[str, str]:
        """Environment variables for a client of this vendor, with the credentials of one grant.

        Raises:
            KeyError: the vendor has no such grant.
        """
        found = self._server_variables()
        suffixes = environment_names(self.document, grant)
        for name, value in self.credentials[grant].items():
            found[f"{self._variable_prefix}_{suffixes.get(name, name.upper())}"] = value
        return found

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """All requests so far, or the last ``keep_requests``, in order of arrival, including tokens."""
        with self._lock:
            return tuple(self._requests)

    @property
    def request_count(self) -> int:
        """The number of requests so far, including those that are no longer kept."""
        with self._lock:
            return self._request_count

    @property
    def token_requests(self) -> Mapping[str, int]:
        """The number of requests to the token endpoints, by grant; ``refresh`` counts renewals.

        A login of two steps counts as two.
        """
        with self._lock:
            return Counter(self._token_requests)

    @property
    def refused(self) -> int:
        """The number of calls refused because of their token (Cinchy, Athena, Amino: responses with 401 and 403)."""
        with self._lock:
            return self._refused

    @property
    def token_issuer(self) -> TokenIssuer:
        """The token issuer: its lifetimes, rotation and grace period can be changed at any time."""
        return self._quirks.issuer

    @property
    def settings(self) -> TokenSettings:
        """The current token settings of this vendor."""
        issuer = self.token_issuer
        return TokenSettings(
            token_lifetime=issuer.lifetime,
            refresh_lifetime=issuer.refresh_lifetime,
            rotates=issuer.rotates,
            reuse_revokes=issuer.reuse_revokes,
            single_session=issuer.single_session,
            lock_out_after=self._lock_out_after,
            clock_skew=self.clock.skew,
        )

    def configure(self, /, **changes: Any) -> TokenSettings:
        """Change settings by name, with effect from now on; return all settings.

        Raises:
            WrongSetting: a setting is unknown, or its value is not allowed; nothing is changed.
        """
        with self._lock:
            settings = self._configure(changes)
            if changes:
                about = {"vendor": self.name, "settings": settings.as_json(), "changed": list(changes)}
                self._journal.add("settings", self.name, about, notable=True)
        return settings

    def reset(self) -> None:
        """Reset data, tokens, settings, this vendor's faults and recorded requests to their initial state."""
        with self._lock:
            self.faults.restore()
            self._quirks = self._new_quirks()
            self._requests.clear()
            self._request_count = 0
            self._token_requests.clear()
            self._refused = 0
            self._refused_logins = 0
            self._lock_out_after = None
            self.clock.skew = 0.0
            self._configure(self._first_settings)
            self._journal.begin_anew(self.name)

    def choose(self, variant: str, choice: str) -> None:
        """Choose a behaviour that the vendor's documentation leaves open (``refresh_response`` of athena-cognito).

        Raises:
            ValueError: there is no such variant, or no such choice.
        """
        known = self._quirks.variants
        if choice not in known.get(variant, ()):
            variants = "; ".join(f"{name}: {', '.join(choices)}" for name, choices in known.items()) or "none"
            raise ValueError(f"{self.name} has no variant {variant!r} with the choice {choice!r}; it has {variants}")
        self._quirks.chosen[variant] = choice

    def expire_tokens(self) -> None:
        """End every access token issued so far; tokens issued from now on are not affected."""
        self._quirks.issuer.expire_access_tokens()
        self._report_expired("access")

    def expire_refresh_tokens(self) -> None:
        """End every refresh token issued so far."""
        self._quirks.issuer.expire_refresh_tokens()
        self._report_expired("refresh")

    def expire_token(self, number: int) -> bool:
        """End the token of this number; ``False`` if this vendor issued none with it."""
        token = self.token_issuer.expire_token(number)
        if token is not None:
            self._report_expired(token.kind, token=number)
        return token is not None

    def revoke_login(self, family: str) -> bool:
        """Revoke all tokens that descend from one login; ``False`` if this vendor issued none of it."""
        known = any(token.family == family for token in self.token_issuer.tokens())
        if known:
            self.token_issuer.revoke_family(family)
            self._report_expired("login", login=family)
        return known

    # --- for the server

    def listen(self, origin: str) -> None:
        """Set the origin of all URLs: ``http://127.0.0.1:8080``."""
        self._backend.servers = {argument: f"{origin}{prefix}" for argument, prefix in self.prefixes.items()}

    def match(self, prefix: str, method: str, path: str) -> Match | None:
        """Match a path below the prefix of one of this vendor's servers."""
        return self._routers[prefix].match(method, path)

    def route(self, request: Request, match: Match | None) -> Routed:
        """Combine a request with its operation and with the fault that applies to it."""
        operation = match.operation if match is not None else None
        if operation is None:
            return Routed(request, match)
        name = operation.operation_id
        grant = grant_of(self.document, name, request) if name in self._token_operations else None
        rule = self.faults.take(name, token_request=grant is not None)
        return Routed(request, match, rule.fault if rule is not None else None, grant)

    def respond(self, routed: Routed) -> Response:
        """Process the request and return the response; updates state, tokens and counters."""
        with self._lock:
            match = routed.match
            if match is None:
                return self._quirks.not_found(routed.request)
            if match.operation is None:
                return self._quirks.method_not_allowed(routed.request, match.allowed_methods)
            if routed.grant is not None:
                self._token_requests[routed.grant] += 1
            match routed.fault:
                case ErrorStatus(status=status, retry_after=retry_after):
                    response = self._quirks.failure(status)
                    return response if retry_after is None else response.with_header("Retry-After", str(retry_after))
                case HtmlErrorPage(status=status):
                    return html_response(status, "Bad Gateway", "The proxy got no response from the server behind it.")
                case PermissionDenied():
                    return self._refuse(Call(match.operation, routed.request), Why.FORBIDDEN)
                case _ if routed.grant not in (None, "refresh", "unknown"):
                    return self._login(match.operation, match.path_parameters, routed.request)
                case _:
                    return self._perform(match.operation, match.path_parameters, routed.request)

    def record(self, path: str, routed: Routed, response: Response | None) -> RecordedRequest:
        """Record a request with its outcome; ``None``: the connection is reset without a response."""
        request = routed.request
        operation = routed.match.operation if routed.match is not None else None
        recorded = RecordedRequest(
            method=request.method,
            path=path,
            query_string=request.query_string,
            headers=request.headers,
            body=request.body,
            operation_id=operation.operation_id if operation is not None else None,
            status=response.status if response is not None else None,
            vendor=self.name,
            at=self._sandbox_clock.time(),
            fault=kind_of(routed.fault) if routed.fault is not None else None,
            grant=routed.grant,
            path_parameters=routed.match.path_parameters if operation is not None and routed.match is not None else {},
            parts=request.parts,
            response=self._recorded_response(response) if response is not None else None,
        )
        with self._lock:
            self._requests.append(recorded)
            self._request_count += 1
        return recorded

    def _recorded_response(self, response: Response) -> RecordedResponse:
        headers = response.headers
        if response.media_type is not None:
            headers = (("Content-Type", response.media_type), *headers)
        kept = response.body[:KEPT_BODY_BYTES] if self._keep_bodies else None
        return RecordedResponse(response.status, headers, len(response.body), kept)

    def finish(self, recorded: RecordedRequest, seconds: float) -> None:
        """Report a completed request to the watchers, ``seconds`` after its arrival."""
        notable = recorded.grant is not None or recorded.fault is not None
        self._journal.add("request", self.name, FinishedRequest(recorded, seconds), notable=notable)

    def _report_expired(self, kind: str, **which: object) -> None:
        self._journal.add("tokens_expired", self.name, {"vendor": self.name, "kind": kind, **which}, notable=True)

    def _configure(self, changes: Mapping[str, Any]) -> TokenSettings:
        wanted = self.settings.changed(changes)
        issuer = self.token_issuer
        issuer.lifetime = wanted.token_lifetime
        issuer.refresh_lifetime = wanted.refresh_lifetime
        issuer.rotates = wanted.rotates
        issuer.reuse_revokes = wanted.reuse_revokes
        issuer.single_session = wanted.single_session
        self.clock.skew = wanted.clock_skew
        if "lock_out_after" in changes:
            self._lock_out_after = wanted.lock_out_after
            self._refused_logins = 0
        return wanted

    def _new_quirks(self) -> Quirks:
        self._backend.synthetic = Synthetic(self._seed, self._records)
        quirks = quirks_for(self._backend)
        quirks.issuer.on_token = lambda token: self._journal.add("token", self.name, token)
        return quirks

    def _login(self, operation: Operation, path_parameters: Mapping[str, str], request: Request) -> Response:
        """Process a login, unless the account is locked."""
        if self._lock_out_after is not None and self._refused_logins >= self._lock_out_after:
            return self._quirks.locked_out(Call(operation, request))
        response = self._perform(operation, path_parameters, request)
        self._refused_logins = 0 if self._quirks.succeeded(response) else self._refused_logins + 1
        return response

    def _perform(self, operation: Operation, path_parameters: Mapping[str, str], request: Request) -> Response:
        key = route_key(operation.method, operation.path)
        call = Call(operation, request, dict(path_parameters))
        if handler := self._quirks.token_handlers.get(key):
            return handler(call)
        try:
            access = self._authenticate(call)
        except TokenRefused as refusal:
            return self._refuse(call, refusal.why)
        checked = self._validator.check(operation, request, path_parameters)
        call = Call(operation, request, checked.parameters, checked.body, access)
        violations = [violation for violation in checked.violations if not self._quirks.tolerates(call, violation)]
        if violations:
            return self._quirks.invalid(call, violations)
        try:
            return self._quirks.handlers.get(key, self._quirks.fallback)(call)
        except TokenRefused as refusal:
            return self._refuse(call, refusal.why)

    def _refuse(self, call: Call, why: Why) -> Response:
        self._refused += 1
        return self._quirks.refused(call, why)

    def _authenticate(self, call: Call) -> Access | None:
        """The access of the first security alternative that the request satisfies; ``None`` for anonymous access."""
        refusal = TokenRefused(Why.MISSING)
        anonymous = not call.operation.security
        for alternative in call.operation.security:
            try:
                accepted = [self._quirks.accept(self.document.schemes[name], call.request) for name in alternative]
            except TokenRefused as error:
                # of several refusals, report one that concerns a token
                refusal = error if refusal.why is Why.MISSING else refusal
                continue
            if accepted:
                return accepted[0]
            anonymous = self._quirks.may_be_anonymous(call)
        if anonymous and (refusal.why is Why.MISSING or not call.operation.security):
            return None
        raise refusal

    @property
    def _variable_prefix(self) -> str:
        declared = object_of(self.document.raw.get("x-client")).get("environment")
        return str(declared or self.name.replace("-", "_").upper())

    def _server_variables(self) -> dict[str, str]:
        return {f"{self._variable_prefix}_{argument.upper()}": url for argument, url in self.servers.items()}

    def _prefixes(self) -> dict[str, str]:
        """The path prefix of each server; of one with ``x-default``, the prefix that the client derives."""
        servers = self.document.servers
        prefixes = {"base_url": f"/{self.name}"} | {
            argument: f"/{self.name}-{argument.removesuffix('_url').replace('_', '-')}"
            for argument, server in servers.items()
            if argument != "base_url" and server.follows is None
        }
        following = {argument: server.follows for argument, server in servers.items() if argument not in prefixes}
        for _ in servers:  # each round resolves the servers that depend on those of the round before
            for argument, template in following.items():
                with suppress(KeyError):
                    prefixes[argument] = posixpath.normpath(str(template).format_map(prefixes)).rstrip("/")
        return {argument: prefixes[argument] for argument in ("base_url", *servers)}
