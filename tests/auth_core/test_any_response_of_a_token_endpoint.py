"""Whatever a token endpoint responds, the outcome is a token or an error of our own tree."""

from __future__ import annotations

import json
from typing import Any

import pytest
from auth_core import AuthError, MalformedTokenResponse, MemoryStore, RefreshPolicy, Token
from auth_core.exchange import TokenExchange
from auth_core.lifecycle import (
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
    ResponseCondition,
    ResponseDetails,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
    ValueCondition,
)
from auth_core.renewal import LifecycleRenewer
from auth_core.store import RefusalBook
from auth_core.wire import TokenHttpRequest, TokenHttpResponse, TokenSender, TokenSendError
from auth_core_testing import BEARER, FakeClock
from hypothesis import given, settings
from hypothesis import strategies as st

from support.examples import examples

RESPONSE = TokenResponse(
    access_token=(
        Candidate("$response.body#/access_token"),
        Candidate("$response.body#/data/0/token", jwt_claims={"token_use": "access"}),
        Candidate("$response.header.X-Token", not_jwt=True),
    ),
    refresh_token=(Candidate("$response.body#/refresh_token"),),
    expires=(
        ExpiresIn("$response.body#/expires_in"),
        ExpiresAt("$response.body#/expires_at", "milliseconds"),
        JwtClaim(),
        DefaultLifetime(3600),
    ),
    extras={"id_token": Extra((Candidate("$response.body#/id_token"),))},
)


def request(body: dict[str, Any]) -> TokenRequest:
    return TokenRequest("createToken", "POST", "base_url", "/token", "json", body=body, response=RESPONSE)


LIFECYCLE = TokenLifecycle(
    vendor="any",
    scheme="any",
    grants=(
        Grant(
            "password",
            (CredentialDefinition("password", "P", secret=True),),
            (request({"p": FromCredential("password")}),),
        ),
    ),
    placements=(BEARER,),
    refresh=Refresh(request({"r": FromToken("refresh_token"), "i": FromToken("id_token")})),
    responses=ResponseDetails(
        failed=(ResponseCondition(body={"/status": ValueCondition(none_of=("OK",))}),),
        code=("$response.body#/status/code",),
        message=("$response.body",),
    ),
)

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.sampled_from(["a.b.c", "tok", "9", "OK"]),
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
members = ["access_token", "refresh_token", "expires_in", "expires_at", "id_token", "status", "error", "data"]
received_responses = st.dictionaries(st.sampled_from(members), documents, max_size=8)
bodies = st.one_of(
    st.binary(max_size=80),
    received_responses.map(lambda body: json.dumps(body).encode()),
    documents.map(lambda body: json.dumps(body).encode()),
    st.just(b"[" * 100_000),
)
responses = st.builds(
    TokenHttpResponse,
    status=st.sampled_from([200, 200, 200, 201, 204, 301, 400, 401, 403, 429, 500, 503, 599]),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "x-token", "content-type"]), st.text(max_size=30), max_size=3
    ),
    content=bodies,
)


def renewer_of(password: str, send: TokenSender) -> LifecycleRenewer:
    exchange = TokenExchange(
        lifecycle=LIFECYCLE,
        grant=LIFECYCLE.grants[0],
        credentials={"password": password},
        servers={"base_url": "https://api.example"},
        send=send,
        clock=FakeClock(),
    )
    return LifecycleRenewer(exchange=exchange, policy=RefreshPolicy(), store=MemoryStore(refusals=RefusalBook()))


@settings(max_examples=examples(100), derandomize=True, deadline=None)
@given(script=st.lists(st.one_of(responses, st.just(TokenSendError("no response"))), min_size=3, max_size=3))
def test_any_token_response_gives_a_token_or_a_documented_error(script):
    received_responses = iter(script)

    def send(_: TokenHttpRequest) -> TokenHttpResponse:
        response = next(received_responses)
        if isinstance(response, TokenSendError):
            raise response
        return response

    renewer = renewer_of("canary-3b1f", send)
    generation = 0
    for _ in range(2):  # a login, and a refresh where the login brought a refresh token
        try:
            token = renewer.renew(generation)
        except AuthError as error:
            failure: AuthError | None = error
        else:
            failure = None
        if failure is not None:
            assert "canary-3b1f" not in str(failure)
            return
        assert isinstance(token, Token)
        assert token.access_token.reveal().isprintable()
        assert token.lifetime is not None
        assert token.lifetime > 0
        assert token.generation == generation + 1
        generation = token.generation


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"{}", b"null", b"[]", b'{"access_token": null}', b'{"access_token": ""}', b'{"access_token": 5}'],
)
def test_a_success_without_a_token_says_so(body):
    renewer = renewer_of("p", lambda _: TokenHttpResponse(status=200, content=body))
    with pytest.raises(MalformedTokenResponse, match="any: password"):
        renewer.renew(0)
