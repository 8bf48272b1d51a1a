"""Whatever a document holds, the response is problems or a package, never a traceback."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sdkgen.bundle import bundle
from sdkgen.jobs import Job
from sdkgen.lint import lint
from sdkgen.losses import settle
from sdkgen.pipeline import FAULT, run
from sdkgen.pointers import as_list, as_object, child, resolve, split
from sdkgen.problems import Problem, ProblemsFound
from sdkgen.source import Source, load, loads
from sdkgen.structure import walk
from support.examples import examples

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

HERE = Path(__file__).parent
JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-3, 600)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
WORDS = st.sampled_from(
    [
        "$ref",
        "type",
        "properties",
        "items",
        "allOf",
        "security",
        "x-token-lifecycle",
        "grants",
        "get",
        "200",
        "#/",
        "x-name",
    ]
)


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The small spec as JSON."""
    path = tmp_path_factory.mktemp("specs") / "openapi.yaml"
    text = (HERE / "conftest.py").read_text(encoding="utf-8")
    start = text.index('SPEC = """\\\n') + len('SPEC = """\\\n')
    path.write_text(text[start : text.index('"""\n', start)])
    return load(path).document


def places(value: object, pointer: str = "") -> list[str]:
    """Every pointer into a document but the root's."""
    members: list[tuple[str | int, Any]] = [*as_object(value).items(), *enumerate(as_list(value))]
    return [place for key, item in members for place in (child(pointer, key), *places(item, child(pointer, key)))]


def mutated(draw: st.DataObject, document: dict[str, Any]) -> dict[str, Any]:
    """The document with some values replaced, removed, renamed or doubled."""
    changed: dict[str, Any] = json.loads(json.dumps(document))
    for _ in range(draw.draw(st.integers(1, 3))):
        known = places(changed)
        if not known:
            break
        pointer = draw.draw(st.sampled_from(known))
        *above, last = split(pointer)
        holder = resolve(changed, child("", *above))
        key: Any = int(last) if as_list(holder) else last
        action = draw.draw(st.sampled_from(["replace", "remove", "rename", "copy"]))
        if action == "replace":
            holder[key] = draw.draw(JSON_VALUES | WORDS)
        elif action == "remove":
            del holder[key]
        elif action == "rename" and key in as_object(holder):
            holder[draw.draw(WORDS | st.text(max_size=6))] = as_object(holder).pop(key)
        elif action == "copy":
            holder[key] = json.loads(json.dumps(resolve(changed, draw.draw(st.sampled_from(known)))))
    return changed


def problems_of(path: Path) -> list[Problem]:
    try:
        whole = bundle(path, root=path.parent)
    except ProblemsFound as found:
        return list(found.problems)
    for node in walk(whole.document):
        if node.reference is not None:
            resolve(whole.document, node.reference.removeprefix("#"))  # every reference of a bundle leads to something
    return settle(whole, [*whole.problems, *lint(whole)], complete=True)


def read(data: bytes, name: str = "x.yaml") -> Source | None:
    """What was read, or nothing if that was refused with problems."""
    try:
        return loads(data, path=Path(name), name=name)
    except ProblemsFound as found:
        return None if found.problems else pytest.fail("refused without a word")


@settings(
    max_examples=examples(20),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(draw=st.data())
def test_a_mutated_spec_gives_problems_or_none(draw: st.DataObject, document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "openapi.json"
        path.write_text(json.dumps(mutated(draw, document)), encoding="utf-8")

        for problem in problems_of(path):
            assert str(problem).startswith("openapi.json:")


@settings(
    max_examples=examples(5),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(draw=st.data())
def test_a_mutated_foreign_document_gives_a_package_or_problems(draw: st.DataObject, document: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        path = base / "openapi.json"
        path.write_text(json.dumps(mutated(draw, document)), encoding="utf-8")

        outcome = run(Job("acme", path, base, base, foreign=True, destination=base / "out"))

        assert outcome.failed or (base / "out" / "pyproject.toml").is_file()
        assert [str(problem) for problem in outcome.problems if problem.rule == FAULT] == []


@settings(max_examples=examples(100), deadline=None, derandomize=True)
@given(text=st.text(st.sampled_from("a:&*{}[],-?|>!%@`'\"#<\\ \t\n\r0~.é\u2028\U0001f600"), max_size=60))
def test_any_yaml_text_is_read_or_refused(text: str) -> None:
    source = read(text.encode())

    if source is not None:
        json.dumps(source.document, allow_nan=False)
        assert set(source.lines) == {"", *places(source.document)}


@settings(max_examples=examples(100), deadline=None, derandomize=True)
@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    source = read(data)

    assert source is None or json.dumps(source.document, allow_nan=False)


@settings(max_examples=examples(50), deadline=None, derandomize=True)
@given(value=st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=4))
def test_json_is_read_as_json_reads_it(value: dict[str, Any]) -> None:
    source = read(json.dumps(value, indent="\t", ensure_ascii=False).encode(), "x.json")

    assert source is not None
    assert source.document == value
