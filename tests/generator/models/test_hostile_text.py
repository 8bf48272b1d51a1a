"""Text from a spec never becomes code, and a name that is taken shadows nothing."""

from __future__ import annotations

import ast
import enum
import importlib
import keyword
import typing
import unicodedata
import warnings
from pathlib import Path

import attrs
import pytest
from attrs import fields

from generator.hostile import NAMES, RESERVED_CLASSES, TEXTS, hostile_schemas, python_traps
from sdkgen.models.class_names import class_names, field_names
from support.packages import GenerateModels, Models


def _import_everything(package: Models) -> None:
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


def test_no_text_becomes_code(generate: GenerateModels) -> None:
    package = generate(hostile_schemas())
    _import_everything(package)
    for path in package.path.rglob("*.py"):
        assert not {"abort", "__import__"} & _names(path)


def test_every_hostile_member_comes_back(generate: GenerateModels) -> None:
    package = generate(hostile_schemas())
    value = {name: f"<{name}>" for name in NAMES}
    members = package.Members.from_dict(value)
    assert members.additional_properties == {}
    assert members.to_dict(exclude_unset=True) == value
    assert len({attribute.name for attribute in fields(package.Members)}) == len(NAMES) + 1


@pytest.mark.parametrize("index", range(len(TEXTS)), ids=[ascii(text)[:24] for text in TEXTS])
def test_every_hostile_value_comes_back(generate: GenerateModels, index: int) -> None:
    package = generate(hostile_schemas())
    text = TEXTS[index]
    model = getattr(package, f"Text{index}")
    assert model(described="x").to_dict(exclude_unset=True) == {"described": "x", "defaulted": text, "constant": text}
    value = {"described": "x", "defaulted": "y", "constant": text, "choice": text}
    assert model.from_dict(value).to_dict(exclude_unset=True) == value
    assert package.Values(text).value == text


def test_a_schema_whose_name_is_taken_shadows_nothing(generate: GenerateModels) -> None:
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
        assert model.from_dict(value).to_dict(exclude_unset=True) == value
        assert typing.get_type_hints(model)


def _disguised(word: str) -> str:
    """The word in letters that Python reads as the plain ones."""
    return "".join(chr(0x1D41A + ord(letter) - ord("a")) if letter.islower() else letter for letter in word)


def test_names_that_python_reads_as_others_are_importable_and_keep_their_values(generate: GenerateModels) -> None:
    words = ("import", "as", "to_dict", "field", "additional_properties", "get")
    names = ["\ufb01x", "fix", *map(_disguised, words), *words, "\ufdfa", "\u037a", "\u212a", "k"]
    names += ["\U00010400" * 100, _disguised("get" * 60)]  # a file's name is limited in bytes
    members = {name: {"type": "integer"} for name in names}
    values = {"type": "string", "enum": names}
    package = generate({name: {"properties": {**members, "values": values}} for name in names})
    _import_everything(package)
    classes = [name.name for name in package.prepared.types.names.values()]
    data = {name: index for index, name in enumerate(names)}
    read = getattr(package, classes[0]).from_dict(data)
    assert (read.to_dict(exclude_unset=True), read.additional_properties) == (data, {})
    assert all(isinstance(getattr(package, name), type) for name in classes)
    choices = next(found for name in classes if issubclass(found := getattr(package, name), enum.StrEnum))
    assert [member.value for member in choices] == names


def test_no_letter_that_python_reads_as_another_makes_a_wrong_name() -> None:
    letters = [chr(code) for code in range(0x80, 0x20000) if unicodedata.normalize("NFKC", chr(code)) != chr(code)]
    members = [text for letter in letters for text in (letter, f"a{letter}")]
    found = set(field_names(members).values())
    found |= {name for text in members for name in attrs.astuple(class_names({text: {"enum": [1]}})[text])}
    assert len(members) > 5000
    for name in found:
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert unicodedata.normalize("NFKC", name) == name


def test_class_names_that_differ_in_spelling_only_stay_apart(generate: GenerateModels) -> None:
    spellings = ("FooBar", "foo_bar", "FOOBar", "foo-bar", "PartⅡ", "PartII", "Ⅷ", "VIII", "ϙæİ")
    package = generate({name: {"type": "object", "properties": {"p": {}}} for name in spellings})
    names = [(name.name, name.module) for name in package.prepared.types.names.values()]
    for given in zip(*names, strict=True):
        assert len({unicodedata.normalize("NFKC", name) for name in given}) == len(spellings)  # as Python reads them
    _import_everything(package)
