"""Promise 10: nothing secret in repr, str, logs at DEBUG (httpx's and httpcore's too), tracebacks or pickles."""

from __future__ import annotations

import copy
import io
import json
import pickle
from traceback import TracebackException
from urllib.parse import quote, quote_plus

import httpx
import pytest
import rich
from attrs import evolve, frozen
from auth_core import (
    AuthError,
    CustomGrant,
    GrantedToken,
    InvalidCredentials,
    LoginRefused,
    MissingCredentials,
    Secret,
    credentials_from_environment,
)
from auth_core.httpx_auth import SHOWN_TOKENS, HttpxTokenSender
from auth_core.lifecycle import Placement
from auth_core.wire import TokenHttpRequest, TokenHttpResponse, TokenSendError
from auth_core_testing import (
    BEARER,
    Canary,
    CodeCredentials,
    IdentityProvider,
    PasswordCredentials,
    ProviderResponse,
    ResetConnection,
    StaticCredentials,
    TokenIssuer,
    oauth_lifecycle,
)
from rich.console import Console

PLACEMENTS = [BEARER, Placement("header", "X-Token"), Placement("query", "token"), Placement("cookie", "token")]


@frozen(kw_only=True, repr=False)
class Pin(CustomGrant):
    scheme = "oauth"
    grant = "pin"
    pin: Secret

    def request_token(self, send):
        return GrantedToken(access_token=self.pin.reveal())


class Watched:
    """A world whose every secret is a canary's."""

    def __init__(self, make_world, **options) -> None:
        self.canary = Canary()
        self.password = self.canary.secret("password")
        issuer = TokenIssuer(lifetime=3600)
        self.world = make_world(
            sockets=True,
            provider=IdentityProvider(issuer=issuer, users={"alice": self.password}),
            credentials=PasswordCredentials(username="alice", password=self.password),
            **options,
        )
        issuer.clock = self.world.clock

    def leaks(self) -> list[str]:
        for number, token in enumerate(self.world.provider.issued):
            self.canary.add(f"access token {number}", token.access_token)
            self.canary.add(f"refresh token {number}", token.refresh_token or "none")
        return self.canary.leaks()


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_login_a_refresh_and_a_logout_show_nothing(make_world, placement):
    watched = Watched(make_world, lifecycle=oauth_lifecycle(placements=(placement,), logout=True))
    world = watched.world
    with watched.canary.watching():
        world.get()
        world.issuer.expire_access_tokens()
        response = world.get()
        token = world.source.token()
        world.authenticator.logout()
    for seen in (response, *response.history):
        watched.canary.show(repr(seen), repr(seen.request), repr(seen.request.headers), str(seen.url))
    watched.canary.show(token, token.access_token)
    watched.canary.show(world.credentials[0], world.source, world.authenticator, world.auth(), token.extras)
    watched.canary.show(world.source._renewer, world.store)

    assert "httpcore" in watched.canary.seen()  # it did look
    assert len(world.provider.issued) == 2
    assert watched.leaks() == []


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_a_kept_response_holds_no_token_where_tools_look(make_world, placement):
    watched = Watched(make_world, lifecycle=oauth_lifecycle(placements=(placement,)))
    response = watched.world.get()
    request = response.request
    watched.canary.show(response, request, dict(request.headers), request.headers.raw, str(request.url))
    watched.canary.show(request.extensions, vars(request), request.read())

    assert [secret.reveal() for secret in request.extensions[SHOWN_TOKENS]] == [
        watched.world.provider.issued[0].access_token
    ]
    assert watched.leaks() == []


def test_a_redirect_repeating_the_token_in_its_query_is_masked(make_world):
    watched = Watched(make_world, lifecycle=oauth_lifecycle(placements=(Placement("query", "token"),)))
    world = watched.world
    token = world.source.token().access_token.reveal()
    with watched.canary.watching():
        response = world.get(f"/moved?a=1&token={token}&b=2")
    watched.canary.show(str(response.url), repr(response.request))

    assert response.status_code == 200
    assert world.provider.api_requests[-1].target == f"/moved?a=1&b=2&token={token}"
    assert "a=1&b=2&token=****" in watched.canary.seen()
    assert watched.leaks() == []


@pytest.mark.parametrize("placement", [BEARER, Placement("header", "X-Token")])
def test_no_header_of_a_response_is_logged_with_a_secret(make_world, placement):
    watched = Watched(make_world, lifecycle=oauth_lifecycle(placements=(placement,)))
    secret = watched.canary.secret("header")
    headers = {"Location": f"/?code={secret}", "Set-Cookie": f"sid={secret}", placement.name: secret}
    answered = ProviderResponse.json({"error": "temporarily_unavailable"}, 503)
    watched.world.provider.respond_next(
        evolve(answered, headers={**answered.headers, **headers, "X-New-Token": secret})
    )
    watched.world.provider.respond_next_api(ProviderResponse(headers={**headers, "X-Request-Id": "shown"}))
    with watched.canary.watching():
        with pytest.raises(AuthError):
            watched.world.source.token()
        watched.world.clock.advance(60)
        watched.world.get()

    assert "(b'Location', ****)" in watched.canary.seen()
    assert "(b'X-Request-Id', b'shown')" in watched.canary.seen()
    assert watched.leaks() == []


def test_header_compression_logs_no_secret(make_world):
    hpack = pytest.importorskip("hpack")
    make_world().get()
    canary = Canary()
    headers = [(b":path", b"/?token=%a" % canary.secret("query")), (b"authorization", canary.secret("token").encode())]
    with canary.watching():
        hpack.Decoder().decode(hpack.Encoder().encode(headers, huffman=False))

    assert "header table" in canary.seen()
    assert canary.leaks() == []


@pytest.mark.parametrize("choice", ["", "code", "passwort"])
def test_an_incomplete_environment_is_in_no_frame_of_the_error(monkeypatch, choice):
    canary = Canary()
    monkeypatch.setenv("PROVIDER_CODE_OF_ANOTHER", canary.secret("another variable"))
    monkeypatch.setenv("PROVIDER_GRANT", choice)
    with pytest.raises(MissingCredentials) as failure:
        credentials_from_environment(
            "PROVIDER", (PasswordCredentials, CodeCredentials), {"oauth": PasswordCredentials.lifecycle}
        )
    canary.show(failure.value)

    assert canary.leaks() == []


TROUBLES = {
    "refused": None,
    "reset": ResetConnection(),
    "html": ProviderResponse.html(502),
    "not json": ProviderResponse(content=b"\xff{"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_errors_and_the_frames_they_hold_show_nothing(make_world, trouble):
    watched = Watched(make_world)
    world = watched.world
    world.provider.users["alice"] = "another"
    if TROUBLES[trouble] is not None:
        world.provider.respond_next(TROUBLES[trouble])
    with watched.canary.watching(), pytest.raises(AuthError) as failure:
        world.get()
    watched.canary.show(failure.value)

    assert type(failure.value).__name__ in watched.canary.seen()
    kept = world.source._state.failures.last
    assert (kept.__traceback__, kept.__context__, kept.__cause__) == (None, None, None)
    assert watched.leaks() == []


@pytest.mark.parametrize("placement", PLACEMENTS)
def test_an_api_that_breaks_the_connection_shows_nothing(make_world, placement):
    watched = Watched(make_world, lifecycle=oauth_lifecycle(placements=(placement,)))
    watched.world.provider.respond_next_api(ResetConnection())
    with watched.canary.watching(), pytest.raises(httpx.TransportError) as failure:
        watched.world.get()
    watched.canary.show(failure.value)

    assert watched.leaks() == []


def test_a_server_that_repeats_the_password_is_masked(make_world):
    watched = Watched(make_world)
    watched.world.provider.respond_next(
        lambda request: ProviderResponse.json(
            {"error": "invalid_grant", "error_description": f"no user alice with {request.form['password']}"}, 400
        )
    )
    with watched.canary.watching(), pytest.raises(LoginRefused, match=r"no user alice with \*\*\*\*") as failure:
        watched.world.get()
    watched.canary.show(failure.value)

    assert watched.leaks() == []


@pytest.mark.parametrize("spell", [quote, quote_plus, lambda text: quote(text, safe=""), json.dumps])
def test_a_password_repeated_in_its_wire_encoding_is_masked(make_world, spell):
    password = 'p/ä "&word'
    world = make_world(credentials=PasswordCredentials(username="alice", password=password))
    reported = {"error": "invalid_grant", "error_description": f"username=alice&password={spell(password)}&x=1"}
    world.provider.respond_next(ProviderResponse.json(reported, 400))
    with pytest.raises(LoginRefused) as failure:
        world.source.token()

    told = str(failure.value).replace("password", "")
    assert "username=alice" in told
    assert "****" in told
    assert "word" not in told


def test_an_unsendable_request_is_reported_without_its_content(make_world):
    world = make_world(sockets=True)
    request = TokenHttpRequest(
        operation_id="ask",
        method="GET",
        url=f"{world.url}/",
        shown_url=f"{world.url}/",
        headers=(("Authorization", "Bearer a-secret\n"),),
    )
    with pytest.raises(TokenSendError, match="a line break in a header") as failure:
        HttpxTokenSender(world.client)(request)

    assert "a-secret" not in str(failure.value)


def test_a_failing_callable_shows_only_the_type_of_its_error(make_world):
    canary = Canary()
    canary.add("vault", "canary-of-the-vault")

    def password() -> str:
        raise RuntimeError("canary-of-the-" + "vault")

    world = make_world(credentials=PasswordCredentials(username="alice", password=password))
    with canary.watching(), pytest.raises(InvalidCredentials, match="'password' raised RuntimeError") as failure:
        world.get()
    canary.show(failure.value)

    assert canary.leaks() == []


@pytest.mark.parametrize("text", ["tok\nen", "tök", " tok", "", "tok\x00en", "tok\n"])
def test_a_token_unfit_for_headers_is_refused_without_its_value(make_world, text):
    world = make_world(credentials=StaticCredentials(token=text))
    with pytest.raises(AuthError, match="PROVIDER_TOKEN") as failure:
        world.get()

    assert not text.strip() or text not in str(failure.value).replace("the token", "")


def test_a_secret_shows_itself_on_demand_only():
    secret = Secret("canary")

    assert "canary" not in f"{secret} {secret!r} {[secret]} {secret:>20}"
    assert secret.reveal() == "canary"
    assert secret == Secret("canary")
    assert secret != Secret("other")
    absent = [GrantedToken(access_token="a", refresh_token=none).refresh_token for none in (None, "", Secret(""))]
    assert absent == [None] * 3
    assert copy.deepcopy(secret) is copy.copy(secret) is secret
    for write in (pickle.dumps, json.dumps):
        with pytest.raises(TypeError):
            write(secret)


def test_what_holds_a_secret_shows_it_to_no_tool(make_world):
    watched = Watched(make_world)
    world = watched.world
    token = world.source.token()
    granted = GrantedToken(access_token=watched.canary.secret("granted"), refresh_token=watched.canary.secret("second"))
    credentials = StaticCredentials(token=watched.canary.secret("static")), CodeCredentials(code=lambda: "code")
    exchange = world.source._renewer.exchange
    custom = Pin(pin=Secret(watched.canary.secret("pin")))
    watched.canary.show(token, granted, *credentials, *world.credentials, exchange, custom, custom.values())
    watched.canary.show(evolve(credentials[0], token=Secret(watched.canary.secret("evolved"))), world.store.read("x"))
    console = Console(file=io.StringIO(), width=200)
    for thing in (token, *world.credentials, granted):
        rich.inspect(thing, console=console, private=True)
    watched.canary.record("rich.inspect", console.file.getvalue())

    assert "asdict" in "".join(where for where, _ in watched.canary._shown)
    assert credentials[0].token.reveal().startswith("canary-")
    assert watched.leaks() == []


def test_a_constructor_that_fails_holds_no_secret_in_its_frames(make_world):
    watched = Watched(make_world)
    credentials = PasswordCredentials(username="alice", password=watched.password)
    with pytest.raises(InvalidCredentials) as failure:
        make_world(credentials=evolve(credentials, username=None))
    shown = "".join(TracebackException.from_exception(failure.value, capture_locals=True).format())

    assert "PasswordCredentials" in shown
    assert watched.password not in shown


def test_credentials_are_not_pickled():
    with pytest.raises(TypeError, match="PasswordCredentials is not pickled"):
        pickle.dumps(PasswordCredentials(username="a", password="b"))


def test_credentials_show_what_is_no_secret():
    credentials = PasswordCredentials(username="alice", password="secret")

    assert repr(credentials) == "PasswordCredentials(username='alice', password=****)"
    assert repr(PasswordCredentials(username=lambda: "x", password="s")).startswith(
        "PasswordCredentials(username=<call"
    )
    assert copy.deepcopy(credentials) is credentials


def test_what_passes_the_wire_hides_its_content():
    response = TokenHttpResponse(status=200, headers={"x": "canary"}, content=b"canary")

    assert "canary" not in repr(response)


def test_the_canary_can_find_a_leak():
    canary = Canary()
    canary.show(canary.secret("password"))

    assert canary.leaks() != []
