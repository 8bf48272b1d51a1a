"""Whatever bytes a token server sends, a login returns or raises an error of the tree, without secrets."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import httpx
from auth_core import AuthError
from auth_core.clock import SystemClock
from auth_core.exchange import TokenExchange
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import oauth_lifecycle

from support.hostile_responses import hostile_responses, with_secret
from support.raw_server import RawRequest, serve_raw

PASSWORD = "passw0rd-unlike-any-other"


def test_every_token_response_ends_in_the_tree() -> None:
    sent = b""

    def respond(_: RawRequest) -> Iterator[bytes]:
        yield with_secret(sent, PASSWORD)
        raise OSError  # closes the connection

    lifecycle, wrong = oauth_lifecycle(), []
    credentials = {"username": "alice", "password": PASSWORD}
    with serve_raw(respond) as server, httpx.Client() as client:
        exchange = TokenExchange(
            lifecycle=lifecycle,
            grant=lifecycle.grant("password"),
            credentials=credentials,
            servers={"base_url": server.url},
            send=HttpxTokenSender(client),
            clock=SystemClock(),
            timeout_seconds=5,
        )
        for name, hostile in hostile_responses():
            sent = hostile
            try:
                exchange.log_in(credentials)
            except AuthError as error:
                if PASSWORD in "".join(traceback.format_exception(error)) + repr(vars(error)):
                    wrong.append(f"{name}: the password is shown in {error}")
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")

    assert wrong == []
