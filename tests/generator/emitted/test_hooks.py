"""Functions of the user: which is called when, and which a sync client refuses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sdkgen.emitted._runtime.arguments import check_http_clients
from sdkgen.emitted._runtime.hooks import Hooks
from sdkgen.emitted._runtime.observers import RequestContext
from sdkgen.emitted._runtime.options import Options
from sdkgen.emitted.errors import ConfigurationError

CONTEXT = RequestContext("getThing", "GET", "/things", "https://a.example/things", 1)


async def later(context: RequestContext) -> None: ...


def test_each_hook_is_called_with_the_context_and_none_is_required() -> None:
    seen: list[Any] = []
    hooks = Hooks(on_request=seen.append, on_response=seen.append, on_retry=seen.append)
    hooks.started(CONTEXT)
    hooks.finished(CONTEXT, None)
    hooks.retrying(CONTEXT)
    assert seen == [CONTEXT] * 3
    assert Hooks().started(CONTEXT) is Hooks().finished(CONTEXT, None) is Hooks().retrying(CONTEXT) is None


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (Hooks(on_retry=later), httpx.Client, "`on_retry` of `hooks` is async"),
        ([Hooks(), print], httpx.Client, r"`hooks` must be Hooks\(...\), or a list of them, not list"),
        (Hooks, httpx.AsyncClient, r"`hooks` must be .* not the class .*Hooks itself"),
    ],
)
def test_what_cannot_be_called_is_refused(given: Any, kind: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        check_http_clients("Shop", kind, None, None, Options(base_urls={}, hooks=given))
    with pytest.raises(TypeError, match="on_request"):
        Hooks(on_request="print")  # type: ignore[arg-type]


def test_an_async_client_takes_both_kinds() -> None:
    hooks = Hooks(on_request=later, on_response=print)
    check_http_clients("AsyncShop", httpx.AsyncClient, None, None, Options(base_urls={}, hooks=[hooks]))
    assert hooks.async_functions == ["on_request"]
