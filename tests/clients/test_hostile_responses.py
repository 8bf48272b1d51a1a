"""Whatever a server responds, a call returns or raises an error of the client, without secrets."""

from __future__ import annotations

import inspect
import json
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import pytest

from clients.vendors import SUBJECTS
from support.hostile_responses import hostile_responses, with_secret
from support.raw_server import RawRequest, response, serve_raw

TOKEN = "t0ken-unlike-any-other"
CINCHY = SUBJECTS["cinchy"].package


def shown(error: Exception) -> str:
    """Everything that a log may contain of an error."""
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    parts = [*traceback.format_exception(error), repr(vars(error)), repr(getattr(error, "retry_after_seconds", ""))]
    return "".join(parts)


@pytest.mark.parametrize("kind", [CINCHY.Cinchy, CINCHY.AsyncCinchy])
async def test_every_response_ends_in_the_clients_tree(kind: type[Any]) -> None:
    sent = b""

    def respond(request: RawRequest) -> Iterator[bytes]:
        if "connect/token" in request.line:
            yield response(json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode())
        else:
            yield with_secret(sent, TOKEN)
            raise OSError  # closes the connection

    wrong: list[str] = []
    errors: list[Exception] = []
    credentials = CINCHY.PasswordCredentials(client_id="a", client_secret="b", username="c", password="d")
    with serve_raw(respond) as server:
        urls = dict.fromkeys(("base_url", "sso_url", "connections_url"), server.url)
        client = kind(**urls, credentials=credentials, timeout=5)
        for name, hostile in hostile_responses():
            sent = hostile
            try:
                found = client.queries.run("HR", "Employees")
                if inspect.isawaitable(found):
                    await found
            except CINCHY.CinchyError as error:
                errors.append(error)
                if TOKEN in shown(error):
                    wrong.append(f"{name}: the token is shown in {type(error).__name__}")
            except Exception as error:
                wrong.append(f"{name}: {type(error).__name__}: {error}")
        closed = client.close()
        if inspect.isawaitable(closed):
            await closed

    assert wrong == []
    assert {type(error).__name__ for error in errors} >= {"TransportError", "DecodeError", "NotFoundError", "ApiError"}
