"""sdkgen's reading of a spec, from the facts that it renders."""

from __future__ import annotations

from collections.abc import Iterator

from openapi_python_client.strings import PythonIdentifier

from sdkgen.bundle import Bundle
from sdkgen.code import Code
from sdkgen.facts.names import imported_classes
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.package import PackageFacts, package_facts
from sdkgen.models import Prepared, models_facts, prepare
from sdkgen.models.class_names import FIELD_PREFIX
from sdkgen.models.schema_types import ModelType
from sdkgen.pointers import as_object
from sdkgen.second_reading.reading import Reading, model, operation, requirement, within

__all__ = ["our_reading"]


def our_reading(whole: Bundle) -> Reading:
    """Everything that becomes an operation or a model of the client."""
    prepared = prepare(whole, reserved=imported_classes(whole.document))
    facts, _ = package_facts(whole, prepared)
    names = _names(whole, prepared)
    reading: Reading = {}
    for each in facts.operations:
        reading |= _operation(each)
    for found in models_facts(prepared).models:
        place = model(names[found.name])
        reading[place] = "a model"
        reading |= {within(place, f"member {field.name}"): requirement(field.required) for field in found.fields}
    for each in facts.operations:
        if each.body is not None and isinstance(each.body.kind, ModelType):
            place = model(names[each.body.kind.model.name])
            for member in _placed_tokens(facts, each):
                reading.setdefault(within(place, f"member {member}"), requirement(True))
    return reading


def _names(whole: Bundle, prepared: Prepared) -> dict[Code, str]:
    """The name of each class in the document, or its Python name if the document has none."""
    components = as_object(as_object(whole.document.get("components")).get("schemas"))
    return {
        name.name: component if component in components else str(name.name)
        for component, name in prepared.types.names.items()
    }


def _operation(fact: OperationFact) -> Reading:
    place = operation(fact.method, fact.path)
    reading = {place: f"called {PythonIdentifier(fact.operation_id, FIELD_PREFIX)}"}
    for parameter in fact.parameters:
        reading[within(place, f"{parameter.location} parameter {parameter.name}")] = requirement(parameter.required)
    if fact.body is not None:
        for name in (fact.body.content_type, *fact.body.not_offered):
            reading[within(place, f"body {name}")] = "taken"
    for status in (*(one.status for one in fact.responses), *(one.status for one in fact.errors)):
        reading[within(place, f"status {status}")] = "documented"
    return reading


def _placed_tokens(facts: PackageFacts, fact: OperationFact) -> Iterator[str]:
    """The members of the body that no model has, because ``auth_core`` places the token there."""
    for scheme in facts.schemes:
        if any(scheme.scheme in alternative for alternative in fact.security):
            for placement in scheme.lifecycle.placements:
                if placement.location == "body" and (not placement.methods or fact.method in placement.methods):
                    yield placement.name
