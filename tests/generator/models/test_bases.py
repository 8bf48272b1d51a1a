"""``allOf``: a class has the members of each base, whatever name the base is referred to by."""

from __future__ import annotations

from typing import Any

import pytest

from sdkgen.models.schema_types import EnumType
from support.packages import GenerateModels, Models

ANIMAL = "Animal: {type: object, required: [name], properties: {id: {type: string}, name: {type: string}}}\n"
CAT = "Cat: {allOf: [{$ref: Alias}, {type: object, required: [lives], properties: {lives: {type: integer}}}]}\n"


@pytest.mark.parametrize(
    "schemas",
    [
        f"{CAT}Alias: {{$ref: Animal}}",
        f"Alias: {{$ref: Animal}}\n{CAT}",
        f"{CAT}Alias: {{allOf: [{{$ref: Animal}}]}}",
        f"Alias: {{allOf: [{{$ref: Animal}}]}}\n{CAT}",
        f"Alias: {{type: object, description: A., allOf: [{{$ref: Animal}}, {{description: So.}}]}}\n{CAT}",
        f"Alias: {{$ref: Middle}}\n{CAT}Middle: {{allOf: [{{$ref: Animal}}]}}",
        f"Alias: {{nullable: true, allOf: [{{$ref: Animal}}]}}\n{CAT}",
        f"Alias: {{anyOf: [{{$ref: Animal}}, {{type: 'null'}}]}}\n{CAT}",
        "Alias: {$ref: Animal}\nCat: {properties: {lives: {type: integer}}, required: [lives], allOf: [{$ref: Alias}]}",
        "Cat: {$ref: Animal, required: [lives], properties: {lives: {type: integer}}}",
        "Cat: {allOf: [{$ref: Animal, required: [lives]}, {properties: {lives: {type: integer}}}]}",
    ],
)
def test_a_base_is_found_through_its_aliases(generate: GenerateModels, schemas: str) -> None:
    package = generate(ANIMAL + schemas)
    assert package.problems == ()
    cat = package.Cat.from_dict({"name": "Tom", "lives": 9})
    assert (cat.id, cat.name, cat.lives) == (None, "Tom", 9)
    for missing in ({"name": "Tom"}, {"lives": 9}):
        with pytest.raises(package.decode_error, match="is missing"):
            package.Cat.from_dict(missing)


@pytest.mark.parametrize(
    "schemas",
    [
        "Alias: {$ref: Animal}\nCat: {allOf: [{$ref: Alias}, {required: [id]}]}",
        "Cat: {type: object, required: [id], allOf: [{$ref: Animal}]}",
        "Cat: {$ref: Animal, required: [id]}",
    ],
)
def test_a_part_may_only_require_members(generate: GenerateModels, schemas: str) -> None:
    package = generate(ANIMAL + schemas)
    with pytest.raises(package.decode_error, match=r"\$\.id: is missing"):
        package.Cat.from_dict({"name": "Tom"})
    assert package.Animal.from_dict({"name": "Tom"}).id is None


def test_all_bases_count_when_each_is_an_alias(generate: GenerateModels) -> None:
    package = generate(
        """
        Animal: {type: object, required: [name], properties: {id: {type: string}, name: {type: string}}}
        Tagged: {type: object, properties: {tag: {type: string}}}
        First: {allOf: [{$ref: Animal}]}
        Second: {$ref: Tagged}
        Both: {allOf: [{$ref: First}, {$ref: Second}]}
        """
    )
    both = package.Both.from_dict({"name": "Tom", "tag": "t"})
    assert (both.name, both.tag, both.additional_properties) == ("Tom", "t", {})


def test_variants_are_found_through_aliases_of_their_base(generate: GenerateModels) -> None:
    def home(alias: str) -> Models:
        return generate(
            f"""
            Pet: {{type: object, required: [kind], properties: {{kind: {{type: string}}}},
                   discriminator: {{propertyName: kind, mapping: {{tom: Alias}}}}}}
            Alias: {alias}
            Cat: {{allOf: [{{$ref: Alias}}, {{properties: {{lives: {{type: integer}}}}}}]}}
            Home: {{type: object, properties: {{pet: {{$ref: Alias}}}}}}
            """
        )

    for package in (home("{$ref: Pet}"), home("{allOf: [{$ref: Pet}]}")):
        assert type(package.Home.from_dict({"pet": {"kind": "Cat", "lives": 9}}).pet) is package.Cat
        assert type(package.Home.from_dict({"pet": {"kind": "tom"}}).pet) is package.Pet


def test_an_inline_base_alone_makes_a_class(generate: GenerateModels) -> None:
    package = generate(
        "Holder: {type: object, properties: {cat: {allOf: [{type: object, properties: {lives: {type: integer}}}]}}}"
    )
    assert package.Holder.from_dict({"cat": {"lives": 9}}).cat.lives == 9


def test_what_an_alias_says_of_a_value_holds_where_it_is_used(generate: GenerateModels) -> None:
    package = generate(
        """
        State: {type: string, enum: [new, used]}
        Unused: {allOf: [{$ref: State}], default: new, deprecated: true}
        Circle: {$ref: Round}
        Round: {$ref: Circle}
        Thing:
          type: object
          required: [state]
          properties:
            state: {$ref: Unused}
            endless: {$ref: Circle}
            thing: {$ref: Thing, additionalProperties: false, maxProperties: 3, description: Another.}
        """
    )
    assert type(package.Thing.from_dict({"state": "new", "thing": {"state": "used"}}).thing) is package.Thing
    assert package.Thing().state is package.State.NEW
    assert "Deprecated." in package.source("thing")
    assert {problem.rule for problem in package.problems} == {"endless-type"}


def test_a_narrowed_text_is_no_class(generate: GenerateModels) -> None:
    schemas: dict[str, Any] = {
        "Text": {"type": "string"},
        "Short": {"allOf": [{"$ref": "#/components/schemas/Text"}], "maxLength": 3},
        "Colour": {"allOf": [{"$ref": "#/components/schemas/Text"}, {"enum": ["red"]}]},
    }
    types = generate(schemas).prepared.types
    assert types.of({"$ref": "#/components/schemas/Short"}).annotation == "str"
    assert isinstance(types.of({"$ref": "#/components/schemas/Colour"}), EnumType)
