"""Clients whose tokens are real and whose calls get the response that a test wants, once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from typing import Any

from auth_core import Credentials, MemoryStore

from clients.vendors import SUBJECTS, Subject
from support.http_library import httpx
from vendor_sandbox import Sandbox

Responder = Callable[[httpx.Request], httpx.Response]


def every_credential(subject: Subject, sandbox: Sandbox) -> list[Credentials]:
    """Credentials for each security scheme, by its first grant."""
    vendor = sandbox[subject.vendor]
    return [subject.credentials(vendor, lifecycle.grants[0].name) for lifecycle in subject.auth.LIFECYCLES.values()]


@cache
def _tokens(_sandbox: Sandbox, _vendor: str) -> MemoryStore:
    """One login serves all tests of a sandbox."""
    return MemoryStore()


def _arguments(subject: Subject, sandbox: Sandbox) -> dict[str, Any]:
    vendor = subject.vendor
    credentials = every_credential(subject, sandbox)
    tokens = {"credentials": credentials, "token_store": _tokens(sandbox, vendor)}
    return {**sandbox[vendor].servers, **tokens, "max_retries": 0}


@contextmanager
def client_of(
    vendor: str, sandbox: Sandbox, response: Responder | httpx.BaseTransport, **options: Any
) -> Iterator[Any]:
    """A sync client; calls go to a function, or wherever a transport takes them."""
    transport = response if isinstance(response, httpx.BaseTransport) else httpx.MockTransport(response)
    subject = SUBJECTS[vendor]
    arguments = {**_arguments(subject, sandbox), **options}
    with (
        httpx.Client(transport=transport) as calls,
        httpx.Client(verify=False) as tokens,
        subject.client(**arguments, http_client=calls, token_http_client=tokens) as client,
    ):
        yield client


@asynccontextmanager
async def async_client_of(
    vendor: str, sandbox: Sandbox, response: Responder | httpx.AsyncBaseTransport, **options: Any
) -> AsyncIterator[Any]:
    """The async version."""
    transport = response if isinstance(response, httpx.AsyncBaseTransport) else httpx.MockTransport(response)
    subject = SUBJECTS[vendor]
    arguments = {**_arguments(subject, sandbox), **options}
    with httpx.Client(verify=False) as tokens:
        async with (
            httpx.AsyncClient(transport=transport) as calls,
            subject.async_client(**arguments, http_client=calls, token_http_client=tokens) as client,
        ):
            yield client
