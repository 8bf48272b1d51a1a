"""Generates the models of an inline spec and imports them."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from attrs import frozen
from ruamel.yaml import YAML

from sdkgen.bundle import Bundle
from sdkgen.code import Code
from sdkgen.models import Prepared, models_facts, prepare
from sdkgen.problems import Problem
from sdkgen.render.client import RUFF_CONFIG
from sdkgen.render.project import ClientProject


@frozen
class Generated:
    """A package that has nothing but models."""

    name: str
    path: Path
    prepared: Prepared
    problems: tuple[Problem, ...]
    """Of the preparation."""

    def __getattr__(self, name: str) -> Any:
        """A class, as a user imports it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.module("models"), name)

    def module(self, name: str) -> ModuleType:
        return importlib.import_module(f"{self.name}.{name}")

    @property
    def decode_error(self) -> type[Exception]:
        found: type[Exception] = self.module("errors").DecodeError
        return found

    @property
    def unset(self) -> Any:
        return self.module("types").UNSET

    def source(self, name: str) -> str:
        return (self.path / "models" / f"{name}.py").read_text("utf-8")


Generate = Callable[..., Generated]


def _full_references(value: Any) -> Any:
    if isinstance(value, list):
        return [_full_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _full_references(item) for key, item in value.items()}
    if isinstance(found.get("$ref"), str) and not found["$ref"].startswith("#"):
        found["$ref"] = f"#/components/schemas/{found['$ref']}"
    return found


def document_of(schemas: str | Mapping[str, Any], paths: str | Mapping[str, Any] = "", **root: Any) -> dict[str, Any]:
    """An OpenAPI document around schemas, both as YAML or as values. In YAML, ``$ref: A`` means the schema ``A``."""

    def read(text: str | Mapping[str, Any]) -> Any:
        return _full_references(YAML(typ="safe").load(text) or {}) if isinstance(text, str) else text

    return {
        "openapi": "3.1.0",
        "info": {"title": "Test", "version": "1"},
        "paths": read(paths),
        **root,
        "components": {**root.get("components", {}), "schemas": read(schemas)},
    }


def bundle_of(document: dict[str, Any]) -> Bundle:
    return Bundle(
        vendor="test", path=Path("openapi.yaml"), name="specs/test/openapi.yaml", document=document, positions={}
    )


def generate_package(document: dict[str, Any], package: Path) -> Generated:
    """Write the models of a document as the generator does."""
    prepared = prepare(bundle_of(document))
    project = ClientProject(prepared.spec, models_facts(prepared), package)
    project.build()
    template = project.env.get_template("client/errors.py.jinja")
    names = SimpleNamespace(base_error=Code("TestError"))
    (package / "errors.py").write_text(template.render(header=Code("#"), names=names), "utf-8")
    (package / "__init__.py").write_text("", "utf-8")
    (package / "py.typed").write_text("", "utf-8")
    return Generated(package.name, package, prepared, prepared.problems)


def tidy(package: Path) -> None:
    """What the generator does with everything it has written."""
    for arguments in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--config", str(RUFF_CONFIG), "--no-cache", str(package)]
        subprocess.run(command, check=True)


@pytest.fixture(scope="session")
def generate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Generate]:
    """``generate(schemas, paths="", **root)``: the models of a document, ready to import; one package per document."""
    folder = tmp_path_factory.mktemp("models")
    known: dict[str, Generated] = {}

    def run(schemas: str | Mapping[str, Any], paths: str | Mapping[str, Any] = "", **root: Any) -> Generated:
        document = document_of(schemas, paths, **root)
        key = json.dumps(document)
        if key not in known:
            known[key] = generate_package(document, folder / f"generated_{len(known)}")
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield run
