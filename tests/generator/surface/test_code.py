"""Text from a spec becomes a name, a literal or prose, and nothing else."""

from __future__ import annotations

import ast
import keyword
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError

from sdkgen.code import Code, class_name, identifier, literal, literal_lines, one_line, prose, unique
from sdkgen.models.generated import ModelsFacts
from sdkgen.render.project import ClientProject
from sdkgen.render.readme import markdown


def project_environment() -> Environment:
    """The environment of a package without models."""
    return ClientProject("spec.yaml", ModelsFacts((), (), (), {}), Path()).env


def test_a_docstring_entry_indents_its_continuation_lines() -> None:
    wrapped = prose("name: one two three four", width=18, indent=4, hanging=4)
    assert wrapped == "    name: one two\n        three four"


@pytest.mark.parametrize("text", ["", "one", 'say "so" ' * 40, "it's \\ n" * 30])
def test_a_long_text_in_several_literals_is_the_same_text(text: str) -> None:
    text = " ".join(text.split())
    source = literal_lines(text, width=60)
    assert ast.literal_eval(f"({source})") == text
    assert all(len(line) <= 70 for line in source.splitlines())


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("resultFormat", "result_format"),
        ("ResultFormat", "result_format"),
        ("X-Request-ID", "x_request_id"),
        ("@city", "city"),
        ("class", "class_"),
        ("type", "type_"),
        ("id", "id"),
        ("2fa", "value_2fa"),
        ("_hidden", "hidden"),
        ("Contentv1Content", "contentv1_content"),
        ("v1Beta", "v1_beta"),
        ("ipv4Address", "ipv4_address"),
        ("subject1", "subject1"),
        ("addressLine1", "address_line_1"),
        ("iOS Apps", "ios_apps"),
        ("a Thing WIth spaces", "a_thing_with_spaces"),
        ("\U00020000" * 80, "\U00020000" * 37),
        ("", "value"),
        ("☃", "value"),
    ],
)
def test_a_name_in_a_spec_becomes_snake_case(text: str, name: str) -> None:
    assert identifier(text) == name


@pytest.mark.parametrize(
    ("text", "name"), [("saved-queries", "SavedQueries"), ("crm", "Crm"), ("", "Class"), ("3d models", "Class3dModels")]
)
def test_a_name_in_a_spec_becomes_pascal_case(text: str, name: str) -> None:
    assert class_name(text) == name


@given(st.text())
def test_any_text_becomes_a_name(text: str) -> None:
    for name in (identifier(text), class_name(text)):
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert not name.startswith("_")
        assert name == unicodedata.normalize("NFKC", name)  # as Python reads it in an import
        assert len(name.encode()) < 200  # a file's name has a limit


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_a_literal_is_the_value_again(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
def test_a_docstring_holds_the_text_and_no_more(text: str) -> None:
    source = f'"""{prose(text)}"""\n'
    tree = ast.parse(source)
    assert len(tree.body) == 1
    assert ast.literal_eval(source.strip()).split() == one_line(text).split()


def test_prose_is_wrapped_and_keeps_its_paragraphs() -> None:
    assert prose("one two\nthree\n\nfour", width=8) == "one two\nthree\n\nfour"


def test_a_second_thing_of_a_name_gets_another() -> None:
    assert unique(Code("id"), ["name"]) == "id"
    assert unique(Code("id"), ["id"], "query") == "id_query"
    assert unique(Code("id"), ["id", "id_query", "id_2"], "query") == "id_3"


def test_a_template_cannot_print_text() -> None:
    environment = project_environment()
    assert environment.from_string("{{ name }}").render(name=Code("print")) == "print"
    with pytest.raises(TypeError, match="only `Code` can be printed"):
        environment.from_string("{{ name }}").render(name="print")
    assert environment.from_string("{{ name | literal }}").render(name='"; import os') == "'\"; import os'"


def test_a_template_cannot_miss_a_variable() -> None:
    with pytest.raises(UndefinedError):
        project_environment().from_string("{{ nobody.knows }}").render()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("a | b", "a \\| b"),
        ("<script>", "&lt;script&gt;"),
        ("[here](https://x)", "\\[here\\](https://x)"),
        ("`a|b` <i>", "`a\\|b` &lt;i&gt;"),
        ("one ` tick <", "one ' tick &lt;"),
        ("two\nlines", "two lines"),
    ],
)
def test_markdown_has_no_tags_links_or_cells_of_its_own(text: str, source: str) -> None:
    assert markdown(text) == source
