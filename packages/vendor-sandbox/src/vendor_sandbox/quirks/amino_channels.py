"""Amino's channels as users see them: the operator's channels, their broadcasts, and lists of favourites.

- A user sees a channel's name in one language; the effect of ``language`` is not documented, and the first name is
  returned (assumed).
- No operation creates streams or broadcast slots: only the channel of the examples has those of the examples, until it
  is deleted. Other channels have none (assumed).
- A list of favourites has its channels as a relationship; adding a channel twice changes nothing, and an unknown
  channel or list is 404 (assumed).
"""

from __future__ import annotations

from vendor_sandbox.json_values import JsonObject, array_of, object_of
from vendor_sandbox.messages import Response
from vendor_sandbox.quirks.amino_documents import document
from vendor_sandbox.quirks.base import Call, Quirks, handles
from vendor_sandbox.resources import Collection, Resources

__all__ = ["AminoChannels"]

MANAGED = "/api/channel/management/v4/channels"
FAVOURITES = "/api/users/v1/users/{user_profile_id}/favourite_channel_lists"
FAVOURITE_CHANNEL = f"{FAVOURITES}/{{favourite_channel_list_id}}/relationships/channels/{{channel_id}}"


class AminoChannels(Quirks):
    """See the module."""

    resources: Resources

    @handles("GET", "/api/metadata/v1/channels")
    def list_channels(self, call: Call) -> Response:
        """All channels that the operator manages."""
        return document([_shown(channel) for channel in self._channels.list({})])

    @handles("GET", "/api/metadata/v1/channels/{channel_id}")
    def show_channel(self, call: Call) -> Response:
        """One channel that the operator manages."""
        channel = self._channels.get(call.parameters)
        return self.not_found(call.request) if channel is None else document([_shown(channel)])

    @handles(
        "GET", "/channels/{channel_id}/relationships/streams", "/api/metadata/v1/broadcast_slots/{channel_id}/{date}"
    )
    def of_channel(self, call: Call) -> Response:
        """The streams of a channel."""
        if self._channels.get(call.parameters) is None:
            return self.not_found(call.request)
        return self._on(call, call.parameters["channel_id"])

    @handles("GET", "/api/streams/v4/live")
    def live_streams(self, call: Call) -> Response:
        """The broadcast slots of one channel or of all."""
        wanted = call.parameters.get("filter[tv_channel_id]", self._example_channel)
        there = self._channels.get({"channel_id": wanted}) is not None
        return self._on(call, wanted) if there else document([])

    @handles("POST", FAVOURITE_CHANNEL)
    def add_favourite(self, call: Call) -> Response:
        """Add a channel to the list."""
        favourites = self.resources.collection(FAVOURITES).get(call.parameters)
        if favourites is None or self._channels.get(call.parameters) is None:
            return self.not_found(call.request)
        channel = {"type": "Channel", "id": str(call.parameters["channel_id"])}
        if channel not in (related := _channels_of(favourites)):
            related.append(channel)
        return Response(call.operation.success_status)

    @handles("DELETE", FAVOURITE_CHANNEL)
    def remove_favourite(self, call: Call) -> Response:
        """Remove a channel from the list; if it is not in the list, nothing changes (assumed)."""
        favourites = self.resources.collection(FAVOURITES).get(call.parameters)
        if favourites is None:
            return self.not_found(call.request)
        channels = _channels_of(favourites)
        channels[:] = [each for each in channels if object_of(each).get("id") != str(call.parameters["channel_id"])]
        return Response(call.operation.success_status)

    @property
    def _channels(self) -> Collection:
        return self.resources.collection(MANAGED)

    @property
    def _example_channel(self) -> str:
        operation = self.document.operation("listChannelStreams")
        return str(next(parameter.examples[0] for parameter in operation.parameters if parameter.examples))

    def _on(self, call: Call, channel: object) -> Response:
        return super().fallback(call) if str(channel) == self._example_channel else document([])


def _shown(channel: JsonObject) -> JsonObject:
    """A channel as users see it."""
    names = array_of(object_of(channel.get("attributes")).get("name"))
    attributes = {"name": object_of(names[0]).get("value")} if names else {}
    return {"type": "Channel", "id": channel["id"], "attributes": attributes}


def _channels_of(favourites: JsonObject) -> list[JsonObject]:
    """The related channels of a list of favourites, as a mutable list."""
    relationships = favourites.setdefault("relationships", {})
    channels: list[JsonObject] = object_of(relationships.setdefault("channels", {})).setdefault("data", [])
    return channels
