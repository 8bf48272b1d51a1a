"""What OpenAPI forbids is said at the line a person edits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sdkgen.jobs import Job
from sdkgen.pipeline import run

Reported = Callable[..., list[str]]

SIZE = "        size: {type: integer}\n"

CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "no version": (
        [("openapi: 3.1.0\n", "")],
        [
            "1: `openapi` is missing: this is not an OpenAPI document. Start the document with `openapi: 3.1.0`. "
            "[openapi-version]"
        ],
    ),
    "misspelt version": (
        [("openapi: 3.1.0", "opnapi: 3.1.0")],
        ["1: `openapi` is missing: this is not an OpenAPI document. `opnapi` looks like it. [openapi-version]"],
    ),
    "short version": (
        [("openapi: 3.1.0", "openapi: 3.1")],
        ["1: `3.1` is not a supported version of OpenAPI. Write `openapi: 3.1.0`. [openapi-version]"],
    ),
    "later version": (
        [("openapi: 3.1.0", "openapi: 3.2.0")],
        ["1: `3.2.0` is not a supported version of OpenAPI. Supported versions: 3.0.x and 3.1.x. [openapi-version]"],
    ),
    "Swagger": (
        [("openapi: 3.1.0", "swagger: 2.0")],
        [
            "1: Swagger `2.0` is not supported. Convert it to OpenAPI 3 first; several free converters do that. "
            "[openapi-version]"
        ],
    ),
    "misspelt field": (
        [("      parameters:\n", "      paramters: []\n      parameters:\n")],
        ["43: `paramters` is not a key of the operation. Did you mean `parameters`? [openapi]"],
    ),
    "missing field": (
        [('info: {title: Acme, version: "1"}', 'info: {version: "1"}')],
        ["2: `title` is missing in the info. [openapi]"],
    ),
    "unknown type": (
        [(SIZE, "        size: {type: intger}\n")],
        [
            "99: `intger` is not one of `array`, `boolean`, `integer`, `null`, `number`, `object`, `string`. "
            "Did you mean `integer`? [openapi]"
        ],
    ),
    "text instead of a list in a schema": (
        [("      required: [id]\n", "      required: id\n")],
        ["96: `id` is not an array. Start each entry with `- `, or put brackets around it. [openapi]"],
    ),
    "place of a parameter": (
        [("in: path, required", "in: paht, required")],
        ["44: `paht` is not one of `query`, `header`, `path`, `cookie`. Did you mean `path`? [openapi]"],
    ),
    "parameter that the path does not have": (
        [("/widgets/{id}:", "/widgets/{idd}:")],
        [
            "37: `idd` is in the path /widgets/{idd}, but not in `parameters`. "
            "Describe it: `in: path`, `required: true`. [openapi]",
            "37: the path parameter `id` is not in the path /widgets/{idd}. "
            "Write it in braces in the path, or remove it. [openapi]",
        ],
    ),
    "parameter twice": (
        [
            (
                "        - {name: id, in: path,",
                "        - {name: id, in: path, required: true, schema: {type: string}}\n"
                "        - {name: id, in: path,",
            )
        ],
        [
            "45: duplicate parameter 'id'. Keep one of them; an operation overrides a parameter of its path by "
            "itself. [openapi]"
        ],
    ),
    "response without description": (
        [("          description: The widget.\n", "")],
        ["46: `description` is missing in the response. [openapi]"],
    ),
    "no status": (
        [("        200:\n          description: The widget.\n", "        ok:\n          description: The widget.\n")],
        [
            "45: GET /widgets/{id} has no response with status 2xx. Describe it; omit the content if it is "
            "unknown. [success-response]",
            "46: `ok` is not a status. Write a code (200), a class (2XX) or `default`. [openapi]",
        ],
    ),
    "default of another type": (
        [(SIZE, "        size: {type: integer, default: big}\n")],
        ["99: the default `big` does not match its schema: 'big' is not of type 'integer'. [openapi]"],
    ),
    "default of another format": (
        [(SIZE, "        size: {type: string, format: uri, default: ''}\n"), ("size: 3", "size: 'https://a.example'")],
        ["99: the default `` does not match its schema: '' is not a 'uri'. [openapi]"],
    ),
    "defaults like the right ones of others": (
        [
            (
                SIZE,
                "        ok: {type: string, default: big}\n"
                "        flag: {type: boolean, default: true}\n"
                "        size: {type: integer, default: big}\n"
                "        more: {type: integer, default: big}\n"
                "        list: {type: array, items: {type: integer}, default: [1, big]}\n"
                "        one: {type: string, default: 1}\n",
            )
        ],
        [
            "101: the default `big` does not match its schema: 'big' is not of type 'integer'. [openapi]",
            "102: the default `big` does not match its schema: 'big' is not of type 'integer'. [openapi]",
            "103: the default `[1, \"big\"]` does not match its schema: 'big' is not of type 'integer'. [openapi]",
            "104: the default `1` does not match its schema: 1 is not of type 'string'. [openapi]",
        ],
    ),
    "required member that does not exist": (
        [(SIZE, SIZE + "    Bad: {allOf: [{type: object, additionalProperties: true}], required: [b]}\n")],
        ["100: `b` is required but not among the properties. [openapi]"],
    ),
    "tag described twice": (
        [
            (
                "  - {name: login, description: Tokens.}\n",
                "  - {name: login, description: Tokens.}\n  - {name: login, description: Tokens.}\n",
            )
        ],
        ["14: the tag `login` is described twice. Keep one of them. [openapi]"],
    ),
    "name of a component with a space": (
        [("    Widget:\n", "    Wid gets: {}\n    Widget:\n")],
        [
            "94: the key `Wid gets` is not allowed. It must match ^[a-zA-Z0-9._-]+$. [openapi]",
        ],
    ),
    "unknown type of security": (
        [("      type: http\n", "      type: htp\n")],
        [
            "55: `htp` is not one of `apiKey`, `http`, `mutualTLS`, `oauth2`, `openIdConnect`. Did you mean "
            "`http`? [openapi]"
        ],
    ),
    "empty value": (
        [
            ("        - {name: id, in: path, required: true, schema: {type: string}, example: w1}\n", ""),
            ("/widgets/{id}", "/widgets"),
        ],
        ["43: a value is missing: an array. [openapi]"],
    ),
    "pattern that is none": (
        [(SIZE, "        size: {type: string, pattern: '['}\n"), ("size: 3", "size: x")],
        ["99: '[' is not a 'regex'. [openapi]"],
    ),
    "keyword of a later version": (
        [("openapi: 3.1.0", "openapi: 3.0.3"), (SIZE, "        size: {type: integer, const: 3}\n")],
        ["99: `const` is not a key of the schema. OpenAPI 3.1 has it. [openapi]"],
    ),
    "unknown type in OpenAPI 3.0": (
        [("openapi: 3.1.0", "openapi: 3.0.3"), (SIZE, "        size: {type: intger}\n")],
        [
            "99: `intger` is not one of `array`, `boolean`, `integer`, `number`, `object`, `string`. "
            "Did you mean `integer`? [openapi]"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_reported_with_its_line(case: str, reported: Reported) -> None:
    changes, expected = CASES[case]

    assert reported(*changes) == [f"specs/acme/openapi.yaml:{line}" for line in expected]


def test_a_path_without_a_slash_is_reported(reported: Reported) -> None:
    assert "specs/acme/openapi.yaml:36: `widgets/{id}` is not a path. Start it with a slash. [openapi]" in reported(
        ("  /widgets/{id}:", "  widgets/{id}:")
    )


def test_faults_in_a_fragment_are_reported_in_the_fragment(reported: Reported, repository: object) -> None:
    repository.write("shared/things.yaml", "Thing:\n  type: objet\n")  # type: ignore[attr-defined]

    assert reported((SIZE, "        size: {$ref: ../shared/things.yaml#/Thing}\n"), ("size: 3", "size: {}")) == [
        "specs/shared/things.yaml:2: `objet` is not one of `array`, `boolean`, `integer`, `null`, `number`, `object`, "
        "`string`. Did you mean `object`? [openapi]"
    ]


@pytest.mark.parametrize(
    ("document", "line", "step"),
    [
        ("openapi: 3.1.0\n", 1, "Describe operations under `paths`."),
        ("openapi: 3.0.3\npaths:\ninfo: {title: A, version: '1'}\n", 2, "Describe operations under `paths`."),
        ("openapi: 3.1.0\ninfo: {title: A, version: '1'}\npath: {/a: {}}\n", 3, "`path` looks like `paths`."),
        ("openapi: 3.1.0\ncomponents: {}\n", 1, "Describe operations under `paths`."),
    ],
)
def test_a_document_that_describes_nothing_is_refused(document: str, line: int, step: str, tmp_path: Path) -> None:
    spec = tmp_path / "only.yaml"
    spec.write_text(document, encoding="utf-8")
    outcome = run(Job("only", spec, tmp_path, tmp_path, foreign=True, destination=tmp_path / "out"))
    assert outcome.failed
    assert [str(problem) for problem in outcome.problems] == [
        f"only.yaml:{line}: it describes nothing: it has none of `paths`, `webhooks` and `components`. {step} "
        "[openapi-version]"
    ]
