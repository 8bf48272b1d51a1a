"""Athena's Cognito login against an Amazon Cognito that others wrote: moto's user pool behind the documented calls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from auth_core import LoginRefused
from auth_core.credentials import resolve

from athena_cognito_client import AsyncAthenaCognito, AthenaCognito
from athena_cognito_client.auth import PasswordCredentials
from clients.cognito import PASSWORD, USERNAME, AthenaOnCognito, athena_on_cognito
from clients.examples import examples_of

CASES = next(e.value for e in examples_of("athena-cognito") if (e.operation_id, e.status) == ("listCases", "200"))


@pytest.fixture
def running() -> Iterator[tuple[AthenaOnCognito, str]]:
    with athena_on_cognito(CASES) as service:
        yield service


@pytest.fixture
def athena(running: tuple[AthenaOnCognito, str]) -> AthenaOnCognito:
    return running[0]


@pytest.fixture
def arguments(running: tuple[AthenaOnCognito, str]) -> dict[str, Any]:
    """Of a client that can log in."""
    athena, url = running
    credentials = PasswordCredentials(
        username=USERNAME, password=PASSWORD, user_pool_id=athena.pool, client_id=athena.application
    )
    return {"base_url": url, "credentials": credentials}


def test_one_login_serves_calls_with_the_pools_access_token(athena: AthenaOnCognito, arguments: dict[str, Any]) -> None:
    with AthenaCognito(**arguments) as client:
        for _ in range(3):
            assert client.cases.list().body.to_dict(exclude_unset=True) == CASES
    assert athena.flows == {"USER_PASSWORD_AUTH": 2}, "one for each token"
    assert [claims["token_use"] for claims in athena.let_in] == ["access"] * 3
    assert len({claims["jti"] for claims in athena.let_in}) == 1
    assert athena.let_in[0]["client_id"] == athena.application


async def test_a_refused_token_is_renewed_with_the_pools_refresh_token(
    athena: AthenaOnCognito, arguments: dict[str, Any]
) -> None:
    """The response is the documented one, in which the access token is called ``refresh_token``."""
    async with AsyncAthenaCognito(**arguments) as client:
        for _ in range(3):
            await client.cases.list()
            athena.ended.add(athena.let_in[-1]["jti"])
    assert athena.flows == {"USER_PASSWORD_AUTH": 2, "REFRESH_TOKEN_AUTH": 2}
    assert len({claims["jti"] for claims in athena.let_in}) == 3


def test_a_refresh_token_ended_by_the_pool_causes_login(athena: AthenaOnCognito, arguments: dict[str, Any]) -> None:
    with AthenaCognito(**arguments) as client:
        client.cases.list()
        athena.ended.add(athena.let_in[-1]["jti"])
        athena.sign_out()
        client.cases.list()
    assert athena.flows == {"USER_PASSWORD_AUTH": 4, "REFRESH_TOKEN_AUTH": 1}


def test_a_wrong_password_is_reported_as_the_pools_refusal(athena: AthenaOnCognito, arguments: dict[str, Any]) -> None:
    known = arguments["credentials"].values()
    credentials = PasswordCredentials(**{**known, "password": "Another-password-1"})
    with (
        AthenaCognito(**{**arguments, "credentials": credentials}) as client,
        pytest.raises(LoginRefused, match="Incorrect username or password") as caught,
    ):
        client.cases.list()
    assert "Another-password-1" not in str(caught.value)
    assert athena.let_in == []


def test_the_service_tells_the_claims_of_the_pools_token(athena: AthenaOnCognito, arguments: dict[str, Any]) -> None:
    known: dict[str, Any] = resolve(arguments["credentials"].values())
    with AthenaCognito(**arguments) as client:
        response = client.authentication.create_access_token(**known)
        claims = client.authentication.authenticate_token(
            token=response.token, pool_url=athena.pool_url, client_id=athena.application
        )
    assert claims.to_dict(exclude_unset=True) == athena.claims(response.token)
