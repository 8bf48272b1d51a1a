"""Amino's recordings, and the lists derived from them: recorded slots, groups, the most popular.

- A recording has the slot that it was ordered for (its name in the response is assumed). The examples show one group,
  one slot and one recording: they are assumed to belong together, and recordings of other slots to match no group.
- Unknown ids are ignored when several recordings are deleted (assumed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from vendor_sandbox.json_values import JsonObject, array_of, object_of, text_of
from vendor_sandbox.messages import Response
from vendor_sandbox.quirks.amino_documents import JsonApiShape, document
from vendor_sandbox.quirks.base import Call, Quirks, handles
from vendor_sandbox.resources import Collection, Resources

__all__ = ["AminoRecordings"]

PROFILE = "/api/recordings/v4/user_profiles/{user_profile_id}"
RECORDINGS = f"{PROFILE}/recordings"
GROUPS = f"{RECORDINGS}/recording_groups"


class AminoRecordings(Quirks):
    """See the module."""

    resources: Resources

    def seed_recordings(self) -> None:
        """The recording of the examples has their slot; synthetic recordings have slots of their own."""
        for number, item in enumerate(self._recordings.items.values()):
            slot = self.backend.synthetic.key(f"slot#{number}") if number else self._slot_of_examples
            object_of(item["attributes"]).setdefault("broadcast_slot_id", str(slot))

    @handles("GET", RECORDINGS)
    def list_recordings(self, call: Call) -> Response:
        """The recordings of the profile, or of one series; ``null`` for those without a series (documented)."""
        series = call.parameters.get("filter[series.id]")
        found = self._recordings.list(call.parameters)
        if series is not None:
            found = [item for item in found if (self._group_of(item) or "null") == str(series)]
        return document(found)

    @handles("POST", f"{RECORDINGS}/batch_delete_recordings")
    def delete_recordings(self, call: Call) -> Response:
        """Delete all recordings that the body names."""
        for number in array_of(object_of(call.body).get("recording_ids")):
            self._recordings.remove({**call.parameters, "recording_id": number})
        return Response(call.operation.success_status)

    @handles("GET", f"{PROFILE}/recorded_broadcast_slots")
    def recorded_slots(self, call: Call) -> Response:
        """The slots of the profile's recordings, each once."""
        return document(_slots(self._recordings.list(call.parameters)))

    @handles("GET", "/api/recordings/v4/most_popular/{period}")
    def most_recorded_slots(self, call: Call) -> Response:
        """The slots of all recordings, those with the most first; every recording is recent here."""
        return document(_slots(list(self._recordings.items.values())))

    @handles("GET", GROUPS)
    def list_groups(self, call: Call) -> Response:
        """The groups with a recording that matches the filter (documented)."""
        favourite = call.parameters.get("filter[favourite]")
        grouped = [item for item in self._recordings.list(call.parameters) if self._group_of(item) is not None]
        if favourite is not None:
            wanted = str(favourite).casefold() == "true"
            grouped = [item for item in grouped if (object_of(item["attributes"]).get("favourite") is True) is wanted]
        return document([self._example("listRecordingGroups")] if grouped else [])

    @handles("GET", f"{GROUPS}/{{recording_group_id}}/recordings")
    def recordings_of_group(self, call: Call) -> Response:
        """The recordings of the group."""
        group = str(call.parameters["recording_group_id"])
        return document([item for item in self._recordings.list(call.parameters) if self._group_of(item) == group])

    @handles("GET", f"{GROUPS}/ungrouped/recordings")
    def recordings_without_group(self, call: Call) -> Response:
        """The recordings that match no group."""
        return document([item for item in self._recordings.list(call.parameters) if self._group_of(item) is None])

    @property
    def _recordings(self) -> Collection:
        return self.resources.collection(RECORDINGS)

    @property
    def _slot_of_examples(self) -> str:
        return str(self._example("listRecordedBroadcastSlots")["id"])

    def _group_of(self, recording: JsonObject) -> str | None:
        if _slot_of(recording) != self._slot_of_examples:
            return None
        return str(self._example("listRecordingGroups")["id"])

    def _example(self, operation_id: str) -> JsonObject:
        """The first resource of an operation's example."""
        media = self.document.operation(operation_id).success_media
        return JsonApiShape().items_in(media.examples[0])[0] if media is not None else {}


def _slot_of(recording: JsonObject) -> str | None:
    return text_of(object_of(recording["attributes"]).get("broadcast_slot_id"))


def _slots(recordings: Sequence[JsonObject]) -> list[JsonObject]:
    """The slots of recordings, the most recorded first."""
    counted = Counter(slot for recording in recordings if (slot := _slot_of(recording)) is not None)
    return [{"type": "BroadcastSlot", "id": slot, "attributes": {}} for slot, _ in counted.most_common()]
