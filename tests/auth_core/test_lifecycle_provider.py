"""The lifecycle provider speaks whatever is declared: a client of the same lifecycle gets in, stays in and gets out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest
from attrs import evolve
from auth_core import (
    ConfigurationError,
    LoginRefused,
    LoginRequired,
    Placement,
    ResponseCondition,
    TokenLifecycle,
    ValueCondition,
)
from auth_core.lifecycle import (
    BasicAuthentication,
    Candidate,
    CredentialDefinition,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    Extra,
    FromCredential,
    FromToken,
    Grant,
    JwtClaim,
    Refresh,
    ResponseDetails,
    TokenRequest,
    TokenResponse,
)
from auth_core_testing import (
    REFRESH,
    UNRECOGNISED,
    Canary,
    ExpiresInAbsent,
    ExpiresInAsText,
    ExpiresInWrong,
    FakeClock,
    LifecycleProvider,
    LockOut,
    RefusedAs,
    SameTokenAgain,
    oauth_lifecycle,
)

from support.world import World

"""One for all clients: each takes as long to make as the rest of a test."""

USER = CredentialDefinition("user", "X_USER")
SECRET = CredentialDefinition("secret", "X_SECRET", secret=True)
CODE = CredentialDefinition("code", "X_CODE", secret=True, single_use=True)
TENANT = CredentialDefinition("tenant", "X_TENANT", required=False)
AT_TOKEN = Candidate("$response.body#/token")
AT_RENEWAL = Candidate("$response.body#/renewal")


def request(**changed: Any) -> TokenRequest:
    """A login by JSON; what it responds is changed by ``response``."""
    defaults: dict[str, Any] = {
        "operation_id": "logIn",
        "method": "POST",
        "server": "login_url",
        "path": "/session",
        "encoding": "json",
        "body": {"user": FromCredential("user"), "secret": FromCredential("secret")},
        "response": TokenResponse(access_token=(AT_TOKEN,)),
    }
    return TokenRequest(**{**defaults, **changed})


def lifecycle(*steps: TokenRequest, credentials=(USER, SECRET), **changed: Any) -> TokenLifecycle:
    defaults: dict[str, Any] = {
        "vendor": "harbour",
        "scheme": "session",
        "grants": (Grant("login", tuple(credentials), steps or (request(),)),),
        "placements": (Placement("header", "X-Session"),),
        "expired": (ResponseCondition(status=(401,)),),
    }
    return TokenLifecycle(**{**defaults, **changed})


def renewal(**changed: Any) -> Refresh:
    body = {"renew": FromToken("refresh_token")}
    response = TokenResponse(access_token=(AT_TOKEN,), refresh_token=(AT_RENEWAL,))
    return Refresh(
        request(**{"operation_id": "renew", "path": "/renewal", "body": body, "response": response, **changed}),
        rotates=True,
    )


RENEWABLE = request(response=TokenResponse(access_token=(AT_TOKEN,), refresh_token=(AT_RENEWAL,)))


@pytest.fixture
def client() -> Iterator[Callable[..., World]]:
    with ExitStack() as stack:

        def make(declared: TokenLifecycle, credentials: Any = None, /, **options: Any) -> World:
            clock = FakeClock()
            provider = LifecycleProvider(declared, clock=clock, **options)
            given = credentials(provider) if credentials else provider.credentials_for(declared.grants[0].name)
            return World(stack, provider, declared, given, clock=clock, member_names=provider.member_names)

        yield make


# --- requests -------------------------------------------------------------------------------------------------------

BOTH = {"user": FromCredential("user"), "secret": FromCredential("secret")}
REQUESTS = {
    "json": request(),
    "nested json": request(body={"who": {"user": FromCredential("user"), "n": [1, FromCredential("secret"), None]}}),
    "json constants": request(body={**BOTH, "kind": "a", "count": 1, "open": True, "rest": None}),
    "form": request(encoding="form", body={**BOTH, "grant_type": "password", "on": True, "scopes": ["a", "b"]}),
    "basic": request(body={}, basic=BasicAuthentication(FromCredential("user"), FromCredential("secret"))),
    "basic without a body": request(
        encoding=None, body={}, basic=BasicAuthentication(FromCredential("user"), FromCredential("secret"))
    ),
    "basic, form-encoded": request(
        body={}, basic=BasicAuthentication(FromCredential("user"), FromCredential("secret"), form_encoded=True)
    ),
    "query": request(method="GET", encoding=None, body={}, query={**BOTH, "v": 2}),
    "headers": request(body={}, headers={"X-User": FromCredential("user"), "X-Secret": FromCredential("secret")}),
    "cookies": request(
        encoding=None, body={}, cookies={"sid": FromCredential("secret"), "user": FromCredential("user"), "v": 2}
    ),
    "path": request(
        path="/{b}/of/{a}",
        path_parameters={"a": FromCredential("user"), "b": FromCredential("secret")},
        body={},
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_every_form_of_request_is_recognised_with_its_credentials_checked(client, name):
    declared = lifecycle(REQUESTS[name])
    good = client(declared)
    assert good.call() == 200
    assert good.provider.grants() == ["login"]

    bad = client(declared, lambda provider: provider.credentials_for("login", secret="wrong"))
    with pytest.raises(LoginRefused):
        bad.call()
    assert bad.provider.grants() == ["login"]


def test_form_encoded_basic_authentication_carries_any_character(client):
    values = {"login": {"user": "app:1", "secret": "p+q 100%/:é"}}
    good = client(lifecycle(REQUESTS["basic, form-encoded"]), None, credentials=values)

    assert good.call() == 200


def test_a_secret_in_a_cookie_is_shown_nowhere(client):
    canary = Canary()
    wrong = canary.secret("cookie of the session")
    declared = lifecycle(REQUESTS["cookies"])
    bad = client(declared, lambda provider: provider.credentials_for("login", secret=wrong))
    with canary.watching(), pytest.raises(LoginRefused) as refused:
        bad.call()
    canary.show(refused.value, bad.source, bad.authenticator)

    assert "httpcore" in canary.seen()  # it did look
    assert canary.leaks() == []


def test_an_optional_credential_may_be_absent_but_not_wrong(client):
    declared = lifecycle(request(body={**BOTH, "tenant": FromCredential("tenant")}), credentials=(USER, SECRET, TENANT))
    assert client(declared).call() == 200
    assert client(declared, lambda provider: provider.credentials_for("login", tenant=None)).call() == 200
    with pytest.raises(LoginRefused):
        client(declared, lambda provider: provider.credentials_for("login", tenant="another")).call()


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"user": "u"}},
        {"json": {"user": "u", "secret": "s", "more": 1}},
        {"json": [1]},
        {"data": {"user": "u", "secret": "s"}},
        {"content": b"{", "headers": {"Content-Type": "application/json"}},
    ],
)
def test_a_request_that_is_not_declared_is_refused_and_told(sent):
    provider = LifecycleProvider(lifecycle())
    with httpx.Client(transport=provider.transport()) as http:
        response = http.post("https://provider.example/session", **sent)

    assert response.status_code == 400
    assert provider.grants() == [UNRECOGNISED]


def test_members_may_have_other_names(client):
    assert client(lifecycle(), member_names={"user": "email"}).call() == 200


def test_credentials_for_one_use_are_used_once(client):
    declared = lifecycle(request(body={"code": FromCredential("code")}), credentials=(CODE,))
    once = client(declared)
    assert once.call() == 200
    again = client(declared, lambda provider: provider.credentials_for("login"))
    again.provider.credentials_for("login")
    assert again.call() == 200
    again.authenticator.forget()
    with pytest.raises(LoginRequired):
        again.call()

    shared = client(declared, lambda p: p.credentials_for("login", code=lambda: p.credentials["login"]["code"]))
    assert shared.call() == 200
    shared.authenticator.forget()
    with pytest.raises(LoginRequired):  # the function returned the same code again
        shared.call()
    shared.provider.new_credentials("login")
    assert shared.call() == 200


# --- responses --------------------------------------------------------------------------------------------------------

RESPONSES = {
    "nested in a list": TokenResponse(access_token=(Candidate("$response.body#/data/1/attributes/access~1token"),)),
    "plain text": TokenResponse(access_token=(Candidate("$response.body"),), expires=(JwtClaim(),)),
    "a header": TokenResponse(access_token=(Candidate("$response.header.X-Session"),)),
    "no JWT": TokenResponse(access_token=(Candidate("$response.body#/token", not_jwt=True),)),
    "a JWT of a kind": TokenResponse(access_token=(Candidate("$response.body#/token", jwt_claims={"use": "access"}),)),
}


@pytest.mark.parametrize("name", RESPONSES)
def test_the_token_stands_where_it_is_declared(client, name):
    assert client(lifecycle(request(response=RESPONSES[name]))).call() == 200


SOURCES = {
    "seconds": ExpiresIn("$response.body#/a/left"),
    "milliseconds": ExpiresIn("$response.header.X-Left", unit="milliseconds"),
    "epoch": ExpiresAt("$response.body#/end"),
    "epoch in milliseconds": ExpiresAt("$response.body#/end", unit="milliseconds"),
    "claim": JwtClaim("ends"),
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, 900),
        (ExpiresInAsText(), 900),
        (ExpiresInWrong(7200), 7200),
        (ExpiresInAbsent(), 600),
        (ExpiresInWrong(-5), 600),
        (ExpiresInWrong("soon"), 600),
    ],
)
def test_the_end_is_stated_as_declared(client, name, fault, expected):
    if name == "milliseconds" and expected == 7200:
        expected = 7.2  # what is wrong is sent as it stands
    response = TokenResponse(access_token=(AT_TOKEN,), expires=(SOURCES[name],))
    made = client(lifecycle(request(response=response)), lifetime=900, faults=[fault] if fault else [])

    assert made.source.token().lifetime == expected


def test_the_documented_lifetime_is_the_providers(client):
    response = TokenResponse(access_token=(AT_TOKEN,), expires=(DefaultLifetime(1234),))

    assert client(lifecycle(request(response=response))).provider.issuer.lifetime == 1234


def test_extras_stand_beside_the_token_and_come_back(client):
    response = TokenResponse(
        access_token=(AT_TOKEN,),
        refresh_token=(AT_RENEWAL,),
        extras={
            "user_id": Extra((Candidate("$response.body#/user/id"),), secret=False),
            "id_token": Extra((Candidate("$response.body#/id", jwt_claims={"use": "id"}),)),
        },
    )
    again = renewal(body={"renew": FromToken("refresh_token"), "who": FromToken("user_id")}, response=response)
    made = client(lifecycle(request(response=response), refresh=again), extras={"user_id": 4711})
    token = made.source.token()
    assert token.part("user_id") == 4711
    assert str(token.part("id_token")).count(".") == 2

    made.clock.advance(3601)
    assert made.call() == 200
    assert made.provider.grants() == ["login", REFRESH]


def test_a_success_holds_what_tells_it_from_a_failure(client):
    failed = ResponseCondition(body={"/status/code": ValueCondition(none_of=("OK", "FINE"))})
    declared = lifecycle(responses=ResponseDetails(failed=(failed,)))
    made = client(declared)
    assert made.call() == 200
    response = made.client.get(f"{made.url}/things", headers={"X-Session": made.source.token().access_token.reveal()})
    assert response.json()["status"] == {"code": "OK"}


def test_success_indistinguishable_from_failure_is_an_error():
    failed = ResponseCondition(body={"/token": ValueCondition(present=True)})
    provider = LifecycleProvider(lifecycle(responses=ResponseDetails(failed=(failed,))))
    login = provider.credentials["login"]
    with (
        httpx.Client(transport=provider.transport()) as http,
        pytest.raises(ConfigurationError, match="do not distinguish"),
    ):
        http.post("https://provider.example/session", json=login)


REFUSALS = {
    "status": ResponseCondition(status=(403,)),
    "class": ResponseCondition(status=("2XX",), body={"/ok": ValueCondition(any_of=(False,))}),
    "none of": ResponseCondition(body={"/status/code": ValueCondition(none_of=("OK",))}),
    "present": ResponseCondition(status=(400,), body={"/error": ValueCondition(present=True)}),
    "absent": ResponseCondition(status=(400,), body={"/token": ValueCondition(present=False)}),
    "header": ResponseCondition(status=(500,), headers={"X-Error": ValueCondition(any_of=("wrong password",))}),
}


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("place", [0, 1])
def test_a_refusal_gets_the_declared_response(client, name, place):
    other = ResponseCondition(status=(418,))
    refused = (REFUSALS[name], other) if place == 0 else (other, REFUSALS[name])
    declared = lifecycle(responses=ResponseDetails(code=("$response.body#/error",), message=("$response.body#/text",)))
    declared = evolve(declared, grants=(evolve(declared.grants[0], refused=refused),))
    made = client(declared, lambda p: p.credentials_for("login", user="another"), refusal=place)
    with pytest.raises(LoginRefused, match="the credentials are wrong"):
        made.call()


def test_a_refused_refresh_gets_the_declared_response_too(client):
    declared = lifecycle(RENEWABLE, refresh=evolve(renewal(), refused=(ResponseCondition(status=(410,)),)))
    made = client(declared)
    made.call()
    made.provider.issuer.expire_refresh_tokens()
    made.clock.advance(3601)

    assert made.call() == 200
    assert made.provider.grants() == ["login", REFRESH, "login"]


# --- renewals -------------------------------------------------------------------------------------------------------


def test_refresh_tokens_rotate_where_they_are_declared_to(client):
    made = client(lifecycle(RENEWABLE, refresh=renewal()))
    for _ in range(3):
        made.call()
        made.clock.advance(3601)
    assert made.provider.grants() == ["login", REFRESH, REFRESH]
    used = [request.form.get("renew") for request in made.provider.token_requests[1:]]
    assert len(set(used)) == 2

    still = client(lifecycle(RENEWABLE, refresh=evolve(renewal(), rotates=False)))
    for _ in range(3):
        still.call()
        still.clock.advance(3601)
    assert len({request.form.get("renew") for request in still.provider.token_requests[1:]}) == 1


def test_a_renewal_may_be_asked_for_by_access_token(client):
    by_access_token = renewal(body={"old": FromToken("access_token")})
    declared = lifecycle(RENEWABLE, refresh=by_access_token)
    made = client(declared)
    made.call()
    made.clock.advance(3601)

    assert made.call() == 200
    assert made.provider.grants() == ["login", REFRESH]


def test_a_second_place_can_be_played(client):
    access = (AT_TOKEN, Candidate("$response.body#/renewal", jwt_claims={"use": "access"}))
    response = TokenResponse(
        access_token=access, refresh_token=(Candidate("$response.body#/renewal", not_jwt=True),), expires=(JwtClaim(),)
    )
    login = request(
        response=TokenResponse(access_token=(AT_TOKEN,), refresh_token=(AT_RENEWAL,), expires=(JwtClaim(),))
    )
    declared = lifecycle(login, refresh=evolve(renewal(response=response), rotates=False))
    made = client(declared, candidate=1)
    made.call()
    made.clock.advance(3601)

    assert made.call() == 200
    assert made.provider.grants() == ["login", REFRESH]


def test_a_login_of_several_steps_uses_what_the_first_brought(client):
    ticket = request(
        path="/ticket",
        response=TokenResponse(
            access_token=(AT_TOKEN,), extras={"ticket": Extra((Candidate("$response.body#/ticket"),))}
        ),
    )
    second = request(path="/session", body={"ticket": FromToken("ticket"), "old": FromToken("access_token")})
    made = client(lifecycle(ticket, second))
    assert made.call() == 200
    assert made.provider.grants() == ["login", "login"]

    first = made.provider.issued[0].access_token
    assert made.client.get(f"{made.url}/things", headers={"X-Session": first}).status_code == 401


# --- the API --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "placement",
    [
        Placement("header", "Authorization", "Bearer "),
        Placement("header", "X-Session"),
        Placement("query", "token"),
        Placement("cookie", "sid"),
        Placement("body", "token"),
    ],
)
def test_the_api_wants_the_token_at_its_declared_place(client, placement):
    declared = lifecycle(placements=(placement,))
    made = client(declared)
    assert made.call("POST") == 200

    token = made.source.token().access_token.reveal()
    elsewhere = {"Authorization": token, "X-Elsewhere": token, "Cookie": f"other={token}"}
    response = made.client.post(f"{made.url}/things?t={token}", headers=elsewhere, json={"t": token})
    assert response.status_code == 401


def test_a_dead_token_gets_the_declared_response(client):
    dead = ResponseCondition(status=(200,), body={"/status/code": ValueCondition(any_of=("DEAD",))})
    made = client(lifecycle(expired=(dead,)))
    made.call()
    made.provider.expire_tokens()

    assert made.call() == 200
    assert made.provider.grants() == ["login", "login"]
    assert made.provider.expired_response().status == 200


@pytest.mark.parametrize("static", [FromCredential("secret"), BasicAuthentication(FromCredential("user"))])
def test_a_credential_that_is_the_token(client, static):
    declared = evolve(lifecycle(), grants=(Grant("key", (USER, SECRET), static=static),))
    made = client(declared)
    assert made.call() == 200
    made.provider.expire_tokens()
    assert made.call() == 401
    assert made.provider.grants() == []


@pytest.mark.parametrize(
    "placement", [Placement("header", "X-Session"), Placement("body", "t"), Placement("query", "t")]
)
def test_a_logout_ends_the_session(client, placement):
    logout = request(operation_id="logOut", path="/logout", body={"renewal": FromToken("refresh_token")})
    declared = lifecycle(
        RENEWABLE, refresh=renewal(), logout=evolve(logout, authenticated=True), placements=(placement,)
    )
    made = client(declared)
    made.call("POST")
    token = made.source.token()
    made.authenticator.logout()

    assert len(made.provider.logouts) == 1
    assert made.client.post(f"{made.url}/renewal", json={"renew": token.part("refresh_token")}).status_code == 400
    assert made.call("POST") == 200
    assert made.provider.grants()[-1] == "login"


# --- faults ---------------------------------------------------------------------------------------------------------


def test_accounts_are_locked(client):
    made = client(
        lifecycle(), lambda p: p.credentials_for("login", secret="wrong"), faults=[LockOut(after=1), RefusedAs(403)]
    )
    with pytest.raises(LoginRefused):
        made.call()
    login = made.provider.credentials["login"]
    assert made.client.post(f"{made.url}/session", json=login).status_code == 403
    assert made.provider.locked() == {f"login {login['user']}"}


def test_the_same_token_is_handed_out_again(client):
    response = TokenResponse(access_token=(AT_TOKEN,), expires=(ExpiresIn("$response.body#/left"),))
    made = client(lifecycle(request(response=response)), faults=[SameTokenAgain(600)])
    first = made.source.token()
    made.clock.advance(100)
    made.authenticator.forget()
    second = made.source.token()

    assert second.access_token == first.access_token
    assert second.lifetime == 3500


def test_the_declared_oauth_provider_is_one_too(client):
    made = client(oauth_lifecycle(logout=True))
    made.call()
    made.provider.expire_tokens()

    assert made.call() == 200
    assert made.provider.grants() == ["password", REFRESH]
