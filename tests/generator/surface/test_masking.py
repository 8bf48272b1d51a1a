"""No error of a client shows a secret, whatever the server repeats."""

from __future__ import annotations

import traceback
from typing import Any

import pytest
from auth_core_testing import Canary

from generator.surface.support import client_of
from generator.surface.things import PASSWORD, TOKEN, responding
from support.http_server import Reply, Server
from support.packages import Package


@pytest.mark.parametrize(
    "body",
    [
        f'{{"seen": "{TOKEN}"}}',
        f"<p>Bearer {TOKEN} is expired</p>",
        f"access_token={TOKEN}&x=1",
        '{"refresh_token": "rrrr-ssss", "clientSecret": "rrrr-ssss", "password" : "rrrr-ssss", "note": 1}',
        '{"secretValue": "rrrr-ssss", "token_value": "rrrr-ssss"}',
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyciJ9.rrrr-ssss",
        "x" * 495 + TOKEN,
    ],
)
def test_no_error_shows_a_secret(package: Package, server: Server, credentials: Any, body: str) -> None:
    server.response = responding(Reply(500, body))
    with client_of(package, server, credentials=credentials) as client, pytest.raises(package.ServerError) as caught:
        client.things.list()
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caught.value.excerpt + repr(client)
    for secret in (TOKEN, TOKEN[:5], PASSWORD, "rrrr-ssss"):
        assert secret not in shown


ECHOES = {
    "content type": Reply(200, "x", {"Content-Type": f"text/{TOKEN}"}),
    "no port": Reply(307, "", {"Location": f"http://h:{TOKEN}/"}),
    "no port, and the same origin": Reply(307, "", {"Location": f"//127.0.0.1:{TOKEN}/"}),
    "host": Reply(307, "", {"Location": f"https://{TOKEN}.example/"}),
    "cookie": Reply(500, "", {"Set-Cookie": "session=rrrr-ssss"}),
    "query": Reply(500, "", {"Location": "/?access_token=rrrr-ssss"}),
    "blanks before it": Reply(500, "." + " " * 3990 + TOKEN),
    "percent": Reply(500, "".join(f"%{ord(letter):x}" for letter in TOKEN)),
    "escaped": Reply(500, '{"seen": "' + "".join(f"\\u{ord(letter):04x}" for letter in TOKEN) + '"}'),
    "entities": Reply(500, "".join(f"&#{ord(letter)};" for letter in TOKEN)),
}


@pytest.mark.parametrize("reply", ECHOES.values(), ids=ECHOES)
def test_no_error_shows_what_a_header_or_an_encoding_repeats(
    package: Package, server: Server, credentials: Any, reply: Reply
) -> None:
    canary = Canary()
    canary.add("the token", TOKEN)
    canary.add("its beginning", TOKEN[:8])
    canary.add("another secret", "rrrr-ssss")
    server.response = responding(reply)
    with client_of(package, server, credentials=credentials) as client, pytest.raises(package.ShopError) as caught:
        client.things.list()
    canary.show(caught.value)
    assert canary.leaks() == []


def test_the_token_servers_redirect_shows_no_password(package: Package, server: Server, credentials: Any) -> None:
    server.response = Reply(307, "", {"Location": f"http://h:{PASSWORD}/"})
    with client_of(package, server, credentials=credentials) as client, pytest.raises(package.AuthError) as caught:
        client.things.list()
    shown = "".join(traceback.format_exception(caught.value)) + client.explain_tokens()
    assert "Location" in shown or "redirect" in shown or "307" in shown
    assert PASSWORD not in shown


def test_a_token_in_the_query_is_masked_too(package: Package, server: Server) -> None:
    server.response = lambda request: Reply(500, request.target)
    with client_of(package, server) as client, pytest.raises(package.ServerError) as caught:
        client.things.get_public(access_token="qqqq-rrrr")
    assert "qqqq-rrrr" not in caught.value.excerpt


@pytest.mark.parametrize("reported", ["You said {}.", '{{"your words": "{}"}}'])
def test_a_body_secret_is_masked_when_the_response_repeats_it(package: Package, server: Server, reported: str) -> None:
    server.response = Reply(400, reported.format(PASSWORD))
    with client_of(package, server) as client, pytest.raises(package.BadRequestError) as caught:
        client.login.create_token(user="ada", password=PASSWORD)
    assert "****" in caught.value.excerpt
    assert PASSWORD not in caught.value.excerpt


def test_a_401_without_a_token_says_that_credentials_are_lacking(package: Package, server: Server) -> None:
    server.response = responding(Reply(401, {}))
    with client_of(package, server) as client:
        with pytest.raises(package.AuthenticationError, match="sent without a token") as caught:
            client.things.create(name="a")
        assert caught.value.lacks_credentials
        with pytest.raises(package.AuthenticationError) as caught:
            client.things.get_public()
        assert not caught.value.lacks_credentials


def test_a_token_that_was_refused_twice_is_an_authentication_error(
    package: Package, server: Server, credentials: Any
) -> None:
    server.response = responding(Reply(401, {}))
    with client_of(package, server, credentials=credentials) as client, pytest.raises(package.AuthenticationError):
        client.things.list()
