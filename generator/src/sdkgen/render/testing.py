"""The module of a package with the fakes of its clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sdkgen.code import Code
from sdkgen.facts.package import PackageFacts, ResourceFact
from sdkgen.render.resources import resource_variables
from sdkgen.render.source import import_lines

__all__ = ["testing_variables"]

_FAKES: Mapping[str, str] = {"call": "FakeCall", "list": "FakeList", "stream": "FakeStream", "items": "FakeItems"}
"""The class of the runtime by the kind of a method."""
_CONFIGURED: Mapping[str, str] = {
    "call": "returns(...)",
    "list": "returns_items([...])",
    "stream": "returns_body(...)",
    "items": "returns_body(...)",
}
"""The configuration in the example."""
_RUNTIME = (
    "FakeResource",
    "RecordedCall",
    "UnconfiguredCall",
    *_FAKES.values(),
    *(f"Async{f}" for f in _FAKES.values()),
)
_SENDERS = ("AsyncFakeSender", "FakeSender", "fake_urls")


def testing_variables(facts: PackageFacts) -> dict[str, Any]:
    """The variables of ``testing.py.jinja``."""
    names = facts.names
    methods = {resource.attribute: _methods(facts, resource) for resource in facts.resources}
    imports = {
        *(("._runtime.fakes", name) for name in _RUNTIME),
        *(("._runtime.fake_senders", name) for name in _SENDERS),
        ("._runtime.resources", "resource"),
        (".", "client as real"),
        *(line for resource in facts.resources for operation in resource.operations for line in _imports(operation)),
    }
    modules = [Code(f"from .resources import {one.attribute} as _{one.attribute}") for one in facts.resources]

    def flavour(*, is_async: bool) -> dict[str, Any]:
        prefix = "Async" if is_async else ""
        return {
            "name": Code(f"{prefix}Fake{names.client}"),
            "real": names.async_client if is_async else names.client,
            "sender": Code(f"{prefix}FakeSender"),
            "resources": [
                {
                    "attribute": one.attribute,
                    "name": Code(f"{prefix}Fake{one.name}"),
                    "real": one.async_name if is_async else one.name,
                    "docstring": Code(f"The fake of ``{names.variable}.{one.attribute}``."),
                    "methods": [
                        {"name": method["name"], "annotation": _annotation(method, is_async=is_async)}
                        for method in methods[one.attribute]
                    ],
                }
                for one in facts.resources
            ],
        }

    return {
        "imports": [*import_lines(imports, "."), *modules],
        "example": _example(methods) if methods else Code(""),
        "flavours": [flavour(is_async=False), flavour(is_async=True)],
    }


def _methods(facts: PackageFacts, resource: ResourceFact) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resource_variables(resource, facts.names, facts.methods)["methods"]
    return found


def _imports(operation: Any) -> Iterable[tuple[str, str]]:
    found = set(operation.signature_imports)
    found.add(("builtins", ""))
    return found if operation.pages is None else found | set(operation.pages.item_imports)


def _example(methods: Mapping[Code, list[dict[str, Any]]]) -> Code:
    """The configuration of a method: the first that returns a value, or a list, of the largest resource."""
    resource = max(methods, key=lambda one: len(methods[one]))
    order = list(_FAKES)
    method = min(methods[resource], key=lambda one: order.index(one["kind"]))
    return Code(f"fake.{resource}.{method['name']}.{_CONFIGURED[method['kind']]}")


def _annotation(method: Mapping[str, Any], *, is_async: bool) -> Code:
    fake = f"{'Async' if is_async else ''}{_FAKES[method['kind']]}"
    result: Code = method["result"][is_async]
    if method["kind"] == "call":
        return Code(f"{fake}[{result}]")
    _, bracket, inside = result.partition("[")
    return Code(f"{fake}{bracket}{inside}")
