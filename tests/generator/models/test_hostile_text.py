"""Text from a spec never becomes code, and a name that is taken shadows nothing."""

from __future__ import annotations

import ast
import importlib
import typing
import unicodedata
import warnings
from pathlib import Path

import pytest
from attrs import fields

from generator.hostile import NAMES, RESERVED_CLASSES, TEXTS, hostile_schemas, python_traps
from generator.models.conftest import Generate, Generated


def _import_everything(package: Generated) -> None:
    for path in sorted(package.path.rglob("*.py")):
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an invalid escape is a warning only
            compile(path.read_text("utf-8"), str(path), "exec")
    for path in sorted((package.path / "models").glob("*.py")):
        importlib.import_module(f"{package.name}.models.{path.stem}")


def _names(path: Path) -> set[str]:
    """The names that a module uses, and those of attributes."""
    nodes = list(ast.walk(ast.parse(path.read_text("utf-8"))))
    return {node.id for node in nodes if isinstance(node, ast.Name)} | {
        node.attr for node in nodes if isinstance(node, ast.Attribute)
    }


def test_no_text_becomes_code(generate: Generate) -> None:
    package = generate(hostile_schemas())
    _import_everything(package)
    for path in package.path.rglob("*.py"):
        assert not {"abort", "__import__"} & _names(path)


def test_every_hostile_member_comes_back(generate: Generate) -> None:
    package = generate(hostile_schemas())
    value = {name: f"<{name}>" for name in NAMES}
    members = package.Members.from_dict(value)
    assert members.additional_properties == {}
    assert members.to_dict() == value
    assert len({attribute.name for attribute in fields(package.Members)}) == len(NAMES) + 1


@pytest.mark.parametrize("index", range(len(TEXTS)), ids=[ascii(text)[:24] for text in TEXTS])
def test_every_hostile_value_comes_back(generate: Generate, index: int) -> None:
    package = generate(hostile_schemas())
    text = TEXTS[index]
    model = getattr(package, f"Text{index}")
    assert model(described="x").to_dict() == {"described": "x", "defaulted": text, "constant": text}
    value = {"described": "x", "defaulted": "y", "constant": text, "choice": text}
    assert model.from_dict(value).to_dict() == value
    assert package.Values(text).value == text


def test_a_schema_whose_name_is_taken_shadows_nothing(generate: Generate) -> None:
    package = generate(python_traps())
    _import_everything(package)
    classes = {name.name for name in package.prepared.types.names.values()}
    assert {"AnyModel", "FileModel", "UUIDModel", "UNSETModel", "DecodeErrorModel", "MappingModel"} <= classes
    value = {
        "any": [1],
        "moment": "2024-02-29T12:00:00Z",
        "day": "2024-02-29",
        "id": "6f0a1b9e-32a5-4a8e-9d55-2f8d3c4b5a69",
        "kind": "x",
        "texts": ["a"],
        "map": {"a": 1},
        "pair": ["a", True],
        "flag": "a",
        **{f"to {name}": {"day": "2024-02-29"} for name in RESERVED_CLASSES},
    }
    for component in RESERVED_CLASSES:
        model = getattr(package, package.prepared.types.names[component].name)
        assert model.from_dict(value).to_dict() == value
        assert typing.get_type_hints(model)


def test_class_names_that_differ_in_spelling_only_stay_apart(generate: Generate) -> None:
    spellings = ("FooBar", "foo_bar", "FOOBar", "foo-bar", "PartⅡ", "PartII", "Ⅷ", "VIII", "ϙæİ")
    package = generate({name: {"type": "object", "properties": {"p": {}}} for name in spellings})
    names = [(name.name, name.module) for name in package.prepared.types.names.values()]
    for given in zip(*names, strict=True):
        assert len({unicodedata.normalize("NFKC", name) for name in given}) == len(spellings)  # as Python reads them
    _import_everything(package)
