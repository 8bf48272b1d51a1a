"""A request shows its token in a header, the query, a cookie or the JSON body, and nowhere when it is over."""

from __future__ import annotations

import httpx
import pytest
from auth_core import ConfigurationError
from auth_core.lifecycle import Placement
from auth_core.placement import add_cookie, add_query_parameter, placement_for, splice_json_member
from auth_core_testing import BEARER, ResetConnection, oauth_lifecycle

QUERY, BODY = Placement("query", "token"), Placement("body", "token")
CUSTOM, COOKIE = Placement("header", "X-Token"), Placement("cookie", "token")


@pytest.mark.parametrize("placement", [BEARER, CUSTOM, QUERY, COOKIE, BODY])
def test_a_post_shows_its_token(make_world, placement):
    world = make_world(sockets=True, lifecycle=oauth_lifecycle(placements=(placement,)))
    response = world.send("POST", "/things?a=1", json={"b": 2}, headers={"Cookie": "c=3"})

    assert response.status_code == 200
    request = world.provider.api_requests[0]
    assert (request.query["a"], request.form["b"], "c=3" in request.headers["cookie"]) == ("1", 2, True)


@pytest.mark.parametrize("placement", [BEARER, CUSTOM, QUERY, COOKIE, BODY])
def test_the_replay_shows_the_new_token_alone(make_world, placement):
    world = make_world(sockets=True, lifecycle=oauth_lifecycle(placements=(placement,)))
    world.send("POST", "/things", json={})
    world.issuer.expire_access_tokens()

    assert world.send("POST", "/things", json={}).status_code == 200
    old, new = (token.access_token for token in world.provider.issued)
    shown = repr(world.provider.api_requests[-1])
    assert (old in shown, shown.count(new)) == (False, 1)


def test_the_method_decides(make_world):
    get, post = Placement("query", "token", methods=("GET",)), Placement("body", "token", methods=("POST",))
    world = make_world(lifecycle=oauth_lifecycle(placements=(get, post)))
    world.get()
    world.send("POST", "/things", json={"a": 1})

    assert "token" in world.provider.api_requests[0].query
    assert list(world.provider.api_requests[1].form) == ["a", "token"]
    with pytest.raises(ConfigurationError, match="DELETE"):
        world.send("DELETE", "/things")


@pytest.mark.parametrize("use_async", [False, True])
@pytest.mark.parametrize("placement", [BEARER, CUSTOM, QUERY, COOKIE, BODY])
def test_nothing_that_outlives_the_call_shows_the_token(make_world, placement, use_async):
    world = make_world(lifecycle=oauth_lifecycle(placements=(placement,)), use_async=use_async)
    world.send("POST", "/things", json={})
    world.issuer.expire_access_tokens()
    response = world.send("POST", "/things", json={})

    for seen in (response, *response.history):
        shown = f"{seen.request.url} {seen.url} {seen.request.headers.raw} {seen.request.content!r}"
        assert not any(token.access_token in shown for token in world.provider.issued)


@pytest.mark.parametrize("use_async", [False, True])
@pytest.mark.parametrize("placement", [BEARER, CUSTOM, QUERY, COOKIE])
def test_an_exception_of_the_transport_does_not_show_the_token(make_world, placement, use_async):
    world = make_world(lifecycle=oauth_lifecycle(placements=(placement,)), use_async=use_async)
    world.provider.respond_next_api(ResetConnection())
    with pytest.raises(httpx.ReadError) as failure:
        world.get()

    request = failure.value.request
    assert world.provider.issued[0].access_token not in f"{request.url} {request.headers.raw}"


def test_httpx_logs_the_mask(make_world, caplog):
    caplog.set_level("INFO", "httpx")
    world = make_world(lifecycle=oauth_lifecycle(placements=(QUERY,)))
    world.send("GET", "/things?a=%20b")

    assert "/things?a=%20b&token=****" in caplog.text


def test_a_transport_sees_the_whole_url(make_world):
    seen: list[str] = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(str(request.url))
        return httpx.Response(200)

    world = make_world(lifecycle=oauth_lifecycle(placements=(QUERY,)))
    with httpx.Client(transport=httpx.MockTransport(handle)) as client:
        client.get(world.url + "/things", auth=world.auth())

    assert seen == [f"{world.url}/things?token={world.provider.issued[0].access_token}"]


def test_a_streamed_body_cannot_carry_the_token(make_world):
    world = make_world(lifecycle=oauth_lifecycle(placements=(BODY,)))
    with pytest.raises(ConfigurationError, match="stream"):
        world.send("POST", "/things", content=iter([b"{}"]))


@pytest.mark.parametrize(
    ("content", "spliced"),
    [
        (b"", b'{"token":"t"}'),
        (b"{}", b'{"token":"t"}'),
        (b" { \n } ", b'{"token":"t"}'),
        (b'{"a":1}', b'{"a":1,"token":"t"}'),
        (b'{"a":{}}\n', b'{"a":{},"token":"t"}'),
        ('{"a":"ø}"}'.encode(), '{"a":"ø}","token":"t"}'.encode()),
    ],
)
def test_a_member_is_spliced_into_the_bytes(content, spliced):
    assert splice_json_member(content, "token", "t") == spliced


@pytest.mark.parametrize("content", [b"[]", b'"text"', b"a=1", b"{"])
def test_only_a_json_object_takes_a_member(content):
    with pytest.raises(ConfigurationError, match="not a JSON object"):
        splice_json_member(content, "token", "t")


def test_a_value_is_escaped_where_it_stands():
    assert splice_json_member(b"{}", "t", 'a"b') == b'{"t":"a\\"b"}'
    assert add_query_parameter(b"a=%20", "t", "a&b=c") == b"a=%20&t=a%26b%3Dc"
    assert add_query_parameter(b"", "t", "v") == b"t=v"
    assert add_cookie(None, "t", "v") == "t=v"


def test_the_first_placement_for_the_method_counts():
    assert placement_for((Placement(methods=("POST",)), BEARER), "GET") is BEARER
