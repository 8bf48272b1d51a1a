"""The canary of ``auth_core_testing`` as users have it, run by every client with every grant."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from auth_core import AuthError
from auth_core_testing import Canary, FakeClock, HtmlPage, LifecycleProvider

from matrix.world import GrantCase, grant_cases
from support.repository import CLIENTS


def client_class(way: GrantCase) -> Any:
    """The sync client of the vendor's package."""
    package = importlib.import_module(next(each.import_name for each in CLIENTS if each.vendor == way.vendor))
    return getattr(package, next(name for name in package.__all__ if f"Async{name}" in package.__all__))


@pytest.mark.parametrize("wrong", [False, True], ids=["works", "is refused"])
@pytest.mark.parametrize("way", grant_cases(), ids=str)
def test_no_client_shows_a_secret(
    way: GrantCase, wrong: bool, canary: Canary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # whatever a client writes is looked at
    clock = FakeClock()
    provider = LifecycleProvider(way.lifecycle, clock=clock)
    given = {item.name: canary.secret(item.name) for item in way.grant.credentials if item.secret}
    if not wrong:
        provider = LifecycleProvider(way.lifecycle, clock=clock, credentials={way.grant.name: given})
    with provider.serve() as url:
        credentials = provider.credentials_for(way.grant.name, way.credentials, **given)
        client = client_class(way)(**provider.servers(url), credentials=credentials, clock=clock)
        with client:
            source = client._sender.connection.authenticator.source(way.lifecycle.scheme)
            if wrong and not way.static:
                with pytest.raises(AuthError) as refused:
                    source.token()
                canary.show(refused.value)
            else:
                source.token()
                clock.advance(provider.issuer.lifetime + 1)
                provider.respond_next(HtmlPage(502))
                errors = [error for error in (attempt(source), attempt(source)) if error is not None]
                canary.show(*errors)
            canary.show(client, credentials, source, vars(source))
    for number, token in enumerate(provider.issued):
        canary.add(f"access token {number}", token.access_token)
        canary.add(f"refresh token {number}", token.refresh_token or "none")
    assert "auth_core" in canary.seen()


def attempt(source: Any) -> AuthError | None:
    """The error of asking for a token."""
    try:
        source.token()
    except AuthError as error:
        return error
    return None
