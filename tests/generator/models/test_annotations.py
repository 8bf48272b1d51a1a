"""Annotations resolve at run time, modules import in any order, and type checkers have nothing to say."""

from __future__ import annotations

import subprocess
import sys
import typing
from pathlib import Path

import pytest
from attrs import has

from support.packages import GenerateModels, Models, tidy
from support.type_checkers import mypy, one_process, pyright

EVERYTHING = """
Node:
  description: A node of a tree, whose children are nodes.
  type: object
  required: [name, kind, moment, maybe, fixed]
  properties:
    name: {type: string}
    kind: {$ref: Kind}
    level: {$ref: Level}
    closed: {$ref: Closed}
    moment: {type: string, format: date-time}
    local: {type: string, format: date-time-local}
    day: {type: [string, 'null'], format: date}
    days: {type: array, items: {type: string, format: date}}
    id: {type: string, format: uuid}
    bytes: {type: string, format: byte}
    maybe: {oneOf: [{$ref: Node}, {type: 'null'}]}
    fixed: {const: 7}
    children: {type: array, items: {$ref: Node}}
    by_name: {type: object, additionalProperties: {$ref: Leaf}}
    grid: {type: array, items: {type: array, items: {$ref: Leaf}}}
    pair: {type: array, prefixItems: [{type: string}, {$ref: Leaf}], items: false}
    choice: {$ref: Choice}
    mixed: {oneOf: [{type: integer}, {type: string, format: date}, {type: array, items: {type: string}}]}
    secret: {type: string, format: password}
    anything: {}
    deep: {type: object, properties: {deeper: {type: object, properties: {deepest: {type: boolean}}}}}
  additionalProperties: {$ref: Leaf}
Ticket:
  type: object
  required: [id, seen, node, kind, name, password, pin]
  properties:
    id: {type: integer, readOnly: true}
    seen: {type: [string, 'null'], format: date-time, readOnly: true}
    node: {allOf: [{$ref: Node}], readOnly: true}
    kind: {const: ticket, readOnly: true}
    any: {readOnly: true}
    name: {type: string}
    password: {type: string, writeOnly: true}
    pin: {type: [string, 'null'], format: password, writeOnly: true}
Leaf: {type: object, properties: {parent: {$ref: Node}, weight: {type: number}}}
Twig: {type: object, required: [t], properties: {t: {const: twig}, of: {$ref: Choice}}}
Bud: {type: object, required: [t], properties: {t: {const: bud}}}
Choice: {oneOf: [{$ref: Twig}, {$ref: Bud}]}
Either: {anyOf: [{$ref: Leaf}, {$ref: Bud}, {type: string}]}
Holder: {type: object, properties: {either: {$ref: Either}}}
Kind: {type: string, enum: [root, inner]}
Level: {type: integer, enum: [1, 2]}
Closed: {type: string, enum: [a], x-open: false}
Upload: {type: object, required: [file], properties: {file: {type: string, format: binary}, note: {type: string}}}
Table:
  type: object
  x-table: {columns: columns, name: label, rows: cells}
  required: [columns, cells]
  properties:
    columns: {type: array, items: {type: object, required: [label], properties: {label: {type: string}}}}
    cells: {type: array, items: {type: array, items: {type: number}}}
"""

UPLOAD = """
/upload:
  post:
    operationId: upload
    requestBody: {content: {multipart/form-data: {schema: {$ref: Upload}}}}
    responses: {}
"""


def _modules(package: Models) -> list[str]:
    return [path.stem for path in sorted((package.path / "models").glob("*.py")) if path.stem != "__init__"]


def test_type_hints_resolve_without_help(generate: GenerateModels) -> None:
    package = generate(EVERYTHING, UPLOAD)
    models = [getattr(package, name) for name in package.module("models").__all__]
    classes = [model for model in models if isinstance(model, type) and has(model)]
    assert len(classes) > 8
    for model in classes:
        assert set(typing.get_type_hints(model)) == {attribute.name for attribute in model.__attrs_attrs__}


def test_every_module_can_be_the_first_that_is_imported(generate: GenerateModels) -> None:
    package = generate(EVERYTHING, UPLOAD)
    for module in _modules(package):
        command = [sys.executable, "-c", f"import {package.name}.models.{module}"]
        run = subprocess.run(command, cwd=package.sources, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stderr


def test_importing_the_models_imports_none(generate: GenerateModels) -> None:
    package = generate(EVERYTHING)
    code = (
        f"import sys, {package.name}.models; print([m for m in sys.modules if m.startswith('{package.name}.models.')])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=package.sources, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_only_members_of_a_cycle_are_imported_late(generate: GenerateModels) -> None:
    package = generate(EVERYTHING)
    assert "E402" in package.source("leaf")
    assert "E402" not in package.source("holder")


@one_process
def test_mypy_has_nothing_to_say(generate: GenerateModels) -> None:
    package = generate(EVERYTHING, UPLOAD)
    assert mypy(package.name, sources=[package.sources]) == []


@one_process
def test_pyright_has_nothing_to_say(generate: GenerateModels) -> None:
    package = generate(EVERYTHING, UPLOAD)
    assert pyright(package.sources, [package.name]) == []


@one_process
def test_type_checkers_see_what_a_user_gets_wrong(generate: GenerateModels, tmp_path: Path) -> None:
    package = generate(EVERYTHING)
    user = tmp_path / "user.py"
    user.write_text(
        f"from {package.name}.models import Leaf, Twigg\n"
        f"from {package.name}.types import UNSET\n"
        "leaf = Leaf(weight='heavy')\n"
        "leaf.weight + 1\n"
        "leaf.wieght = 1\n"
        "leaf.parent = UNSET\n"
        "if leaf.weight is not None:\n"
        "    leaf.weight + 1\n",
        "utf-8",
    )
    complaints = mypy(user, sources=[package.sources])
    assert {line.split(":")[1] for line in complaints if ": error:" in line} == {"1", "3", "4", "5"}, complaints


def test_a_secret_is_not_in_the_repr(generate: GenerateModels) -> None:
    package = generate(
        "Login: {type: object, required: [p], properties: {p: {type: string, format: password}, u: {type: string}, "
        "q: {type: [string, 'null'], format: password}, r: {$ref: '#/components/schemas/Pin'}}}\n"
        "Pin: {type: string, format: password}",
    )
    shown = repr(package.Login(p="hunter2", u="ada", q="hunter3", r="4711"))
    assert shown == "Login(p=****, u='ada', q=****, r=****)"


@pytest.mark.parametrize("name", ["node", "leaf", "choice", "either", "kind", "table", "upload"])
def test_a_module_has_no_import_that_it_does_not_use(generate: GenerateModels, name: str) -> None:
    package = generate(EVERYTHING, UPLOAD)
    tidy(package)
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F,E7,W",
        str(package.path / "models" / f"{name}.py"),
    ]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


@pytest.mark.slow
def test_the_package_is_the_same_under_another_hash_seed(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from support.packages import document_of, write_models; "
        "from generator.models.test_annotations import EVERYTHING, UPLOAD; "
        "write_models(document_of(EVERYTHING, UPLOAD), Path(sys.argv[1]))"
    )
    texts = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2]), "PATH": ""}
        subprocess.run([sys.executable, "-c", code, str(folder)], env=environment, check=True)
        texts.append({path.relative_to(folder): path.read_bytes() for path in sorted(folder.rglob("*.py"))})
    assert texts[0] == texts[1]
