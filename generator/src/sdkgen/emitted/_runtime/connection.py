"""A client's servers, options and tokens, from which requests are built."""

from __future__ import annotations

import logging
import os
import random
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

import httpx
from attrs import field, frozen
from auth_core.contract import (
    Authenticator,
    Credentials,
    HttpLibrary,
    RefreshPolicy,
    ResponseDetails,
    TokenLifecycle,
    TokenStore,
    auth_class,
    credentials_from_environment,
    http_library,
    no_cookies,
    origin,
    proxy_for,
    store_from_environment,
    token_command,
    with_bases,
    with_exact_deadlines,
)

from ..errors import ConfigurationError, InvalidArgument
from .arguments import listed
from .bodies import new_request
from .http_library import AnyAsyncClient, AnyClient, library_in_use
from .logs import RequestLog, log_as_the_environment_says
from .observers import LOGGER, Observer
from .options import Options
from .proxies import UnusableProxy, environment_proxies, require_direct
from .request import Operation, RequestParts, header_fields
from .request_options import CallOptions, as_count, as_seconds, as_timeout, as_total_timeout
from .retries import RetryQuota
from .servers import Server, resolve_servers
from .token_requests import LazyTokenSender

T = TypeVar("T")

_NOT_THE_USERS_CHOICE = {b"accept": b"*/*", b"connection": b"keep-alive"}  # httpx's own defaults
_DEFAULT_USER_AGENTS = (b"python-httpx/", b"python-httpx2/")


@frozen
class Api:
    """Facts about the API as a whole."""

    distribution: str
    version: str
    environment: str
    servers: tuple[Server, ...]
    lifecycles: Mapping[str, TokenLifecycle]
    credentials: tuple[type[Credentials], ...]
    responses: ResponseDetails
    usual_security: tuple[tuple[str, ...], ...] = ()
    """The security alternatives that most operations have; an undocumented one is taken to have them too."""

    def token_connection(
        self,
        urls: Mapping[str, str],
        credentials: Sequence[Credentials],
        token_store: TokenStore,
        *,
        allow_http: bool,
    ) -> Connection:
        """Return a connection for the command line, which uses only servers and tokens.

        Raises:
            ConfigurationError: The URL of a server is missing or invalid.
        """
        options = Options(
            base_urls=dict.fromkeys((server.argument for server in self.servers), None) | dict(urls),
            credentials=credentials,
            token_store=token_store,
            allow_http=allow_http,
        )
        return Connection(self, options, token_client=None)

    def token_command(self) -> int:
        """Run the command line for this package's tokens and return the exit code."""
        return token_command(self)


@frozen
class Plan:
    """The values shared by all requests of one operation; computed once."""

    url: str
    headers: httpx.Headers = field(repr=False)
    auth: httpx.Auth | None


class Connection:
    """One client's servers, options and tokens. Builds requests, but does not send them."""

    def __init__(
        self,
        api: Api,
        options: Options,
        *,
        token_client: AnyClient | None,
        http_client: AnyClient | AnyAsyncClient | None = None,
    ) -> None:
        self.library = library_in_use(
            http_client, options.http_library, environment=api.environment, distribution=api.distribution
        )
        self.urls = resolve_servers(api.servers, options.base_urls, allow_http=options.allow_http)
        self.responses = api.responses
        self.usual_security = api.usual_security
        self.servers = {server.argument: f"{server}, now {self.urls[server.argument]}" for server in api.servers}
        """How messages name each server."""
        log_as_the_environment_says(f"{api.environment}_LOG")
        self.options = options
        self._observers = options.observers
        self._observers_and_log: tuple[Observer, ...] = (*self._observers, RequestLog())
        self.timeout = as_timeout(options.timeout)
        self.total_timeout = as_total_timeout(options.total_timeout)
        self.max_retries = as_count("max_retries", options.max_retries)
        self.max_retry_after = as_seconds("max_retry_after", options.max_retry_after)
        self.quota = RetryQuota()
        self.random: Callable[[], float] = random.random
        """The jitter of pauses, from 0 to 1."""
        self._client_headers = {"User-Agent": user_agent(api, self.library)}
        self._timeout_extension = {"timeout": self.timeout.as_dict()}
        self._check_headers()
        self._plans: dict[tuple[str, str, bool], Plan] = {}
        self._proxies: dict[str, str] = {}
        """What names the proxy for each origin; filled when an HTTP client is created here."""
        tokens = cast("httpx.Client | None", token_client)
        self.check_route(tokens)
        self.token_sender = LazyTokenSender(self.new_client, tokens, self.through)
        self.authenticator = Authenticator(
            api.lifecycles,
            _credentials(api, options.credentials),
            self.urls,
            send=self.token_sender,
            policy=options.refresh_policy or RefreshPolicy(),
            store=options.token_store if options.token_store is not None else store_from_environment(api.environment),
            clock=options.clock,
            allow_http=options.allow_http,
            expired=options.expired,
            member_names=options.token_member_names,
            encoding=options.token_encoding,
            on_event=options.on_token_event,
        )

    @property
    def observers(self) -> tuple[Observer, ...]:
        """What is called for each request."""
        return self._observers_and_log if LOGGER.isEnabledFor(logging.INFO) else self._observers

    def new_client(self) -> httpx.Client:
        """Create an HTTP client with these options."""
        context = self._tls()
        return with_exact_deadlines(
            self.library.Client(
                verify=context,
                proxy=self.options.proxy_url,
                mounts=self._routes(lambda proxy: self.library.HTTPTransport(verify=context, proxy=proxy)),
                trust_env=False,
                timeout=self.library.Timeout(**self.timeout.as_dict()),
                headers=self._client_headers,
                cookies=no_cookies(),
            )
        )

    def new_async_client(self) -> httpx.AsyncClient:
        """The async version."""
        context = self._tls()
        return self.library.AsyncClient(
            verify=context,
            proxy=self.options.proxy_url,
            mounts=self._routes(lambda proxy: self.library.AsyncHTTPTransport(verify=context, proxy=proxy)),
            trust_env=False,
            timeout=self.library.Timeout(**self.timeout.as_dict()),
            headers=self._client_headers,
            cookies=no_cookies(),
        )

    def _tls(self) -> ssl.SSLContext:
        if not any(url.startswith("https:") for url in self.urls.values()):
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no trust store to read, and none that could be missing
        return tls(self.options.verify, self.library)

    def _routes(self, through: Callable[[httpx.Proxy], T]) -> dict[str, T | UnusableProxy | None]:
        """Return the transport for the origin of each server; ``None``: directly."""
        origins = dict.fromkeys(origin(httpx.URL(url)) for url in self.urls.values())
        if self.options.proxy is not None:
            self._proxies = dict.fromkeys(origins, "`proxy`")
            return {}
        proxies = environment_proxies(self.urls.values())
        self._proxies = {server: proxy.named for server, proxy in proxies.items()}
        unusable = with_bases(UnusableProxy, self.library.BaseTransport, self.library.AsyncBaseTransport)
        return origins | {
            server: unusable(server, proxy) if proxy.problem else through(self.library.Proxy(proxy.url))
            for server, proxy in proxies.items()
        }

    def through(self, url: httpx.URL | str) -> str:
        """Return the part of an error message that names the proxy for a URL; empty if the client chooses none."""
        named = self._proxies.get(origin(httpx.URL(str(url))))
        return f" through the proxy that {named} names" if named else ""

    def check_route(self, client: httpx.Client | httpx.AsyncClient | None) -> None:
        """Check the way of requests in clear text: through a user's own HTTP client, or the proxy of the options.

        Raises:
            InsecureServer: They go to a proxy.
        """
        proxy = self.options.proxy_url and httpx.URL(self.options.proxy_url).host
        if not self.options.allow_http:
            require_direct(self.urls.values(), lambda url: proxy_for(client, url) if client else proxy)

    def close(self) -> None:
        """Close the HTTP client for token requests, if it was created here."""
        self.token_sender.close()

    def plan(self, operation: Operation, defaults: httpx.Headers) -> Plan:
        """Return the values shared by all requests of an operation.

        Args:
            operation: The operation.
            defaults: The headers of the HTTP client that will send them.

        Raises:
            MissingCredentials: None of the operation's security alternatives can be satisfied.
        """
        key = operation.operation_id, operation.accept, operation.json_response
        plan = self._plans.get(key)
        if plan is None:
            sources = self.authenticator.sources_for(operation.security, operation.operation_id)
            auth = auth_class(self.library)(
                sources, operation_id=operation.operation_id, json_response=operation.json_response
            )
            plan = Plan(self.urls[operation.server], self._headers(operation, defaults), auth if sources else None)
            self._plans[key] = plan
        return plan

    def _headers(self, operation: Operation, defaults: httpx.Headers) -> httpx.Headers:
        headers = self.library.Headers({"Accept": operation.accept, **self._client_headers})
        for name, value in defaults.raw:
            if _NOT_THE_USERS_CHOICE.get(name.lower()) != value and not value.startswith(_DEFAULT_USER_AGENTS):
                headers[name.decode("ascii")] = value.decode(defaults.encoding)
        headers.update(self._given_headers())
        return headers

    def _given_headers(self) -> dict[str, str]:
        given = self.options.headers or {}
        return header_fields({name: value.reveal() for name, value in given.items()})

    def _check_headers(self) -> None:
        try:
            self._given_headers()
        except InvalidArgument as error:
            raise error.with_traceback(None) from None  # its frames hold the values

    def request(self, plan: Plan, operation: Operation, parts: RequestParts, options: CallOptions) -> httpx.Request:
        """Build the request, without the token."""
        url = f"{plan.url}{parts.path}?{parts.query}" if parts.query else plan.url + parts.path
        headers = plan.headers
        has_content = parts.content is not None or parts.file is not None
        if parts.headers or options.headers or has_content:
            headers = headers.copy()
            if has_content and parts.content_type:
                headers["Content-Type"] = parts.content_type
            headers.update(parts.headers)
            headers.update(options.headers)
        extension = self._timeout_extension if options.timeout is None else {"timeout": options.timeout.as_dict()}
        return new_request(operation.method, url, headers, parts, extension)


_TLS_CONTEXTS: dict[tuple[str, bool, str | None, str | None], ssl.SSLContext] = {}


def tls(verify: ssl.SSLContext | bool, library: HttpLibrary | None = None) -> ssl.SSLContext:
    """Return the TLS context for an option. Contexts are cached, since creating one reads the whole trust store.

    Raises:
        ConfigurationError: A file that an environment variable names cannot be used.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    library = library or http_library("httpx")
    key = (
        library.__name__,
        verify,
        os.environ.get("SSL_CERT_FILE"),
        os.environ.get("SSL_CERT_DIR"),
    )  # both libraries read them
    # Concurrent first calls may create several contexts; all of them use the one that is cached.
    return _TLS_CONTEXTS.get(key) or _TLS_CONTEXTS.setdefault(key, _new_context(library, verify=verify))


def _new_context(library: HttpLibrary, *, verify: bool) -> ssl.SSLContext:
    try:
        return library.create_ssl_context(verify=verify)
    except OSError as error:  # also ssl.SSLError
        usual = "certifi" if library.__name__ == "httpx" else "the system's OpenSSL"
        named = next(filter(os.environ.get, ("SSL_CERT_FILE", "SSL_CERT_DIR")), usual)  # as the library chooses
        if error.filename is not None and error.filename == os.environ.get("SSLKEYLOGFILE"):
            named = "SSLKEYLOGFILE"
        message = f"TLS cannot be set up: what {named} names cannot be used: {error.strerror}"
        raise ConfigurationError(message) from None


def user_agent(api: Api, library: HttpLibrary) -> str:
    """Return the ``User-Agent``, such as ``cinchy-client/0.1.0 python/3.12 httpx/0.28``."""
    major, minor = sys.version_info[:2]
    version = ".".join(library.__version__.split(".")[:2])
    return f"{api.distribution}/{api.version} python/{major}.{minor} {library.__name__}/{version}"


def _credentials(api: Api, given: Credentials | Sequence[Credentials] | None) -> Sequence[Credentials]:
    if given is None:
        if not api.credentials:
            return ()
        return credentials_from_environment(api.environment, api.credentials, api.lifecycles)
    return listed(api.credentials, given)
