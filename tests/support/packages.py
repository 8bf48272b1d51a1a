"""Packages generated for a test: a whole client, or only its models, which takes a tenth of the time."""

from __future__ import annotations

import atexit
import hashlib
import importlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML

from sdkgen.bundle import Bundle, bundle
from sdkgen.facts.names import client_names
from sdkgen.jobs import Job
from sdkgen.models import Prepared, models_facts, prepare
from sdkgen.pipeline import run
from sdkgen.problems import Problem
from sdkgen.render import render_client
from sdkgen.render.client import RUFF_CONFIG
from sdkgen.render.emitted import EMITTED, emitted_modules
from sdkgen.render.project import ClientProject

HEAD = """
openapi: 3.1.0
info: {title: Test, version: "1"}
x-client: {class: Shop, environment: SHOP}
servers: [{url: "https://{host}/api", x-required: true, variables: {host: {default: test.example}}}]
"""
"""The beginning of a test's spec."""


@frozen
class Package:
    """A generated package."""

    name: str
    folder: Path
    """The name of the distribution."""
    problems: tuple[Problem, ...]

    @property
    def sources(self) -> Path:
        """The folder in which it is imported."""
        return self.folder / "src"

    @property
    def path(self) -> Path:
        """The folder of the import package."""
        return self.sources / self.name

    def __getattr__(self, name: str) -> Any:
        """A name, as a user imports it."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(importlib.import_module(self.name), name)

    def module(self, name: str) -> Any:
        return importlib.import_module(f"{self.name}.{name}")

    def source(self, path: str) -> str:
        return (self.path / path).read_text("utf-8")


@frozen
class Models(Package):
    """A package with only models."""

    prepared: Prepared

    def __getattr__(self, name: str) -> Any:
        """A class, as a user imports it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.module("models"), name)

    @property
    def decode_error(self) -> type[Exception]:
        found: type[Exception] = self.module("errors").DecodeError
        return found

    @property
    def unset(self) -> Any:
        return self.module("types").UNSET

    def source(self, path: str) -> str:
        """The source of one module of models, by its name."""
        return super().source(f"models/{path}.py")


@cache
def workspace() -> Path:
    """The folder of all packages of this process."""
    folder = tempfile.TemporaryDirectory(prefix="packages-")
    atexit.register(folder.cleanup)
    return Path(folder.name)


def write_spec(text: str, folder: Path, vendor: str) -> Path:
    path = folder / vendor / "openapi.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    return path


@cache
def generate(text: str, vendor: str = "", *, head: str = HEAD) -> Package:
    """The client of a spec, which follows ``head``; importable. Generated once for each text and process."""
    vendor = vendor or f"t{hashlib.sha256((head + text).encode()).hexdigest()[:10]}"
    root = Path(tempfile.mkdtemp(dir=workspace()))
    whole = bundle(write_spec(head + text, root, vendor), root=root)
    assert not whole.problems
    folder = root / "package"
    folder.mkdir()
    return _importable(vendor, folder, render_client(whole, folder).problems)


@cache
def generate_foreign(document: Path) -> Package:
    """The client of a document that was not written for this generator, as ``sdkgen generate --from`` makes it."""
    folder = workspace() / "foreign" / document.stem
    outcome = run(Job(document.stem, document, document.parent, document.parent, foreign=True, destination=folder))
    return _importable(document.stem, folder, outcome.problems)


def _importable(vendor: str, folder: Path, problems: Any) -> Package:
    package = Package(f"{vendor.replace('-', '_')}_client", folder, tuple(problems))
    sys.path.append(str(package.sources))
    return package


# --- models alone ----------------------------------------------------------------------------------------------------


def generate_models(schemas: str | Mapping[str, Any], paths: str | Mapping[str, Any] = "", **root: Any) -> Models:
    """The models of a document (:func:`document_of`), importable. Generated once for each document and process."""
    return _models_of(json.dumps(document_of(schemas, paths, **root)))


GenerateModels = Callable[..., Models]


@cache
def _models_of(document: str) -> Models:
    return write_models(json.loads(document), Path(tempfile.mkdtemp(dir=workspace())))


def write_models(document: dict[str, Any], folder: Path, name: str = "") -> Models:
    """Write the models of a document as the generator does, into ``folder/src``, and make them importable."""
    package = folder / "src" / (name or f"m{hashlib.sha256(json.dumps(document).encode()).hexdigest()[:10]}")
    prepared = prepare(bundle_of(document))
    project = ClientProject(prepared.spec, models_facts(prepared), package)
    project.build()
    for path, text in emitted_modules(client_names("test", {})):
        if len(path.parts) == 1:  # models use no runtime
            (package / path).write_text(text, "utf-8")
    (package / "_error_bodies.py").write_text((EMITTED / "_error_bodies.py").read_text("utf-8"), "utf-8")
    (package / "__init__.py").write_text("", "utf-8")
    (package / "py.typed").write_text("", "utf-8")
    sys.path.append(str(package.parent))
    return Models(package.name, folder, prepared.problems, prepared)


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


def tidy(package: Package) -> None:
    """Format a package as the generator does."""
    for arguments in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        options = ["--config", str(RUFF_CONFIG), "--no-cache", str(package.path)]
        subprocess.run([sys.executable, "-m", "ruff", *arguments, *options], check=True)


def _full_references(value: Any) -> Any:
    if isinstance(value, list):
        return [_full_references(item) for item in value]
    if not isinstance(value, dict):
        return value
    found = {key: _full_references(item) for key, item in value.items()}
    if isinstance(found.get("$ref"), str) and not found["$ref"].startswith("#"):
        found["$ref"] = f"#/components/schemas/{found['$ref']}"
    return found
