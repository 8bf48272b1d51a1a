"""Promise 7: what can be replayed is replayed from where it was; what cannot is never sent twice. Over a socket."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Iterator

import httpx
import pytest
from auth_core.lifecycle import ResponseCondition, ValueCondition
from auth_core_testing import ProviderResponse, oauth_lifecycle


@pytest.fixture
def world(make_world):
    world = make_world(sockets=True)
    world.get()
    world.issuer.expire_access_tokens()
    return world


def bodies(world) -> list[bytes]:
    return [request.content for request in world.provider.api_requests[1:]]


@pytest.mark.parametrize("body", [{"content": b"12345"}, {"json": {"a": 1}}, {"data": {"a": "1"}}, {}])
def test_bytes_are_sent_again(world, body):
    assert world.send("POST", "/things", **body).status_code == 200
    first, second = bodies(world)

    assert first == second


def test_a_file_is_sent_again_from_where_it_stood(world):
    file = io.BytesIO(b"01234remaining")
    file.seek(5)
    response = world.send("POST", "/things", content=file, headers={"Content-Length": "9"})

    assert response.status_code == 200
    assert bodies(world) == [b"remaining", b"remaining"]


def test_a_file_on_disk_is_sent_again(world, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(b"x" * 200_000)
    with path.open("rb") as file:
        response = world.send("POST", "/things", content=file)

    assert response.json()["length"] == 200_000
    assert [len(body) for body in bodies(world)] == [200_000, 200_000]


def test_a_list_of_chunks_is_sent_again(world):
    assert world.send("POST", "/things", content=[b"ab", b"cd"]).status_code == 200
    assert bodies(world) == [b"abcd", b"abcd"]


def test_multipart_with_files_is_sent_again(world):
    response = world.send("POST", "/things", files={"file": ("a.txt", io.BytesIO(b"attached"))}, data={"a": "b"})

    assert response.status_code == 200
    assert [body.count(b"attached") for body in bodies(world)] == [1, 1]


class Pipe(io.RawIOBase):
    """Can be read once, like a socket or a decompressing stream."""

    def __init__(self) -> None:
        self._rest = b"piped"

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        rest, self._rest = self._rest, b""
        return rest


def chunks() -> Iterator[bytes]:
    yield b"one"
    yield b"shot"


@pytest.mark.parametrize(
    "body",
    [
        lambda: {"content": chunks()},
        lambda: {"content": iter([b"one", b"shot"])},
        lambda: {"content": Pipe()},
        lambda: {"files": {"file": ("a.txt", Pipe())}},
    ],
    ids=["generator", "iterator", "pipe", "multipart pipe"],
)
def test_an_unreplayable_body_is_not_resent_after_the_renewal(world, body):
    """The next call has the new token."""
    response = world.send("POST", "/things", **body())

    assert response.status_code == 401
    assert len(bodies(world)) == 1
    world.wait_for_renewal()
    assert world.send("POST", "/things", **body()).status_code == 200
    assert world.refreshes() == 1


def test_the_refusal_is_returned_even_while_the_provider_is_down(world):
    world.provider.respond_next(ProviderResponse.html(503))
    statuses = []
    for _ in range(3):
        statuses.append(world.send("POST", "/things", content=chunks()).status_code)
        world.wait_for_renewal()

    assert statuses == [401, 401, 401]


def test_a_forbidden_operation_with_one_shot_bodies_costs_one_renewal(world):
    for _ in range(10):
        assert world.send("POST", "/forbidden", content=chunks()).status_code == 401
        world.wait_for_renewal()

    assert world.refreshes() == 1


def test_an_async_generator_is_not_sent_again(world):
    async def body():
        yield b"one"

    async def run() -> httpx.Response:
        async with world.new_async_client() as client:
            return await client.post(world.url + "/things", content=body(), auth=world.auth())

    assert asyncio.run(run()).status_code == 401
    assert len(bodies(world)) == 1


@pytest.mark.parametrize("sync", [True, False])
def test_an_unreplayable_body_avoids_the_last_quarter_of_a_token(make_world, sync):
    """Were it refused on the way, nobody could send it again. Whatever can be sent again is sent at once."""
    world = make_world(sockets=True)
    world.get()
    world.clock.advance(3600 * 0.8)

    async def body():
        yield b"once"

    async def run() -> None:
        async with world.new_async_client() as client:
            await client.post(world.url + "/things", content=body(), auth=world.auth())

    if sync:
        world.send("POST", "/things", content=chunks())
    else:
        asyncio.run(run())
    old, new = (token.access_token for token in world.provider.issued)

    assert [request.headers["authorization"] for request in world.provider.api_requests] == [
        f"Bearer {old}",
        f"Bearer {new}",
    ]


BY_BODY = oauth_lifecycle(expired=(ResponseCondition(body={"/code": ValueCondition(any_of=("EXPIRED",))}),))
EXPIRED = {"code": "EXPIRED"}


def test_an_expiry_told_by_the_body_is_recovered(make_world):
    world = make_world(sockets=True, lifecycle=BY_BODY)
    world.provider.respond_next_api(ProviderResponse.json(EXPIRED))

    assert world.get().json()["path"] == "/things"
    assert world.refreshes() == 1


@pytest.mark.parametrize("sync", [True, False])
def test_only_json_responses_are_read_to_be_classified(make_world, sync):
    world = make_world(sockets=True, lifecycle=BY_BODY)
    world.provider.respond_next_api(
        ProviderResponse(headers={"Content-Type": "text/csv"}, content=json.dumps(EXPIRED).encode()),
        ProviderResponse.json(EXPIRED),
    )

    def read_whole(auth) -> bool:
        if sync:
            with world.client.stream("GET", world.url + "/things", auth=auth) as response:
                return hasattr(response, "_content")

        async def run() -> bool:
            async with (
                world.new_async_client() as client,
                client.stream("GET", world.url + "/things", auth=auth) as response,
            ):
                return hasattr(response, "_content")

        return asyncio.run(run())

    assert read_whole(world.auth()) is False
    assert read_whole(world.auth(json_response=False)) is False
    assert world.refreshes() == 0


def test_a_condition_on_an_absent_member_requires_a_decoded_response(make_world):
    condition = ResponseCondition(status=(401,), body={"/reason": ValueCondition(present=False)})
    world = make_world(lifecycle=oauth_lifecycle(expired=(condition,)))
    world.get("/forbidden")  # 401, HTML: nothing is known of its members

    assert world.refreshes() == 0
