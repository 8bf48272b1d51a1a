"""CRM.COM's envelope around responses, and how requests name entities and members of them."""

from __future__ import annotations

from vendor_sandbox.document import Operation
from vendor_sandbox.json_values import JsonObject, array_of, is_object, object_of
from vendor_sandbox.messages import Response, json_response
from vendor_sandbox.quirks.base import Call

__all__ = [
    "arguments_of",
    "code_of",
    "example_data",
    "failed",
    "is_selected",
    "matches",
    "named",
    "parts_of",
    "sparse",
    "succeeded",
]

JOB_SCOPES = {"jobs/all_scopes", "jobs/deactivate_subscription", "jobs/cancel_subscription_services"}


def succeeded(data: object) -> Response:
    """The envelope of a success."""
    return json_response(200, {"status": {"code": "OK", "description": "", "message": ""}, "data": data})


def failed(code: str, description: str, status: int = 200) -> Response:
    """The envelope of a failure, which has no data."""
    return json_response(status, {"status": {"code": code, "description": description, "message": None}})


def code_of(call: Call, name: str) -> str:
    """The error code of a failure, for the module of the call."""
    module = call.operation.path.strip("/").partition("/")[0].replace("_", "").upper()
    return f"COM.CRM.EXCEPTION.{module}.{name}EXCEPTION"


def parts_of(operation: Operation) -> tuple[str, str]:
    """Entity and action: ``customer_events/purchases`` and ``show``; of jobs there is one entity for all scopes."""
    entity, _, action = operation.path.strip("/").rpartition("/")
    return "jobs" if entity in JOB_SCOPES else entity, action


def arguments_of(call: Call) -> JsonObject:
    """The arguments of a GET or a POST, without the token."""
    given = call.parameters if call.request.method == "GET" else object_of(call.body)
    return {name: value for name, value in given.items() if name != "token"}


def matches(item: JsonObject, identifier: object) -> bool:
    """Whether an identifier selects an item: ``number=S1`` of a GET, ``{"number": "S1"}`` of a POST."""
    if isinstance(identifier, str):
        name, _, value = identifier.partition("=")
        fields: JsonObject = {name: value}
    else:
        fields = object_of(identifier)
    own = {name: value for name, value in fields.items() if not is_object(value)}
    if len(own) < len(fields):
        return True  # a consumer's access token selects what the consumer owns, and there is one consumer here
    return bool(own) and all(str(item.get(name)) == str(value) for name, value in own.items())


def is_selected(item: JsonObject, member: str, wanted: object) -> bool:
    """Whether an item matches a list's parameter; items without that member match."""
    if member not in item:
        return True
    value = item[member]
    return matches(value, wanted) if is_object(value) else str(value) == str(wanted)


def sparse(item: JsonObject, fields_set: object) -> JsonObject:
    """The members that ``fields_set`` names; all where it names none."""
    if not isinstance(fields_set, str):
        return item
    wanted = [name.strip() for name in fields_set.split(",")]
    return {name: item[name] for name in wanted if name in item}


def named(item: JsonObject) -> JsonObject:
    """Update the full name of a person from its parts."""
    parts = [str(item[part]) for part in ("first_name", "middle_name", "last_name") if item.get(part)]
    if parts:
        item["name"] = " ".join(parts)
    return item


def example_data(operation: Operation) -> JsonObject:
    """The data of the documented response; the first entry of a list."""
    media = operation.success_media
    data = object_of(media.examples[0]).get("data") if media is not None and media.examples else None
    return object_of((array_of(data) or [data])[0])
