"""Nothing in a spec becomes code: names, paths, texts and values that would like to."""

from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import json
import re
import tomllib
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from generator.hostile import NAMES, TEXTS
from support.packages import Package, generate

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

EVERYTHING = (*TEXTS, *NAMES)


def clean(text: str) -> str:
    """What JSON in UTF-8 can hold; a lone surrogate cannot be written to a file at all."""
    return text.encode("utf-8", "replace").decode()


def hostile_document() -> dict[str, Any]:
    """Every text in every place where a spec can have one."""
    texts = [clean(text) for text in EVERYTHING]
    paths: dict[str, Any] = {}
    for number, text in enumerate(texts):
        safe = text.replace("{", "(").replace("}", ")").replace("?", "").replace("#", "")
        paths[f"/p{number}/{safe}/{{id {number}}}"] = {
            "post": {
                "operationId": text or "empty",
                "summary": text,
                "description": text,
                "tags": [text],
                "x-source": {"kind": "inferred", "reason": text},
                "security": [{text: []}],
                "parameters": [
                    {"name": f"id {number}", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": f"{text}?", "in": "query", "description": text, "schema": {"default": text}},
                    {"name": text, "in": "query", "required": True, "schema": {"const": text}},
                    {"name": f"X-{number}", "in": "header", "required": True, "schema": {"const": text}},
                    {"name": text, "in": "cookie", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": [text],
                                "properties": {text: {"type": "string", "description": text}},
                            }
                        }
                    },
                },
                "responses": {
                    "200": {"description": text, "content": {"text/plain": {"schema": {"type": "string"}}}},
                    "400": {"description": text},
                },
            }
        }
    schemes = {
        text: {
            "type": "apiKey",
            "in": "query",
            "name": text or "k",
            "description": text,
            "x-token-lifecycle": {
                "grants": {
                    f"{text}{number}": {
                        "description": text,
                        "credentials": {f"c{number}": {"description": text, "secret": True}},
                        "access_token": {"credential": f"c{number}"},
                        "refused": {"body": {f"/{text}": [text]}},
                    }
                }
            },
        }
        for number, text in enumerate(texts)
    }
    host = {"host": {"default": "x"}}
    servers = [
        {"url": "https://{host}/x", "x-name": f"s {text}", "description": text, "variables": host} for text in texts
    ]
    return {
        "openapi": "3.1.0",
        "info": {"title": texts[0], "summary": "\n".join(texts), "description": "\n".join(texts), "version": texts[1]},
        "x-client": {"class": 'Shop"; import os', "environment": "SH OP\n="},
        "x-responses": {
            "failed": [{"body": {f"/{text}": [text] for text in texts}}],
            "code": ["$response.body#/" + text for text in texts],
        },
        "servers": [{"url": 'https://x.example/"+os.abort()+"'}, *servers],
        "tags": [{"name": text, "description": text} for text in texts],
        "paths": paths,
        "components": {"securitySchemes": schemes},
    }


@pytest.fixture(scope="module")
def package() -> Package:
    return generate(json.dumps(hostile_document()), "shop", head="")


def sources(package: Package) -> list[Path]:
    return sorted(package.folder.rglob("*.py"))


def test_every_module_compiles_without_a_warning(package: Package) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in sources(package):
            compile(path.read_text("utf-8"), str(path), "exec")


def test_no_text_is_code(package: Package) -> None:
    """What the texts try to import and to call occurs in literals and names, never as an import or a call."""
    for path in sources(package):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Attribute) and node.attr == "abort"), path
            assert not (isinstance(node, ast.Name) and node.id == "__import__"), path


def test_nothing_is_written_that_a_person_cannot_see(package: Package) -> None:
    for path in package.folder.rglob("*"):
        if path.is_file() and path.suffix != ".pyc":
            text = path.read_text("utf-8").replace("\n", "")
            assert text.isprintable(), (path, [character for character in text if not character.isprintable()][:3])


def test_every_module_can_be_imported(package: Package) -> None:
    root = package.folder / "src"
    for path in sources(package):
        importlib.import_module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"))


def test_every_name_goes_over_the_wire_as_it_is_written(package: Package) -> None:
    found: dict[str, list[tuple[str, str]]] = {}
    for path in (package.folder / "src" / package.name / "operations").glob("*/*.py"):
        if path.name == "__init__.py":
            continue
        module = package.module(f"operations.{path.parent.name}.{path.stem}")
        parameters = inspect.signature(module.build_request).parameters.values()
        required = [one for one in parameters if one.default is one.empty or repr(one.default) == "MISSING"]
        positional = ["a/b" for one in required if one.kind is one.POSITIONAL_OR_KEYWORD]
        named = {one.name: "x" for one in required if one.kind is one.KEYWORD_ONLY}
        with contextlib.suppress(ValueError):  # a constant that no header can have
            parts = module.build_request(*positional, **named)
            assert parts.path.endswith("/a%2Fb")
            number = module.OPERATION.path.split("/")[1]
            found[number] = parse_qsl(parts.query, keep_blank_values=True)
    sendable = [
        (f"p{number}", clean(text))
        for number, text in enumerate(EVERYTHING)
        if text.isascii() and not set("\r\n\0") & set(text) and text == text.strip()  # what a header can have
    ]
    assert len(sendable) > 50
    for number, text in sendable:
        assert (text, text) in found[number], text


def test_every_scheme_and_condition_keeps_its_text(package: Package) -> None:
    lifecycles = package.module("auth").LIFECYCLES
    assert set(lifecycles) == {clean(text) for text in EVERYTHING}
    for text, lifecycle in lifecycles.items():
        assert lifecycle.grants[0].refused[0].body[f"/{text}"].any_of == (text,)


@pytest.mark.parametrize("page", ["README.md", "reference.md"])
def test_a_page_has_no_tags_and_no_blocks_of_others(package: Package, page: str) -> None:
    text = (package.folder / page).read_text("utf-8")
    assert text.count("```") == 2 * len(re.findall(r"^```\w+$", text, re.MULTILINE))


def test_the_project_file_says_what_the_spec_says(package: Package) -> None:
    project = tomllib.loads((package.folder / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["name"] == "shop-client"
    assert "import os" in project["description"]
