"""The reading of the bundled document by openapi-python-client's parser."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty

from sdkgen.code import one_line
from sdkgen.models.class_names import FIELD_PREFIX
from sdkgen.second_reading.reading import Reading, model, operation, requirement, within
from sdkgen.structure import walk

__all__ = ["Refused", "readable", "their_reading"]

_COMPONENT = "/components/schemas/"
_SETTINGS = ConfigFile(
    field_prefix=FIELD_PREFIX,
    content_type_overrides={"*/*": "application/octet-stream"},  # else it omits what responses with any media type
    post_hooks=[],
)


class Refused(Exception):
    """The parser rejects the whole document."""


def readable(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without ``items: false``, which forbids items after ``prefixItems``.

    The parser does not support boolean schemas, and rejects a document with one; it does not support tuples either
    (openapi-python-client issue 965). Nothing else is changed.
    """
    copy = deepcopy(dict(document))
    for node in walk(copy):
        if node.kind == "schema" and node.value.get("items") is False:
            del node.value["items"]
    return copy


def their_reading(document: Mapping[str, Any]) -> Reading:
    """All operations and models of the parser, and the parts that it reports as unreadable.

    Raises:
        Refused: The parser rejects the whole document.
    """
    data = GeneratorData.from_dict(readable(document), config=_config())
    if isinstance(data, GeneratorError):
        raise Refused(one_line(f"{data.header}: {data.detail}"))
    reading: Reading = {}
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            reading |= _operation(endpoint)
    for found in data.models:
        reading |= _model(found)
    for error in data.errors:
        reading[one_line(f"error {error.header}")] = one_line(error.detail or "not read")
    return reading


def _config() -> Config:
    nowhere = Path()
    return Config.from_sources(_SETTINGS, MetaType.NONE, nowhere, "utf-8", overwrite=True, output_path=nowhere)


def _operation(endpoint: Endpoint) -> Reading:
    path = endpoint.path.get_untrusted_value()
    for parameter in endpoint.path_parameters:  # the path contains the parser's own names
        path = path.replace(f"{{{parameter.python_name}}}", f"{{{parameter.name.get_untrusted_value()}}}")
    place = operation(endpoint.method, path)
    reading = {place: f"called {endpoint.name}"}
    for location, parameter in endpoint.iter_all_parameters():
        name = parameter.name.get_untrusted_value()
        reading[within(place, f"{location} parameter {name}")] = requirement(parameter.required)
    for body in endpoint.bodies:
        reading[within(place, f"body {body.content_type.get_untrusted_value()}")] = "taken"
    for response in endpoint.responses:
        reading[within(place, f"status {response.status_code.pattern}")] = "documented"
    return reading


def _model(found: ModelProperty) -> Reading:
    """The reading of a model; empty for a model without members, which sdkgen reads as a mapping."""
    members = [*(found.required_properties or ()), *(found.optional_properties or ())]
    if not members:
        return {}
    name = found.name.get_untrusted_value()
    place = model(name.removeprefix(_COMPONENT) if name.startswith(_COMPONENT) else found.class_info.name)
    return {
        place: "a model",
        **{
            within(place, f"member {member.name.get_untrusted_value()}"): requirement(member.required)
            for member in members
        },
    }
