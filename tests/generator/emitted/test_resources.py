"""The resources of a client."""

from __future__ import annotations

from typing import Any

from sdkgen.emitted._runtime.resources import resource


class Things:
    def __init__(self, sender: str) -> None:
        self.sender = sender


class Others(Things):
    pass


class Client:
    def __init__(self) -> None:
        self._sender = "sender"
        self._resources: dict[Any, Any] = {}


def test_a_resource_is_made_once_for_a_client() -> None:
    client = Client()
    things = resource(client, Things)
    assert (type(things), things.sender) == (Things, "sender")
    assert resource(client, Things) is things
    assert type(resource(client, Others)) is Others
    assert resource(Client(), Things) is not things
