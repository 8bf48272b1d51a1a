"""A typed, authenticated call compared with bare httpx and the same headers and parameters: in memory, on loopback."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx

from bench.measure import Contest, contest
from bench.server import TABLE, TOKEN, fast_server
from cinchy_client import AsyncCinchy, Cinchy, PasswordCredentials

CREDENTIALS = PasswordCredentials(client_id="bench", client_secret="bench", username="bench", password="bench")
PARAMETERS = {"@city": "Oslo"}
SENT = {"ResultFormat": "JSON", "CompressJSON": "true", **PARAMETERS}


def in_memory(request: httpx.Request) -> httpx.Response:
    """Respond without a socket."""
    content = TOKEN if request.method == "POST" else TABLE
    return httpx.Response(200, headers={"content-type": "application/json"}, content=content)


def servers(url: str) -> dict[str, Any]:
    """The constructor arguments that name Cinchy's servers."""
    return {"base_url": url, "sso_url": url, "connections_url": url}


def headers_of_a_call(url: str, transport: httpx.BaseTransport | None) -> dict[str, str]:
    """The headers that a typed call sends, for the bare call to send too."""
    seen: list[httpx.Headers] = []

    def note(request: httpx.Request) -> None:
        seen.append(request.headers)

    with httpx.Client(transport=transport, event_hooks={"request": [note]}) as client:
        cinchy = Cinchy(**servers(url), credentials=CREDENTIALS, http_client=client, token_http_client=client)
        cinchy.queries.run("HR", "Employees", parameters=PARAMETERS)
    return {name: value for name, value in seen[-1].items() if name != "host"}


def contestants(url: str, transport: httpx.BaseTransport | None) -> dict[str, Callable[[], object]]:
    """A bare and a typed call to ``url``, each with its own connection pool; the same bytes go out."""
    headers = headers_of_a_call(url, transport)
    bare = httpx.Client(transport=transport, headers=headers)
    own = httpx.Client(transport=transport)
    typed = Cinchy(**servers(url), credentials=CREDENTIALS, http_client=own, token_http_client=own)
    address = f"{url}/API/HR/Employees"
    return {
        "httpx client.get(…).json()": lambda: bare.get(address, params=SENT).json(),
        "cinchy.queries.run(…)": lambda: typed.queries.run("HR", "Employees", parameters=PARAMETERS),
    }


def async_contestants(url: str, loop: asyncio.AbstractEventLoop) -> dict[str, Callable[[], object]]:
    """The same two with ``await``, ten calls in each run of the loop."""
    bare = httpx.AsyncClient(headers=headers_of_a_call(url, None))
    typed = AsyncCinchy(**servers(url), credentials=CREDENTIALS)
    address = f"{url}/API/HR/Employees"

    async def bare_calls() -> None:
        for _ in range(10):
            (await bare.get(address, params=SENT)).json()

    async def typed_calls() -> None:
        for _ in range(10):
            await typed.queries.run("HR", "Employees", parameters=PARAMETERS)

    return {
        "await client.get(…), ten times": lambda: loop.run_until_complete(bare_calls()),
        "await cinchy.queries.run(…), ten times": lambda: loop.run_until_complete(typed_calls()),
    }


def run() -> list[Contest]:
    memory = contestants("http://127.0.0.1:9", httpx.MockTransport(in_memory))
    contests = [contest("One call, mock transport", memory, rounds=30, calls=300)]
    with fast_server() as url:
        contests.append(contest("One call, loopback server", contestants(url, None), rounds=30, calls=300))
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            contests.append(contest("Async, loopback server", async_contestants(url, loop), rounds=30, calls=30))
    return contests
