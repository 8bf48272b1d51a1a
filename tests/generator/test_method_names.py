"""Names that a vendor's words get in Python, where a builtin or a bracket is in the way."""

from __future__ import annotations

import pytest

from sdkgen.code import Code, identifier, method_name
from sdkgen.render.resources import spelled_out


@pytest.mark.parametrize("word", ["list", "filter", "open", "next"])
def test_methods_may_be_named_like_a_builtin_unlike_variables(word: str) -> None:
    assert method_name(word) == word
    assert identifier(word) == f"{word}_"


@pytest.mark.parametrize("word", ["dict", "int", "str", "type", "import", "self"])
def test_method_names_are_neither_keywords_nor_neighbouring_types(word: str) -> None:
    assert method_name(word, reserved={"self"}) == f"{word}_"


@pytest.mark.parametrize(
    ("sent", "name"), [("filter[tv_channel_id]", "filter_tv_channel_id"), ("filter[series.id]", "filter_series_id")]
)
def test_brackets_and_dots_part_words(sent: str, name: str) -> None:
    assert identifier(sent) == name


@pytest.mark.parametrize(
    ("annotation", "beside_a_method_called_list"),
    [
        ("list[dict[str, list[int]]] | None", "builtins.list[dict[str, builtins.list[int]]] | None"),
        ("builtins.list[int]", "builtins.list[int]"),
        ("Literal[\"list[int]\", 'list[']", "Literal[\"list[int]\", 'list[']"),
    ],
)
def test_beside_a_method_called_list_the_type_isspelled_out(annotation: str, beside_a_method_called_list: str) -> None:
    assert spelled_out(Code(annotation)) == beside_a_method_called_list
