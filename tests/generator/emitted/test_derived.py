"""A client with other defaults: what it has of the first."""

from __future__ import annotations

from typing import Any

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.derived import derived
from sdkgen.emitted._runtime.resources import resource
from sdkgen.emitted._runtime.send import Sender


class Shop:
    def __init__(self, sender: Any, note: str) -> None:
        self._sender = sender
        self.note = note
        self._resources: dict[Any, Any] = {}

    @property
    def things(self) -> Any:
        return resource(self, same)


def same(sender: Any) -> Any:
    return sender


def test_attributes_are_kept_and_resources_made_anew() -> None:
    shop = Shop(Sender(connection(), None), "mine")
    assert shop.things.defaults == {}
    other = derived(derived(shop, {"timeout": 3}), {"extra_query": {"a": 1}})
    assert (other.note, other.things.defaults) == ("mine", {"timeout": 3, "extra_query": {"a": 1}})
    assert other.things.clients is shop.things.clients
    other.things.close()
    assert (shop.things.defaults, shop.things.clients.closed) == ({}, False)
