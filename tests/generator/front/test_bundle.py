"""References between files become references inside one document; those that lead nowhere are said."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from sdkgen.bundle import Bundle, bundle
from sdkgen.problems import ProblemsFound

REMOTE = (
    "is remote, and remote documents are not fetched. Copy the document into the folder of specs and refer to the copy."
)
HEAD = "openapi: 3.1.0\ninfo: {title: A, version: '1'}\n"


@pytest.fixture
def bundled(repository: Any) -> Callable[..., Bundle]:
    """Bundle ``acme`` made of these files; the first is the spec."""

    def make(main: str, **files: str) -> Bundle:
        for name, text in files.items():
            repository.write(f"shared/{name}.yaml", text)
        path = repository.write("acme/openapi.yaml", HEAD + main)
        return bundle(path, base=repository.workspace.specs, root=repository.root)

    return make


Bundled = Callable[..., Bundle]


def reported(whole: Bundle) -> list[str]:
    return [str(problem) for problem in whole.problems]


def test_a_path_item_of_a_fragment_is_put_in_place(bundled: Bundled) -> None:
    whole = bundled("paths: {/a: {$ref: ../shared/f.yaml#/a}}", f="a:\n  get: {operationId: x}\n")

    assert whole.document["paths"] == {"/a": {"get": {"operationId": "x"}}}
    assert whole.position("/paths/~1a/get/operationId") == ("specs/shared/f.yaml", 2)


def test_an_operation_of_a_fragment_is_put_in_place(bundled: Bundled) -> None:
    """As bundlers do: without it, an API that is split by operations has methods that send nothing."""
    main = "paths: {/a: {get: {$ref: ../shared/f.yaml}, put: {$ref: '#/x-op', deprecated: true}}}\n"
    whole = bundled(
        f"{main}x-op: {{operationId: y}}\n",
        f="operationId: x\nresponses: {'200': {$ref: '#/x-r'}}\nx-r: {description: R}\n",
    )

    operations = whole.document["paths"]["/a"]
    assert operations["get"]["operationId"] == "x"
    assert operations["get"]["responses"] == {"200": {"$ref": "#/components/responses/x-r"}}
    assert operations["put"] == {"operationId": "y", "deprecated": True}
    assert whole.position("/paths/~1a/get/operationId") == ("specs/shared/f.yaml", 1)
    assert whole.problems == ()


def test_a_fragments_schema_becomes_a_component_of_its_name(bundled: Bundled) -> None:
    whole = bundled(
        "components: {schemas: {A: {properties: {x: {$ref: '../shared/f.yaml#/B'}}}}}",
        f="B: {properties: {self: {$ref: '#/B'}, c: {$ref: '#/C'}}}\nC: {type: string}\n",
    )

    assert whole.document["components"]["schemas"] == {
        "A": {"properties": {"x": {"$ref": "#/components/schemas/B"}}},
        "B": {"properties": {"self": {"$ref": "#/components/schemas/B"}, "c": {"$ref": "#/components/schemas/C"}}},
        "C": {"type": "string"},
    }
    assert whole.problems == ()


def test_a_component_may_be_named_for_what_a_fragment_holds(bundled: Bundled) -> None:
    whole = bundled(
        "components: {schemas: {Mine: {$ref: '../shared/f.yaml#/B'}, A: {$ref: '../shared/f.yaml#/A'}}}",
        f="A: {items: {$ref: '#/B'}}\nB: {type: string}\n",
    )

    schemas = whole.document["components"]["schemas"]
    assert schemas == {"Mine": {"type": "string"}, "A": {"items": {"$ref": "#/components/schemas/Mine"}}}


def test_the_result_does_not_depend_on_the_order_of_encounter(bundled: Bundled) -> None:
    fragment = "B: {type: string}\nC: {type: integer}\n"
    one = bundled(
        "components: {schemas: {A: {properties: {b: {$ref: ../shared/f.yaml#/B}, c: {$ref: ../shared/f.yaml#/C}}}}}",
        f=fragment,
    )
    other = bundled(
        "components: {schemas: {A: {properties: {c: {$ref: ../shared/f.yaml#/C}, b: {$ref: ../shared/f.yaml#/B}}}}}",
        f=fragment,
    )

    assert (
        list(one.document["components"]["schemas"]) == list(other.document["components"]["schemas"]) == ["A", "B", "C"]
    )


def test_parameters_responses_and_headers_of_fragments_become_components(bundled: Bundled) -> None:
    whole = bundled(
        "paths: {/a: {get: {parameters: [{$ref: ../shared/f.yaml#/p}], responses: {200: {$ref: "
        "../shared/f.yaml#/r}}}}}",
        f="p: {name: p, in: query}\nr: {description: R, headers: {X: {$ref: '#/h'}}}\nh: {schema: {type: string}}\n",
    )

    assert whole.document["components"] == {
        "headers": {"h": {"schema": {"type": "string"}}},
        "parameters": {"p": {"name": "p", "in": "query"}},
        "responses": {"r": {"description": "R", "headers": {"X": {"$ref": "#/components/headers/h"}}}},
    }


def test_a_whole_file_becomes_a_component_named_after_the_file(bundled: Bundled) -> None:
    whole = bundled("components: {schemas: {A: {items: {$ref: ../shared/Pet.yaml}}}}", Pet="type: object\n")

    assert whole.document["components"]["schemas"]["Pet"] == {"type": "object"}


def test_a_reference_with_escapes_is_followed(bundled: Bundled) -> None:
    whole = bundled("paths: {/a: {$ref: '../shared/f.yaml#/paths/~1a%7Bid%7D'}}", f="paths: {'/a{id}': {get: {}}}\n")

    assert whole.document["paths"]["/a"] == {"get": {}}


def test_a_fragment_may_refer_to_the_spec(bundled: Bundled) -> None:
    whole = bundled(
        "components: {schemas: {A: {type: string}, B: {items: {$ref: ../shared/f.yaml#/C}}}}",
        f="C: {items: {$ref: '../acme/openapi.yaml#/components/schemas/A'}}\n",
    )

    assert whole.document["components"]["schemas"]["C"] == {"items": {"$ref": "#/components/schemas/A"}}


def test_a_lifecycle_may_be_shared(bundled: Bundled) -> None:
    whole = bundled(
        "components: {securitySchemes: {b: {type: http, x-token-lifecycle: {grants: {$ref: "
        "../shared/f.yaml#/grants}}}}}",
        f="grants: {password: {}}\n",
    )

    assert whole.document["components"]["securitySchemes"]["b"]["x-token-lifecycle"] == {"grants": {"password": {}}}


def test_a_discriminator_s_mapping_is_followed(bundled: Bundled) -> None:
    whole = bundled(
        "components: {schemas: {A: {oneOf: [{$ref: ../shared/f.yaml#/B}], "
        "discriminator: {propertyName: k, mapping: {b: '../shared/f.yaml#/B', c: Cat}}}}}",
        f="B: {type: object}\n",
    )

    mapping = whole.document["components"]["schemas"]["A"]["discriminator"]["mapping"]
    assert mapping == {"b": "#/components/schemas/B", "c": "Cat"}


def test_an_example_that_looks_like_a_reference_is_left_alone(bundled: Bundled) -> None:
    whole = bundled("components: {schemas: {A: {example: {$ref: nowhere.yaml}, properties: {$ref: {type: string}}}}}")

    assert whole.document["components"]["schemas"]["A"]["example"] == {"$ref": "nowhere.yaml"}
    assert whole.problems == ()


def test_members_beside_a_reference_stay(bundled: Bundled) -> None:
    whole = bundled("components: {schemas: {A: {description: D, $ref: ../shared/f.yaml#/B}}}", f="B: {type: string}\n")

    assert whole.document["components"]["schemas"]["A"] == {"type": "string", "description": "D"}


@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("'#/components/schemas/Pett'", "refers to nothing in specs/acme/openapi.yaml. Did you mean `Pet`?"),
        ("../shared/f.yaml#/b", "refers to nothing in specs/shared/f.yaml. Did you mean `B`?"),
        ("../shared/nothing.yaml", "cannot be read: specs/shared/nothing.yaml: the file does not exist."),
        (
            "'https://acme.example/x.yaml#/A'",
            REMOTE,
        ),
        (
            "'//acme.example/x.yaml'",
            REMOTE,
        ),
        (
            "'file:///etc/passwd'",
            REMOTE,
        ),
        ("../../../outside.yaml", "leaves the folder specs. Keep all files of a spec inside it."),
        ("/etc/passwd", "leaves the folder specs. Keep all files of a spec inside it."),
        ("'#anchor'", "refers to an anchor, not a location. Write a JSON Pointer: `#/…`."),
        (
            "'#/components/schemas/A'",
            "is part of a cycle of references. Replace one of the references by a definition.",
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_reported(reference: str, expected: str, bundled: Bundled) -> None:
    whole = bundled(
        f"components:\n  schemas:\n    Pet: {{type: string}}\n    A: {{$ref: {reference}}}\n", f="B: {type: string}\n"
    )

    written = reference.strip("'")
    assert reported(whole) == [f"specs/acme/openapi.yaml:6: `$ref: {written}` {expected}"]


def test_a_cycle_over_files_is_reported_once_per_reference(bundled: Bundled) -> None:
    whole = bundled(
        "components:\n  schemas:\n    A: {$ref: ../shared/f.yaml#/A}\n",
        f="A: {$ref: g.yaml#/A}\n",
        g="A: {$ref: f.yaml#/A}\n",
    )

    assert reported(whole) == [
        "specs/acme/openapi.yaml:5: `$ref: ../shared/f.yaml#/A` is part of a cycle of references. "
        "Replace one of the references by a definition."
    ]


def test_a_path_item_that_contains_itself_is_reported(bundled: Bundled) -> None:
    item = "a:\n  get:\n    callbacks:\n      done:\n        '{$url}':\n          $ref: f.yaml#/a\n"
    whole = bundled("paths: {/a: {$ref: ../shared/f.yaml#/a}}", f=item)

    assert reported(whole) == ["specs/shared/f.yaml:6: `$ref: f.yaml#/a` contains itself. Break the cycle."]


def test_two_components_of_one_name_are_reported(bundled: Bundled) -> None:
    whole = bundled(
        "components:\n  schemas:\n    B: {type: integer}\n    A: {items: {$ref: ../shared/f.yaml#/B}}\n",
        f="B: {type: string}\n",
    )

    assert reported(whole) == [
        "specs/acme/openapi.yaml:6: `B` of specs/shared/f.yaml conflicts with another `B` of `schemas` in "
        "specs/acme/openapi.yaml:5. "
        "Rename one of them."
    ]
    assert whole.document["components"]["schemas"] == {
        "A": {"items": {"$ref": "#/components/schemas/B_2"}},
        "B": {"type": "integer"},
        "B_2": {"type": "string"},
    }


def test_a_reference_to_another_kind_of_component_is_reported(bundled: Bundled) -> None:
    whole = bundled(
        "components:\n  responses:\n    R: {description: R}\n  schemas:\n    A: {$ref: '#/components/responses/R'}\n"
    )

    assert reported(whole) == [
        "specs/acme/openapi.yaml:7: `$ref` leads to `responses`, where a member of `schemas` is needed. "
        "Refer to a member of `components/schemas`."
    ]


def test_an_unreadable_fragment_is_reported_at_its_line(bundled: Bundled) -> None:
    whole = bundled("paths: {/a: {$ref: ../shared/f.yaml#/a}}", f="a:\n\tget: {}\n")

    assert reported(whole) == ["specs/shared/f.yaml:2: a tab is used for indentation. Indent with spaces."]


def test_references_that_multiply_without_end_are_refused(bundled: Bundled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdkgen.bundle.MAX_VALUES", 10_000)
    levels: list[str] = []
    for level in range(9):
        members = ", ".join(f"k{index}: {{$ref: '#/l{level + 1}'}}" for index in range(10))
        levels.append(f"l{level}: {{{members}}}")
    fragment = "\n".join([*levels, "l9: 1"])

    with pytest.raises(ProblemsFound, match="more than 10000 values once references are resolved"):
        bundled("components: {securitySchemes: {b: {x-token-lifecycle: {$ref: ../shared/f.yaml#/l0}}}}", f=fragment)


def test_the_bundled_document_is_json(bundled: Bundled) -> None:
    whole = bundled("paths: {/a: {get: {responses: {200: {description: D}}}}}")

    assert json.loads(json.dumps(whole.document)) == whole.document
    assert whole.vendor == "acme"
    assert whole.name == "specs/acme/openapi.yaml"
