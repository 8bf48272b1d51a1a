"""A sandbox and a client of it of which no secret may be shown, and what a user's hooks and errors would keep."""

from __future__ import annotations

import copy
import inspect
import itertools
from collections.abc import Awaitable, Callable
from typing import Any

from auth_core_testing import Canary, FakeClock

from clients.vendors import SUBJECTS, Subject
from support.http_library import httpx
from vendor_sandbox import Sandbox, Vendor

SHORT = 8
"""Shorter texts turn up by chance (a pass code of four digits)."""


class Watched:
    """A sandbox and a client of it whose every secret is watched."""

    def __init__(self, sandbox: Sandbox, name: str, grant: str, clock: FakeClock) -> None:
        self.subject: Subject = SUBJECTS[name]
        self.vendor: Vendor = sandbox[name]
        self.grant = grant
        self.clock = clock
        self.canary = Canary()
        self.canary.ignore_loggers("uvicorn")  # the sandbox's own; it runs in this process
        self.signed: list[str] = []
        issuer = self.vendor.token_issuer
        sign = issuer.sign

        def recording(claims: Any) -> str:
            self.signed.append(sign(claims))
            return self.signed[-1]

        issuer.sign = recording  # type: ignore[method-assign]

    def arguments(self, **changed: Any) -> dict[str, Any]:
        for definition in self.subject.grants[self.grant].credentials:
            value = {**self.vendor.credentials[self.grant], **changed}.get(definition.name, "")
            if definition.secret and len(value) >= SHORT:
                self.canary.add(definition.name, value)
            if definition.single_use:
                changed[definition.name] = self._new_for_each_login(value)
        credentials = self.subject.credentials(self.vendor, self.grant, **changed)
        return {**self.vendor.servers, "credentials": credentials, "clock": self.clock}

    def _new_for_each_login(self, first: str) -> Callable[[], str]:
        """A callable as an identity provider has it: each value is good for one login, and the sandbox expects it."""
        quirks: Any = self.vendor._quirks
        places = [place for place, value in quirks.wire_values.items() if value == first]
        numbers = itertools.count(1)

        def issue() -> str:
            value = f"{first}-{next(numbers)}"
            quirks.wire_values = {**quirks.wire_values, **dict.fromkeys(places, value)}
            self.canary.add(f"{places} {value}", value)
            return value

        return issue if places else lambda: first

    def call(self, client: Any) -> Any:
        return self.subject.calls_for(self.grant)[0](client)

    def show_client(self, client: Any) -> None:
        connection = client._sender.connection
        authenticator = connection.authenticator
        self.canary.show(client, connection, connection.options, connection.options.credentials, authenticator)
        self.canary.show(connection.token_sender, connection._plans, vars(client))
        for source in authenticator._sources.values():
            self.canary.show(source, source._renewer, source._state.current, vars(source), vars(source._state))

    def show_error(self, error: BaseException) -> None:
        self.canary.show(error, vars(error), copy.deepcopy(error), getattr(error, "excerpt", ""))
        headers = getattr(error, "headers", {})
        self.canary.show(dict(headers), list(headers.items()))
        cause: BaseException | None = error
        while cause is not None:
            self.canary.show(cause, vars(cause), cause.args)
            if isinstance(cause, httpx.RequestError):
                self.show_request(cause.request)
            cause = cause.__cause__ or cause.__context__

    def show_request(self, request: httpx.Request) -> None:
        self.canary.show(request, str(request.url), dict(request.headers), request.headers.raw, request.extensions)
        content = request.__dict__.get("_content", b"")
        self.canary.show(content, content.decode("utf-8", "replace"))

    def leaks(self) -> list[str]:
        tokens = [*self.signed, *self.vendor.token_issuer._refresh]
        for number, token in enumerate(tokens):
            self.canary.add(f"token {number}", token)
        self.canary.inspect_processes()
        return self.canary.leaks()


def kept_by_hooks() -> tuple[list[httpx.Request], list[httpx.Response], dict[str, Any], dict[str, Any]]:
    """What a user's event hooks keep, and the hooks for both kinds of client."""
    requests: list[httpx.Request] = []
    responses: list[httpx.Response] = []

    async def keep_request(request: httpx.Request) -> None:
        requests.append(request)

    async def keep_response(response: httpx.Response) -> None:
        responses.append(response)

    hooks: dict[str, Any] = {"request": [requests.append], "response": [responses.append]}
    async_hooks: dict[str, Any] = {"request": [keep_request], "response": [keep_response]}
    return requests, responses, hooks, async_hooks


def attempt(call: Callable[[], Any]) -> BaseException | None:
    """The error of a call. Its traceback begins here, where no secret is."""
    try:
        found = call()
        if inspect.isawaitable(found):
            raise AssertionError("await it")
    except Exception as error:
        return error
    return None


async def attempt_async(call: Callable[[], Awaitable[Any]]) -> BaseException | None:
    try:
        await call()
    except Exception as error:
        return error
    return None
