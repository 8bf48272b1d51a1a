"""A file is read as its author meant it, or the line that is wrong is named."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sdkgen.nodes import MAX_DEPTH
from sdkgen.problems import ProblemsFound
from sdkgen.source import Source, load, loads

READ: dict[str, tuple[str, dict[str, object]]] = {
    "unquoted status codes are texts": ("200: ok", {"200": "ok"}),
    "no and off are texts": ("a: no\nb: off\nc: y", {"a": "no", "b": "off", "c": "y"}),
    "true and false are booleans": ("a: true\nb: False", {"a": True, "b": False}),
    "dates are texts": ("a: 2024-01-01\nb: 2024-01-01T00:00:00Z", {"a": "2024-01-01", "b": "2024-01-01T00:00:00Z"}),
    "times are texts": ("a: 12:30", {"a": "12:30"}),
    "nothing is null": ("a:\nb: ~\nc: null", {"a": None, "b": None, "c": None}),
    "numbers": (
        "a: 012\nb: 0o17\nc: 0x1F\nd: -1.5e3\ne: 1_000",
        {"a": 12, "b": 15, "c": 31, "d": -1500.0, "e": "1_000"},
    ),
    "quotes make texts": ("a: '200'\nb: \"true\"", {"a": "200", "b": "true"}),
    "explicit tags of JSON's kinds": ("a: !!str 200\nb: !!int '7'", {"a": "200", "b": 7}),
    "versions are texts without quotes": (
        "openapi: 3.1\ninfo: {version: 1.10}",
        {"openapi": "3.1", "info": {"version": "1.10"}},
    ),
    "anchors are expanded": ("a: &x {b: 1}\nc: *x", {"a": {"b": 1}, "c": {"b": 1}}),
    "merge keys add what is not written": (
        "a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}",
        {"a": {"b": 1, "c": 2}, "d": {"c": 3, "b": 1}},
    ),
    "the earlier of several merged objects wins": (
        "a: &a {k: 1}\nb: &b {k: 2, l: 2}\nc: {<<: [*a, *b]}",
        {"a": {"k": 1}, "b": {"k": 2, "l": 2}, "c": {"k": 1, "l": 2}},
    ),
    "a quoted merge key is a key": ("a: {'<<': 1}", {"a": {"<<": 1}}),
    "JSON with tabs, slashes and surrogate pairs": ('{\n\t"a": "\\/\\ud83d\\ude00"\n}', {"a": "/😀"}),
    "flow style that is no JSON": ("{a: 1}", {"a": 1}),
    "a byte order mark": ("\ufeffa: 1", {"a": 1}),
    "Windows' ends of lines": ("a: |\r\n  b\r\n  c\r\n", {"a": "b\nc\n"}),
}

DEEP = f"x.yaml:1: it is nested more than {MAX_DEPTH} levels deep here. Use `$ref` for the inner parts."

REFUSED: dict[str, tuple[bytes, str]] = {
    "tab": (b"a:\n\t- b\n", "x.yaml:2: a tab is used for indentation. Indent with spaces."),
    "duplicate key": (
        b"a: 1\nb: 2\na: 3",
        "x.yaml:3: `a` is written twice in one object, in line 1 and in line 3. Keep one of them.",
    ),
    "duplicate key in JSON": (
        b'{"a": 1,\n "a": 2}',
        "x.yaml:2: `a` is written twice in one object, in line 1 and in line 2. Keep one of them.",
    ),
    "two keys in a line": (
        b"a: b: c",
        "x.yaml:1: a `key: value` is not allowed here. "
        "Check the indentation of this line, and put quotes around a string that contains `: `.",
    ),
    "open bracket": (
        b"a: [1\nb: 2",
        "x.yaml:2: it is not YAML: expected ',' or ']', but got ':' (while parsing a flow sequence, begun in line 1). "
        "Check indentation, quotes and brackets above this line.",
    ),
    "open quote": (
        b"a: 'x\n",
        "x.yaml:1: the quote that opens here is never closed. Close it.",
    ),
    "two documents": (
        b"a: 1\n---\nb: 1",
        "x.yaml:2: a second YAML document starts here (`---`). Keep one document per file.",
    ),
    "alias without anchor": (
        b"a: *x",
        "x.yaml:1: the alias `*x` has no anchor. Write `&x` at the value that is meant, above this line.",
    ),
    "alias inside its anchor": (b"a: &x [*x]", "x.yaml:1: the anchor contains an alias to itself. Remove the alias."),
    "merge of itself": (b"a: &x\n  <<: *x\n", "x.yaml:1: the anchor contains an alias to itself. Remove the alias."),
    "merge of a text": (
        b"a: {<<: b}",
        "x.yaml:1: `<<` merges a value that is not an object. Merge an alias of an object.",
    ),
    "list as a key": (b"? [a]\n: b", "x.yaml:1: a key is a list or an object. Keys are plain text."),
    "tag of Python": (
        b"a: !!python/object:os.system x",
        "x.yaml:1: the tag `!!python/object:os.system` is not allowed. Tags construct nothing here; remove it.",
    ),
    "tag on an object": (
        b"a: !set {b: 1}",
        "x.yaml:1: the tag `!set` is not allowed. Tags construct nothing here; remove it.",
    ),
    "control character": (
        b"a: 1\nb: \x00",
        "x.yaml:2: character U+0000 is not allowed in a YAML file. "
        'Write it as an escape in double quotes ("\\u0000"), or remove it.',
    ),
    "half a surrogate pair": (
        b'a: "\\ud800"',
        "x.yaml:1: an unpaired surrogate is not a character. Remove it, or write both halves.",
    ),
    "not a number": (
        b"a: .nan",
        "x.yaml:1: `.nan` is not a number that JSON can represent. Put quotes around it if it is text.",
    ),
    "number too large": (
        b"a: 1e999",
        "x.yaml:1: `1e999` is not a number that JSON can represent. Put quotes around it if it is text.",
    ),
    "number too long": (b"a: " + b"9" * 5000, "x.yaml:1: the number has more than 1000 digits. Put quotes around it."),
    "not UTF-8": (b"a: 1\nb: \xff", "x.yaml:2: byte 0xff is not UTF-8. Save the file as UTF-8."),
    "empty": (b"", "x.yaml: the file is empty. An OpenAPI document starts with `openapi: 3.1.0`."),
    "only a comment": (b"# a\n", "x.yaml: the file is empty. An OpenAPI document starts with `openapi: 3.1.0`."),
    "a list": (b"- a", "x.yaml:1: the document is a list, not an object. Write `key: value` lines at the top level."),
    "a text": (
        b"hello",
        "x.yaml:1: the document is a single value, not an object. Write `key: value` lines at the top level.",
    ),
    "deep lists": (b"- " * 5000, DEEP),
    "an open list in a list": (b"a: " + b"[" * 50_000, DEEP),
    "an open object in an object": (b"a: " + b"{a: " * 50_000, DEEP),
    "deep JSON": (b"[" * 5000 + b"]" * 5000, DEEP),
}

BROKEN_JSON: dict[str, tuple[str, str]] = {
    "comma at the end": ('{"a": 1,\n}', "x.json:2: it is not JSON: a comma before the closing bracket."),
    "no comma": ('{"a": 1\n"b": 2}', "x.json:2: it is not JSON: , is expected."),
    "no colon": ('{"a" 1}', "x.json:1: it is not JSON: : is expected."),
    "key without quotes": ("{a: 1}", "x.json:1: it is not JSON: a key in double quotes or } is expected."),
    "text afterwards": ('{"a": 1} b', "x.json:1: it is not JSON: text after the end of the document."),
    "NaN": ('{"a": NaN}', "x.json:1: it is not JSON: the constant NaN is not a JSON value."),
    "no end": ('{"a": [1', "x.json:1: it is not JSON: , is expected."),
    "empty": ("", "x.json: the file is empty. An OpenAPI document starts with `openapi: 3.1.0`."),
}


def read(data: bytes, name: str = "x.yaml") -> Source:
    return loads(data, path=Path(name), name=name)


@pytest.mark.parametrize("case", READ)
def test_yaml_as_people_write_it(case: str) -> None:
    text, expected = READ[case]

    assert read(text.encode()).document == expected


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_reported_with_its_line(case: str) -> None:
    data, expected = REFUSED[case]

    with pytest.raises(ProblemsFound) as found:
        read(data)

    assert [str(problem) for problem in found.value.problems] == [expected]


@pytest.mark.parametrize("case", BROKEN_JSON)
def test_json_gets_the_errors_of_json(case: str) -> None:
    text, expected = BROKEN_JSON[case]

    with pytest.raises(ProblemsFound) as found:
        read(text.encode(), "x.json")

    assert [str(problem) for problem in found.value.problems] == [expected]


def test_every_duplicate_key_is_found_in_one_run() -> None:
    with pytest.raises(ProblemsFound) as found:
        read(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")

    assert [problem.line for problem in found.value.problems] == [2, 3]


def test_every_value_has_the_line_of_its_key() -> None:
    source = read(b"a:\n  b:\n    - 1\n    - c: 2\n'd/e~f': 3\n")

    assert source.lines == {"": 1, "/a": 1, "/a/b": 2, "/a/b/0": 3, "/a/b/1": 4, "/a/b/1/c": 4, "/d~1e~0f": 5}


def test_aliased_content_has_the_line_of_its_anchor() -> None:
    source = read(b"a: &x\n  b: 1\nc: *x\nd:\n  <<: *x\n")

    assert (source.lines["/c"], source.lines["/c/b"], source.lines["/d/b"]) == (3, 2, 2)


def test_a_missing_pointer_has_the_line_of_its_closest_ancestor() -> None:
    assert read(b"a: 1\nb:\n  c: 1\n").line("/b/c/d/e") == 3


def test_aliases_that_multiply_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdkgen.source.MAX_VALUES", 10_000)
    levels = ["a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    levels += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 8)]

    with pytest.raises(ProblemsFound, match="more than 10000 values once aliases are expanded"):
        read("\n".join(levels).encode())


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match=r"openapi\.yaml: the file does not exist\."):
        load(tmp_path / "openapi.yaml")


def test_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ProblemsFound, match=r"it is a folder\. Name the document inside it\."):
        load(tmp_path)


def merging(steps: int, each: int) -> bytes:
    """A document in which every object merges the one before it several times."""
    lines = [f"  a{i}: &a{i} {{<<: [{', '.join([f'*a{i - 1}'] * each)}], k{i}: 1}}" for i in range(1, steps)]
    return "\n".join(["a:", "  a0: &a0 {k: v}", *lines]).encode()


def test_merged_members_are_worked_out_once() -> None:
    read = loads(merging(30, 9), path=Path("x.yaml"), name="x.yaml")
    assert read.document["a"]["a29"] == {"k": "v", **{f"k{i}": 1 for i in range(1, 30)}}


def test_merges_that_multiply_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sdkgen.source.MAX_VALUES", 100)
    with pytest.raises(ProblemsFound, match=r"x.yaml:\d+: `<<` merges more than 100 members"):
        loads(merging(8, 9), path=Path("x.yaml"), name="x.yaml")


def test_only_a_regular_file_of_a_bounded_size_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading a pipe waits for ever; a link to a file is a file."""
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "a.yaml").write_text("a: 1")
    (tmp_path / "b.yaml").symlink_to("a.yaml")
    monkeypatch.setattr("sdkgen.source.MAX_BYTES", 4_000_000)
    with (tmp_path / "big.yaml").open("wb") as file:
        file.truncate(4_000_001)

    assert load(tmp_path / "b.yaml").document == {"a": 1}
    with pytest.raises(ProblemsFound, match=r"pipe.yaml: it is not a regular file. Save the document in a file."):
        load(tmp_path / "pipe.yaml")
    with pytest.raises(ProblemsFound, match=r"big.yaml: it has more than 4 MB. Split it into several files."):
        load(tmp_path / "big.yaml")
