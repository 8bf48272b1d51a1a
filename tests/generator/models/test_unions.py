"""Unions: the tag decides, an unknown member stays as it is, and an error is that of the member which was meant."""

from __future__ import annotations

import typing

import pytest

from support.packages import GenerateModels

ANIMALS = """
Cat: {type: object, required: [petType], properties: {petType: {type: string}, lives: {type: integer}}}
Dog: {type: object, required: [petType], properties: {petType: {type: string}, lives: {type: integer}}}
"""

TAGGED = (
    ANIMALS
    + """
Pet:
  oneOf: [{$ref: Cat}, {$ref: Dog}]
  discriminator: {propertyName: petType, mapping: {dog: '#/components/schemas/Dog'}}
Home: {type: object, properties: {pet: {$ref: Pet}, pets: {type: array, items: {$ref: Pet}}}}
"""
)


def test_the_discriminator_and_its_mapping_decide(generate: GenerateModels) -> None:
    package = generate(TAGGED)
    home = package.Home.from_dict({"pet": {"petType": "dog"}, "pets": [{"petType": "Cat"}, {"petType": "dog"}]})
    assert type(home.pet) is package.Dog
    assert [type(pet) for pet in home.pets] == [package.Cat, package.Dog]


@pytest.mark.parametrize(
    "holder",
    ["{type: array, items: {$ref: Tree}}", "{$ref: Trees}", "{type: object, additionalProperties: {$ref: Tree}}"],
)
def test_a_union_with_lists_of_itself_reads_them(holder: str, generate: GenerateModels) -> None:
    others = "Trees: {type: array, items: {$ref: Tree}}\nHome: {type: object, properties: {tree: {$ref: Tree}}}\n"
    package = generate(f"{ANIMALS}Tree: {{oneOf: [{{$ref: Cat}}, {{$ref: Dog}}, {holder}]}}\n{others}")
    pet = {"petType": "a", "lives": 9}
    for tree in (pet, {"a": pet, "b": {"c": pet}} if "additional" in holder else [pet, [pet]]):
        home = package.Home.from_dict({"tree": tree})
        assert home.to_dict(exclude_unset=True) == {"tree": tree}
    assert {problem.rule for problem in package.problems} == {"endless-type"}


def test_an_unknown_tag_keeps_the_raw_object(generate: GenerateModels) -> None:
    package = generate(TAGGED)
    value = {"pet": {"petType": "fish", "fins": 2}, "pets": [{}, {"petType": ["dog"]}]}
    home = package.Home.from_dict(value)
    assert home.pet == {"petType": "fish", "fins": 2}
    assert home.to_dict(exclude_unset=True) == value


def test_the_error_is_that_of_the_variant_the_tag_names(generate: GenerateModels) -> None:
    package = generate(TAGGED)
    with pytest.raises(package.decode_error) as caught:
        package.Home.from_dict({"pets": [{"petType": "Cat"}, {"petType": "dog", "lives": "nine"}]})
    assert caught.value.path == "$.pets[1].lives"  # type: ignore[attr-defined]


def test_what_is_no_object_is_refused(generate: GenerateModels) -> None:
    package = generate(TAGGED)
    with pytest.raises(package.decode_error) as caught:
        package.Home.from_dict({"pet": 3})
    assert str(caught.value) == "$.pet: expected an object, found an integer"


def test_a_union_is_a_type_of_its_own(generate: GenerateModels) -> None:
    package = generate(TAGGED)
    assert set(typing.get_args(package.Pet)) >= {package.Cat, package.Dog}


def test_constants_tell_members_apart_without_a_discriminator(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [kind], properties: {kind: {const: a}}}
        B: {type: object, required: [kind], properties: {kind: {enum: [b, bb], type: string}}}
        AorB: {anyOf: [{$ref: A}, {$ref: B}]}
        Holder: {type: object, required: [it], properties: {it: {$ref: AorB}}}
        """
    )
    assert type(package.Holder.from_dict({"it": {"kind": "bb"}}).it) is package.B
    assert package.Holder.from_dict({"it": {"kind": "c"}}).it == {"kind": "c"}


def test_a_constant_inside_a_member_is_a_tag_too(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [m], properties: {m: {type: object, required: [t], properties: {t: {const: a}}}}}
        B: {type: object, required: [m], properties: {m: {type: object, required: [t], properties: {t: {const: b}}}}}
        AorB: {oneOf: [{$ref: A}, {$ref: B}]}
        Holder: {type: object, required: [it], properties: {it: {$ref: AorB}}}
        """
    )
    assert type(package.Holder.from_dict({"it": {"m": {"t": "b"}}}).it) is package.B


def test_without_a_tag_the_most_demanding_variant_is_tried_first(generate: GenerateModels) -> None:
    package = generate(
        """
        Short: {type: object, required: [a], properties: {a: {type: integer}}}
        Long: {type: object, required: [a, b], properties: {a: {type: integer}, b: {type: integer}}}
        Either: {anyOf: [{$ref: Short}, {$ref: Long}]}
        Holder: {type: object, required: [it], properties: {it: {$ref: Either}}}
        """
    )
    assert type(package.Holder.from_dict({"it": {"a": 1, "b": 2}}).it) is package.Long
    assert type(package.Holder.from_dict({"it": {"a": 1}}).it) is package.Short
    assert package.Holder.from_dict({"it": {"c": 1}}).to_dict(exclude_unset=True) == {"it": {"c": 1}}


def test_objects_and_plain_values_mix(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [kind], properties: {kind: {const: a}}}
        B: {type: object, required: [kind], properties: {kind: {const: b}}}
        Any: {oneOf: [{$ref: A}, {$ref: B}, {type: string, format: date}, {type: array, items: {$ref: A}}]}
        Holder: {type: object, required: [it], properties: {it: {$ref: Any}}}
        """
    )
    for value in ({"kind": "a"}, "2024-02-29", [{"kind": "a"}]):
        assert package.Holder.from_dict({"it": value}).to_dict(exclude_unset=True) == {"it": value}
    assert type(package.Holder.from_dict({"it": [{"kind": "a"}]}).it[0]) is package.A


def test_objects_of_a_class_and_anything_else_mix(generate: GenerateModels) -> None:
    package = generate(
        """
        A: {type: object, required: [kind], properties: {kind: {const: a}}}
        B: {type: object, required: [kind], properties: {kind: {const: b}}}
        Mixed: {oneOf: [{$ref: A}, {$ref: B}, {}]}
        Holder: {type: object, required: [it], properties: {it: {$ref: Mixed}}}
        """
    )
    assert type(package.Holder.from_dict({"it": {"kind": "b"}}).it) is package.B
    for value in (None, 3, [{}], {"kind": "c"}):
        assert package.Holder.from_dict({"it": value}).to_dict(exclude_unset=True) == {"it": value}


@pytest.mark.parametrize("value", ["text", 3, 3.5, "2024-02-29T00:00:00Z", None, {"lives": 9}])
def test_inline_unions_take_each_of_their_types(generate: GenerateModels, value: object) -> None:
    package = generate(
        """
        Cat: {type: object, properties: {lives: {type: integer}}}
        Holder:
          type: object
          required: [it]
          properties:
            it:
              anyOf: [{type: string, format: date-time}, {type: string}, {type: number}, {$ref: Cat}, {type: 'null'}]
        """
    )
    assert package.Holder.from_dict({"it": value}).to_dict(exclude_unset=True) == {"it": value}


def test_the_error_of_an_inline_union_leads_into_its_object(generate: GenerateModels) -> None:
    package = generate(
        """
        Cat: {type: object, properties: {lives: {type: integer}}}
        Holder: {type: object, properties: {it: {oneOf: [{type: string}, {$ref: Cat}]}}}
        """
    )
    with pytest.raises(package.decode_error) as caught:
        package.Holder.from_dict({"it": {"lives": "nine"}})
    assert caught.value.path == "$.it.lives"  # type: ignore[attr-defined]
    with pytest.raises(package.decode_error, match="expected an object or a string, found a boolean"):
        package.Holder.from_dict({"it": True})


def test_variants_of_a_base_with_a_discriminator_are_told_apart(generate: GenerateModels) -> None:
    package = generate(
        """
        Pet:
          type: object
          required: [kind]
          properties: {kind: {type: string}}
          discriminator: {propertyName: kind, mapping: {cat: '#/components/schemas/Cat'}}
        Cat: {allOf: [{$ref: Pet}, {type: object, properties: {lives: {type: integer}}}]}
        Dog: {allOf: [{$ref: Pet}, {type: object, properties: {faults: {type: integer}}}]}
        Home: {type: object, properties: {pets: {type: array, items: {$ref: Pet}}}}
        """
    )
    value = {"pets": [{"kind": "cat", "lives": 9}, {"kind": "Dog"}, {"kind": "fish", "fins": 2}]}
    home = package.Home.from_dict(value)
    assert [type(pet) for pet in home.pets] == [package.Cat, package.Dog, package.Pet]
    assert home.to_dict(exclude_unset=True) == value
