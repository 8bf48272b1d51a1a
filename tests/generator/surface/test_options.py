"""What goes beyond a method's own arguments: other defaults, additional members, operations nobody described."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from generator.surface.support import async_client_of, client_of
from generator.surface.things import PASSWORD, TOKEN, responding
from support.http_server import Reply, Server
from support.packages import Package


def test_other_defaults_share_connections_and_tokens_and_change_no_client(
    package: Package, server: Server, credentials: Any
) -> None:
    server.response = responding(Reply(200, {}))
    with client_of(package, server, credentials=[credentials]) as first:
        first.things.list()
        other = first.with_options(extra_headers={"X-Team": "blue", "X-Tier": "1"}, extra_query={"debug": True})
        assert type(other) is type(first)
        with other.with_options(extra_headers={"X-Team": "red"}) as third:
            third.things.list(extra_headers={"X-Call": "1"})
        other.things.list()
        first.things.list()
    logins = [request for request in server.requests if request.path == "/login/login"]
    calls = [request for request in server.requests if request.path != "/login/login"]
    names = ("x-team", "x-tier", "x-call")
    assert len(logins) == 1
    assert [tuple(call.headers.get(name) for name in names) for call in calls] == [
        (None, None, None),
        ("red", "1", "1"),
        ("blue", "1", None),
        (None, None, None),
    ]
    assert [call.target.partition("?")[2] for call in calls] == ["", "debug=true", "debug=true", ""]
    with pytest.raises(package.ClientClosed):
        other.things.list()  # its connections were those of the first


def test_an_unusable_default_is_refused_where_it_is_given(package: Package, server: Server) -> None:
    client = client_of(package, server)
    with pytest.raises(package.WrongArgumentType, match=r"`timeuot`; did you mean `timeout`"):
        client.with_options(timeuot=1)
    with pytest.raises(package.InvalidArgument, match="above 0"):
        client.with_options(timeout=-1)
    with pytest.raises(package.WrongArgumentType, match=r"`headers`.*extra_headers"):
        client.things.get_public(headers={"X-A": "1"})
    assert server.requests == []


def test_defaults_go_along_in_a_pickle_unless_they_may_be_secret(
    package: Package, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_USER", "ada")
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    client = client_of(package, server, credentials=None)
    again = pickle.loads(pickle.dumps(client.with_options(timeout=3)))
    assert again._sender.defaults == {"timeout": 3}
    with pytest.raises(TypeError, match="extra_headers cannot be pickled"):
        pickle.dumps(client.with_options(extra_headers={"X-Key": "s3cret"}))


async def test_members_and_parameters_that_nobody_described_are_sent(package: Package, server: Server) -> None:
    async with async_client_of(package, server) as client:
        await client.things.create(name="x", extra_body={"colour": "red"}, extra_query={"dry": [1, 2]})
    assert (server.last.target, server.last.json) == ("/things?dry=1&dry=2", {"name": "x", "colour": "red"})


@pytest.mark.parametrize(
    ("cast_to", "reply", "found"),
    [
        (None, Reply(200, {"id": 1}), {"id": 1}),
        (None, Reply(204, b""), None),
        (None, Reply(200, b"\xff\x00", {"content-type": "application/pdf"}), b"\xff\x00"),
        (None, Reply(200, b"hi", {"content-type": "text/plain"}), "hi"),
        (dict[str, int], Reply(200, {"id": 1}), {"id": 1}),
        (list[int], Reply(200, [1, 2]), [1, 2]),
        (str, Reply(200, {"id": 1}), '{"id": 1}'),
        (bytes, Reply(200, b"hi"), b"hi"),
    ],
)
def test_an_operation_nobody_described_is_called(
    package: Package, server: Server, credentials: Any, cast_to: Any, reply: Reply, found: Any
) -> None:
    server.response = responding(reply)
    with client_of(package, server, credentials=[credentials]) as client:
        given = client.request(
            "patch", "/a b/%C3%A9", cast_to=cast_to, query={"x": [1, None]}, body={"a": 1}, timeout=5
        )
    assert given == found
    assert (server.last.method, server.last.target) == ("PATCH", "/a%20b/%C3%A9?x=1")
    assert (server.last.headers["authorization"], server.last.json) == (f"Bearer {TOKEN}", {"a": 1})


async def test_a_model_or_the_whole_response_can_be_asked_for(package: Package, server: Server) -> None:
    thing = package.module("models").CreateThingBody
    server.response = responding(Reply(200, [{"name": "x"}]))
    async with async_client_of(package, server) as client:
        whole = await client.request("GET", "/x", cast_to=package.Response)
        assert (whole.status_code, whole.parsed) == (200, [{"name": "x"}])
        assert await client.request("GET", "/x", cast_to=list[thing]) == [thing(name="x")]
        server.response = responding(Reply(200, {"id": "one"}))
        with pytest.raises(package.DecodeError, match=r"^GET /x \(GET /x\), \$: expected an array"):
            await client.request("GET", "/x", cast_to=list[int])
        server.response = responding(Reply(404, {"message": "gone"}))
        with pytest.raises(package.NotFoundError, match="404 from GET /x"):
            await client.request("GET", "/x")


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("GET", "https://evil.example/x"), {}, "must start with a single /"),
        (("GET", "//evil.example/x"), {}, "must start with a single /"),
        (("GET", "/a/../b"), {}, "segments"),
        (("GET", "/a/%2e%2E/b"), {}, "segments"),
        (("GET", "/a?b=1"), {}, "`query`"),
        (("GET\r\n", "/a"), {}, "HTTP method"),
        (("GET", 1), {}, "`path` must be a str, not int"),
        (("GET", "/a"), {"server": "other_url"}, "`server` must be one of base_url, login_url"),
        (("GET", "/a"), {"query": "a=1"}, "`query` must be a dict"),
        (("GET", "/a"), {"cast_to": set}, "`cast_to` must be"),
        (("POST", "/a"), {"body": {1, 2}}, "request was called with invalid arguments"),
        (("GET", "/a"), {"retries": 1}, "`retries`"),
    ],
)
def test_a_request_that_nobody_should_send_is_not_sent(
    package: Package, server: Server, credentials: Any, arguments: Any, options: Any, message: str
) -> None:
    with (
        client_of(package, server, credentials=[credentials]) as client,
        pytest.raises(package.UsageError, match=message),
    ):
        client.request(*arguments, **options)
    assert server.requests == []
