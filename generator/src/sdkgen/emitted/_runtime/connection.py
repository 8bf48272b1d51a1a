"""The options of a client, and a request made ready to send."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping, Sequence

import httpx
from attrs import frozen
from auth_core import (
    Authenticator,
    Clock,
    Credentials,
    EventListener,
    RefreshPolicy,
    TokenStore,
    credentials_from_environment,
)
from auth_core.httpx_auth import HttpxAuth
from auth_core.lifecycle import AnswerCondition, AnswerDetails, TokenLifecycle

from ..errors import RedirectError
from .answer import Answer
from .arguments import listed
from .request import Operation, RequestParts, header_fields
from .servers import Server, resolve_servers
from .token_requests import LazyTokenSender

DEFAULT_TIMEOUT = httpx.Timeout(30.0, connect=5.0)
"""Seconds: 30 to read, to write and to wait for a free connection, 5 to connect."""

_NOT_THE_USERS_CHOICE = {b"accept": b"*/*", b"connection": b"keep-alive"}  # httpx's own defaults


@frozen(kw_only=True, repr=False)  # headers and proxy may hold secrets
class Options:
    """What the constructors of both clients take."""

    base_urls: Mapping[str, str | None]
    credentials: Credentials | Sequence[Credentials] | None
    timeout: float | httpx.Timeout
    headers: Mapping[str, str] | None
    verify: ssl.SSLContext | bool
    proxy: str | None
    allow_http: bool
    refresh_policy: RefreshPolicy | None
    token_store: TokenStore | None
    expired: Sequence[AnswerCondition] | None
    token_member_names: Mapping[str, str] | None
    on_token_event: EventListener | None
    clock: Clock | None


@frozen
class Api:
    """What is known of the API as a whole."""

    distribution: str
    version: str
    environment: str
    servers: tuple[Server, ...]
    lifecycles: Mapping[str, TokenLifecycle]
    credentials: tuple[type[Credentials], ...]
    answers: AnswerDetails

    def token_connection(
        self,
        urls: Mapping[str, str],
        credentials: Sequence[Credentials],
        token_store: TokenStore,
        *,
        allow_http: bool,
    ) -> Connection:
        """What the command line needs of a client: its servers and its tokens.

        Raises:
            ConfigurationError: The address of a server is missing, or cannot be one.
        """
        options = Options(
            base_urls=dict.fromkeys((server.argument for server in self.servers), None) | dict(urls),
            credentials=credentials,
            timeout=DEFAULT_TIMEOUT,
            headers=None,
            verify=True,
            proxy=None,
            allow_http=allow_http,
            refresh_policy=None,
            token_store=token_store,
            expired=None,
            token_member_names=None,
            on_token_event=None,
            clock=None,
        )
        return Connection(self, options, token_client=None)

    def token_command(self) -> int:
        """The command line of this package's tokens; gives the exit code."""
        from auth_core.command import main

        return main(client=self)


@frozen
class Plan:
    """What all requests of one operation have in common; made once."""

    url: str
    headers: httpx.Headers
    auth: httpx.Auth | None


class Connection:
    """One client's servers, options and tokens. Sends nothing itself."""

    def __init__(self, api: Api, options: Options, *, token_client: httpx.Client | None) -> None:
        self.urls = resolve_servers(api.servers, options.base_urls, allow_http=options.allow_http)
        self.answers = api.answers
        self.options = options
        self.timeout = options.timeout if isinstance(options.timeout, httpx.Timeout) else httpx.Timeout(options.timeout)
        self._client_headers = {"User-Agent": user_agent(api)}
        self._timeout_extension = {"timeout": self.timeout.as_dict()}
        self._given_headers = header_fields(options.headers or {})
        self._plans: dict[str, Plan] = {}
        self.token_sender = LazyTokenSender(self.new_client, token_client)
        self.authenticator = Authenticator(
            api.lifecycles,
            _credentials(api, options.credentials),
            self.urls,
            send=self.token_sender,
            policy=options.refresh_policy or RefreshPolicy(),
            store=options.token_store,
            clock=options.clock,
            allow_http=options.allow_http,
            expired=options.expired,
            member_names=options.token_member_names,
            on_event=options.on_token_event,
        )

    def new_client(self) -> httpx.Client:
        """A client with these options."""
        options = self.options
        return httpx.Client(
            verify=tls(options.verify), proxy=options.proxy, timeout=self.timeout, headers=self._client_headers
        )

    def new_async_client(self) -> httpx.AsyncClient:
        """The same, to be awaited."""
        options = self.options
        return httpx.AsyncClient(
            verify=tls(options.verify), proxy=options.proxy, timeout=self.timeout, headers=self._client_headers
        )

    def close(self) -> None:
        """Let go of the token client, if it was made here."""
        self.token_sender.close()

    def plan(self, operation: Operation, defaults: httpx.Headers) -> Plan:
        """What is the same in all requests of an operation.

        Args:
            operation: The operation.
            defaults: The headers of the httpx client that will send them.

        Raises:
            MissingCredentials: None of the operation's security alternatives can be satisfied.
        """
        plan = self._plans.get(operation.operation_id)
        if plan is None:
            sources = self.authenticator.sources_for(operation.security, operation.operation_id)
            auth = HttpxAuth(sources, operation_id=operation.operation_id, json_answer=operation.json_answer)
            plan = Plan(self.urls[operation.server], self._headers(operation, defaults), auth if sources else None)
            self._plans[operation.operation_id] = plan
        return plan

    def _headers(self, operation: Operation, defaults: httpx.Headers) -> httpx.Headers:
        headers = httpx.Headers({"Accept": operation.accept, **self._client_headers})
        for name, value in defaults.raw:
            if _NOT_THE_USERS_CHOICE.get(name.lower()) != value and not value.startswith(b"python-httpx/"):
                headers[name.decode("ascii")] = value.decode(defaults.encoding)
        headers.update(self._given_headers)
        return headers

    def request(
        self,
        plan: Plan,
        operation: Operation,
        parts: RequestParts,
        timeout: float | None,
        extra: Mapping[str, str] | None,
    ) -> httpx.Request:
        """The request, complete but for the token."""
        url = f"{plan.url}{parts.path}?{parts.query}" if parts.query else plan.url + parts.path
        headers = plan.headers
        if parts.headers or extra or parts.content is not None:
            headers = headers.copy()
            if parts.content is not None and parts.content_type:
                headers["Content-Type"] = parts.content_type
            headers.update(parts.headers)
            headers.update(header_fields(extra or {}))
        extension = self._timeout_extension if timeout is None else {"timeout": httpx.Timeout(timeout).as_dict()}
        return httpx.Request(
            operation.method,
            url,
            headers=headers,
            content=parts.content,
            files=parts.files,
            extensions=extension,
        )

    def redirected(
        self, answer: Answer, parts: RequestParts, request: httpx.Request, target: httpx.URL
    ) -> httpx.Request:
        """The next request of a redirect. The token is placed anew, so that it is taken out here.

        Raises:
            RedirectError: It leads to another origin, or the body cannot be sent again.
        """
        elsewhere = origin(target)
        if elsewhere != origin(request.url):
            del target  # its query may repeat a token
            error = answer.error(RedirectError)
            error.target = elsewhere
            raise error
        keeps_method = answer.status_code in {307, 308} or request.method in {"GET", "HEAD"}
        if keeps_method and not _can_be_sent_again(parts):
            raise answer.error(RedirectError)
        headers = httpx.Headers(
            {
                name: value
                for name, value in request.headers.items()
                if name not in {"authorization", "host"} and (keeps_method or not name.startswith("content-"))
            }
        )
        return httpx.Request(
            request.method if keeps_method else "GET",
            target,
            headers=headers,
            content=parts.content if keeps_method else None,
            files=parts.files if keeps_method else None,
            extensions={"timeout": request.extensions["timeout"]},
        )


_TLS_CONTEXTS: dict[tuple[bool, str | None, str | None], ssl.SSLContext] = {}


def tls(verify: ssl.SSLContext | bool) -> ssl.SSLContext:
    """The TLS context for an option. Making one reads every certificate of the trust store, so that it is shared."""
    if isinstance(verify, ssl.SSLContext):
        return verify
    key = verify, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")  # httpx looks at them
    # Threads that come first together may make several; all of them use the one that is kept.
    return _TLS_CONTEXTS.get(key) or _TLS_CONTEXTS.setdefault(key, httpx.create_ssl_context(verify=verify))


def user_agent(api: Api) -> str:
    """``cinchy-client/0.1.0 python/3.12 httpx/0.28``."""
    major, minor = sys.version_info[:2]
    return f"{api.distribution}/{api.version} python/{major}.{minor} httpx/{'.'.join(httpx.__version__.split('.')[:2])}"


def _credentials(api: Api, given: Credentials | Sequence[Credentials] | None) -> Sequence[Credentials]:
    if given is None:
        if not api.credentials:
            return ()
        return credentials_from_environment(api.environment, api.credentials, api.lifecycles)
    return listed(api.credentials, given)


def origin(url: httpx.URL) -> str:
    """Scheme, host and port."""
    port = url.port or {"http": 80, "https": 443}.get(url.scheme)
    return f"{url.scheme}://{url.host}:{port}"


def _can_be_sent_again(parts: RequestParts) -> bool:
    """Whether the body is still there after it was sent once."""
    contents = [content for _, (_, content, _) in parts.files or ()]
    return all(isinstance(content, bytes | str) or content.seekable() for content in contents)
