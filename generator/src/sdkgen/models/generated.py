"""The models of a package: the content of ``models/``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from attrs import frozen

from sdkgen.code import Code
from sdkgen.models import schema_types as types
from sdkgen.models.descriptions import class_doc
from sdkgen.models.enum_facts import EnumFacts, members_of
from sdkgen.models.hoist import component_reference, is_enumeration
from sdkgen.models.imports import ImportLine, import_lines
from sdkgen.models.model_facts import ModelFacts, model_facts
from sdkgen.models.prepare import Prepared
from sdkgen.models.unions import UnionFacts, union_facts
from sdkgen.pointers import as_list, as_object
from sdkgen.references import follow, referenced
from sdkgen.structure import operations

__all__ = ["ModelsFacts", "UnionModule", "models_facts"]


@frozen
class UnionModule:
    """A union and the imports of its module."""

    facts: UnionFacts
    imports: tuple[ImportLine, ...]


@frozen
class ModelsFacts:
    """The classes of a package, each kind in document order."""

    models: tuple[ModelFacts, ...]
    enums: tuple[EnumFacts, ...]
    unions: tuple[UnionModule, ...]
    modules: Mapping[Code, Code]
    """The module of each class, by the name of the class, in alphabetical order."""


def models_facts(prepared: Prepared) -> ModelsFacts:
    """Return the facts of all models of a document."""
    reader = prepared.types
    multipart, received = _multipart_bodies(prepared.document), _received(prepared.document)
    models, cycles = model_facts(prepared.document, reader, multipart, received)
    enums: dict[Code, EnumFacts] = {}
    unions: dict[Code, UnionModule] = {}
    for component, name in reader.names.items():
        schema = reader.schema(component)
        if is_enumeration(schema):
            text = isinstance(schema["enum"][0], str)
            enums[name.name] = EnumFacts(
                name=name.name,
                doc=class_doc(schema, component),
                base=Code("StrEnum" if text else "IntEnum"),
                value=Code("str" if text else "int"),
                members=members_of(schema, name.name),
                open=schema.get("x-open") is not False,
            )
        elif name.name not in models:
            kind = reader.of({"$ref": component_reference(component)})
            inner = kind.inner if isinstance(kind, types.NullableType) else kind
            if isinstance(inner, types.TaggedUnion):
                facts = union_facts(reader, component, inner, class_doc(schema, component))
                unions[name.name] = UnionModule(facts, import_lines(facts.imports, "..", cycles[facts.module]))
    written = {*models, *enums, *unions}
    modules = {name.name: name.module for name in reader.names.values() if name.name in written}
    modules |= {model.sent.name: model.module for model in models.values() if model.sent is not None}
    return ModelsFacts(
        tuple(models.values()), tuple(enums.values()), tuple(unions.values()), dict(sorted(modules.items()))
    )


def _received(document: dict[str, Any]) -> frozenset[str]:
    """Components that a response may contain."""
    waiting: list[Any] = [node.value.get("responses") for _, _, node in operations(document)]
    found: set[str] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += as_list(cast(object, value))
        elif isinstance(value, dict):
            node = as_object(cast(object, value))
            waiting += node.values()
            reference = node.get("$ref")
            if isinstance(reference, str) and reference not in found:
                found.add(reference)
                waiting.append(referenced(document, reference))
    return frozenset(reference.rpartition("/")[2] for reference in found)


def _multipart_bodies(document: dict[str, Any]) -> frozenset[str]:
    """Components that are the body of a multipart request."""
    found: set[str] = set()
    for _, _, node in operations(document):
        body = follow(document, node.value.get("requestBody"))
        schema = as_object(as_object(as_object(body.get("content")).get("multipart/form-data")).get("schema"))
        reference = schema.get("$ref")
        if isinstance(reference, str):
            found.add(reference.rpartition("/")[2])
    return frozenset(found)
