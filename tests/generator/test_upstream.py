"""openapi-python-client does real work: its project renders every file that is not copied, its loop writes the models.

And the other side: which hostile texts its own protections let through, so that ours are there with reason.
"""

from __future__ import annotations

import ast
import json
import tomllib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from jinja2 import Environment, Template
from openapi_python_client import Project, strings
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData

from generator.hostile import NAMES, TEXTS
from sdkgen.bundle import Bundle, bundle
from sdkgen.code import literal, one_line, prose
from sdkgen.facts.names import client_names
from sdkgen.render import render_client
from sdkgen.render.client import NOTICES
from sdkgen.render.emitted import emitted_modules
from sdkgen.render.environment import TEMPLATES

EVERY_TEMPLATE = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
servers: [{url: "https://shop.example"}]
paths:
  /things:
    post:
      operationId: makeThing
      tags: [things]
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "200": {description: "Made.", content: {application/json: {schema: {$ref: "#/components/schemas/Any"}}}}
components:
  schemas:
    Thing: {type: object, properties: {name: {type: string}, word: {enum: [a, b]}, number: {enum: [1, 2]}}}
    Box: {type: object, properties: {size: {type: integer}}}
    Any: {oneOf: [{$ref: "#/components/schemas/Thing"}, {$ref: "#/components/schemas/Box"}]}
"""

INCLUDED = {"enum_body.jinja"}


@frozen
class Rendering:
    """One file, as a template gave it."""

    template: str
    environment: Environment
    text: str


@pytest.fixture
def whole(tmp_path: Path) -> Bundle:
    path = tmp_path / "shop" / "openapi.yaml"
    path.parent.mkdir()
    path.write_text(EVERY_TEMPLATE, "utf-8")
    return bundle(path, root=tmp_path)


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    folder.mkdir()
    return folder


@pytest.fixture
def renderings(monkeypatch: pytest.MonkeyPatch) -> list[Rendering]:
    """Everything that templates become while the test runs."""
    found: list[Rendering] = []
    render = Template.render

    def recorded(self: Template, *args: Any, **kwargs: Any) -> str:
        text = render(self, *args, **kwargs)
        found.append(Rendering(str(self.name), self.environment, text))
        return text

    monkeypatch.setattr(Template, "render", recorded)
    return found


@pytest.fixture
def projects(monkeypatch: pytest.MonkeyPatch) -> list[Project]:
    """Every project of openapi-python-client that is made while the test runs."""
    found: list[Project] = []
    make = Project.__init__

    def recorded(self: Project, **kwargs: Any) -> None:
        make(self, **kwargs)
        found.append(self)

    monkeypatch.setattr(Project, "__init__", recorded)
    return found


def test_the_projects_one_environment_renders_every_file_not_copied(
    whole: Bundle, package: Path, renderings: list[Rendering], projects: list[Project]
) -> None:
    assert render_client(whole, package).problems == []
    (project,) = projects
    assert {one.environment.linked_to or one.environment for one in renderings} == {project.env}
    copied = {path.as_posix() for path, _ in emitted_modules(client_names("shop", {}))}
    written = {path for path in package.rglob("*") if path.is_file()}
    not_rendered = {package / "src/shop_client" / name for name in (*copied, "py.typed")} | {package / NOTICES}
    assert not_rendered < written
    assert len(renderings) == len(written - not_rendered)


def test_every_template_is_used(whole: Bundle, package: Path, renderings: list[Rendering]) -> None:
    render_client(whole, package)
    ours = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.jinja")}
    assert {one.template for one in renderings} == ours - INCLUDED


def test_every_file_names_its_template(whole: Bundle, package: Path, renderings: list[Rendering]) -> None:
    """A file in its first line, a page in its last."""
    render_client(whole, package)
    for one in renderings:
        place = -1 if one.template.endswith(".md.jinja") else 0
        assert (
            f" from shop/openapi.yaml with {one.template}. Do not edit; change the template."
            in one.text.splitlines()[place]
        )


def test_the_projects_loop_writes_the_models(
    whole: Bundle, package: Path, monkeypatch: pytest.MonkeyPatch, projects: list[Project]
) -> None:
    written: list[str] = []
    loop = Project._build_models

    def recorded(self: Project) -> None:
        loop(self)
        written.extend(path.name for path in (self.package_dir / "models").iterdir())

    monkeypatch.setattr(Project, "_build_models", recorded)
    render_client(whole, package)
    assert sorted(written) == ["__init__.py", "box.py", "thing.py", "thing_number.py", "thing_word.py"]
    (project,) = projects
    assert [model.class_info.name for model in project.openapi.models] == ["Thing", "Box"]


# --- protection ------------------------------------------------------------------------------------------------------

EVERYTHING = (*TEXTS, *NAMES)


def faults_of_a_docstring(inside: str, text: str) -> Iterator[str]:
    """What is wrong with a text between the quotes of a docstring."""
    source = f'"""{inside}"""\n'
    if not source.replace("\n", "").isprintable():
        yield "a person cannot see all of it"
    try:
        source.encode()
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an invalid escape is a warning only
            if len(ast.parse(source).body) != 1:
                yield "it ends too early"
            if ast.literal_eval(source.strip()).split() != one_line(text).split():
                yield "it says something else"
    except (SyntaxError, UnicodeEncodeError) as error:
        yield type(error).__name__


def test_prose_is_safe_where_the_upstream_filter_lets_text_through() -> None:
    """Why docstrings are made by ``prose`` and not by ``safe_for_docstring``."""
    theirs = {text: set(faults_of_a_docstring(f" {strings.safe_for_docstring(text)} ", text)) for text in EVERYTHING}
    assert {text for text in EVERYTHING if set(faults_of_a_docstring(prose(text), text))} == set()
    assert {text for text, faults in theirs.items() if "a person cannot see all of it" in faults} >= {
        "bidi \u202e\u2066 override \u2069\u202c and a mark \u200f \u061c",
        "zero width \u200b\u200d\ufeff",
    }
    assert theirs["lone surrogate \ud800 here"] == {"a person cannot see all of it", "UnicodeEncodeError"}
    assert theirs["\\" * 201 + '"""'] == {"it says something else"}


def test_a_literal_is_unchanged_where_the_upstream_filter_changes_it() -> None:
    """Why values are written by ``literal`` and not by ``in_double_quote_literal``: they go over the wire."""
    theirs = {text: ast.literal_eval(f'"{strings.in_double_quote_literal(text)}"') for text in EVERYTHING}
    assert [text for text in EVERYTHING if ast.literal_eval(literal(text)) != text] == []
    changed = {text for text, value in theirs.items() if value != text}
    assert {"new\nline", "null\0byte", "bidi\u202ename", "\n\n\n", "zero width \u200b\u200d\ufeff"} <= changed


@pytest.mark.parametrize("text", EVERYTHING, ids=ascii)
def test_the_upstream_filter_suffices_for_one_line_of_toml(text: str) -> None:
    """Why ``pyproject.toml`` is written with ``in_double_quote_literal``."""
    source = f'description = "{strings.in_double_quote_literal(one_line(text))}"'
    assert tomllib.loads(source) == {"description": one_line(text)}
    assert source == f"description = {json.dumps(one_line(text), ensure_ascii=False)}"


def stock_environment() -> Environment:
    """The environment of a project as upstream makes it."""
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}}
    source = Path("openapi.json")
    config = Config.from_sources(ConfigFile(), MetaType.NONE, source, "utf-8", True, source.parent)
    data = GeneratorData.from_dict(document, config=config)
    assert isinstance(data, GeneratorData)
    return Project(openapi=data, config=config).env


def test_the_upstream_environment_prints_wrappers_and_ignores_undefined_variables() -> None:
    """Why ours is made strict, and why source is a type of its own: a wrapper is printed, not refused."""
    environment = Environment()  # as the stock project makes it: no `undefined`, no `finalize`
    assert environment.from_string("{{ text }}{{ nobody }}").render(text='"; import os') == '"; import os'
    assert " object at 0x" in environment.from_string("{{ code }}").render(code=strings.PythonCode("x"))


def test_two_names_of_upstream_can_be_one_name_in_python() -> None:
    """Why names are brought into Python's own form (NFKC) before and after."""
    names = [strings.PythonIdentifier(text, "field_") for text in ("\ufb01x", "fix")]
    assert names == ["\ufb01x", "fix"]
    assert len({name.id for name in ast.walk(ast.parse(";".join(names))) if isinstance(name, ast.Name)}) == 1
