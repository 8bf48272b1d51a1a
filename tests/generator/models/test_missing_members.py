"""A member that an object lacks is ``None`` to read, and stays different from one that is ``null``."""

from __future__ import annotations

import copy
import csv
import io
import json
import pickle
import typing
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.packages import GenerateModels, Models

CONTACT = """
Contact:
  type: object
  required: [id, since]
  properties:
    id: {type: integer}
    since: {type: string, format: date, readOnly: true}
    firstName: {type: string}
    title: {type: [string, 'null']}
    born: {type: string, format: date}
    home: {$ref: Address}
    others: {type: array, items: {$ref: Address}}
    is_set: {type: boolean}
    secret: {type: string, format: password}
Address:
  type: object
  properties: {city: {type: string}, lines: {type: object, additionalProperties: {$ref: Address}}}
"""
READ = {"id": 1, "since": "2024-02-29", "title": None, "home": {}, "others": [{"city": None}], "new": 5}


@pytest.fixture
def package(generate: GenerateModels) -> Models:
    return generate(CONTACT)


@pytest.fixture
def contact(package: Models) -> Any:
    return package.Contact.from_dict(READ)


def test_what_is_missing_reads_as_none_and_is_told_apart_where_asked(package: Models, contact: Any) -> None:
    assert (contact.first_name, contact.title, contact.home.city) == (None, None, None)
    assert [contact.is_set(name) for name in ("first_name", "title", "home", "is_set_")] == [False, True, True, False]
    assert contact.to_dict(exclude_unset=True) == READ
    assert contact == package.Contact.from_dict(READ)
    assert contact != package.Contact.from_dict({name: value for name, value in READ.items() if name != "title"})
    for name in ("firstName", "frist_name", "to_dict", "additional_properties"):
        with pytest.raises(AttributeError, match=f"Contact has no member '{name}'"):
            contact.is_set(name)
    with pytest.raises(AttributeError, match="did you mean 'first_name'"):
        contact.is_set("frist_name")
    with pytest.raises(AttributeError, match="frist_name"):
        contact.frist_name = "Ada"
    with pytest.raises(AttributeError, match="frist_name"):
        _ = contact.frist_name


def test_a_member_can_be_removed_and_set_to_null(package: Models, contact: Any) -> None:
    contact.first_name, contact.born, contact.home = "Ada", None, package.Address(city="Oslo")
    contact.others = package.module("types").UNSET
    del contact.title
    assert contact.to_dict(exclude_unset=True) == {
        "id": 1, "since": "2024-02-29", "firstName": "Ada", "born": None, "home": {"city": "Oslo"}, "new": 5,
    }  # fmt: skip
    assert (contact.others, contact.title) == (None, None)
    contact.title = contact.title
    assert contact.is_set("title"), "None was assigned"
    with pytest.raises(AttributeError, match="Contact requires 'id'"):
        del contact.id
    assert package.Contact(id=1).to_json() == '{"id": 1}'


def test_the_keys_of_a_dict_are_always_the_same(package: Models, contact: Any) -> None:
    names = ["id", "since", "firstName", "title", "born", "home", "others", "is_set", "secret"]
    rows = [package.Contact(id=2).to_dict(), {**contact.to_dict(), "home": None, "others": None}]
    assert [list(row) for row in rows] == [names, [*names, "new"]]
    assert contact.to_dict()["others"] == [{"city": None, "lines": None}]
    written = io.StringIO()
    table = csv.DictWriter(written, names, extrasaction="ignore", lineterminator="\n")
    table.writerows(rows)
    assert written.getvalue() == "2,,,,,,,,\n1,2024-02-29,,,,,,,\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations([*READ, "born"]), st.permutations(["city", "lines", "x"]))
def test_what_was_read_is_written_byte_for_byte(package: Models, members: list[str], inner: list[str]) -> None:
    home = {name: None if name == "lines" else "a" for name in inner}
    text = json.dumps({name: {**READ, "born": None, "home": home, "new": 5}[name] for name in members})
    read = package.Contact.from_dict(json.loads(text))
    for twin in (read, copy.deepcopy(read), pickle.loads(pickle.dumps(read)), read.replace()):
        assert json.dumps(twin.to_dict(exclude_unset=True)) == text
    read.first_name = "Ada"
    assert list(read.to_dict(exclude_unset=True))[: len(members)] == members
    assert read == package.Contact.from_dict({**json.loads(text), "firstName": "Ada"}), "the order is no difference"


def test_json_text_is_read_and_written(package: Models, contact: Any) -> None:
    assert package.Contact.from_json(contact.to_json(indent=2)) == contact
    assert package.Contact.from_json(b'{"id": 1, "since": "2024-02-29"}').id == 1
    deep = "[" * 10**5
    for text, reason in (("{", "not JSON"), (b"\xff", "not JSON"), ("7", "an object"), (deep, "nested too deeply")):
        with pytest.raises(package.decode_error, match=reason):
            package.Contact.from_json(text)


def test_copies_of_any_kind_lack_what_the_original_lacks(package: Models, contact: Any) -> None:
    twins = (copy.copy(contact), copy.deepcopy(contact), pickle.loads(pickle.dumps(contact)), contact.replace())
    for twin in (*twins, contact.__replace__()):
        assert type(twin) is package.Contact
        assert (twin == contact, twin.to_dict(exclude_unset=True)) == (True, READ)
    changed = contact.replace(first_name="Ada", title=package.module("types").UNSET)
    assert (changed.first_name, changed.is_set("title"), contact.first_name) == ("Ada", False, None)
    changed.additional_properties["more"] = 1
    assert "more" not in contact.additional_properties
    with pytest.raises(TypeError, match="keyword argument 'frist_name'; did you mean 'first_name'"):
        contact.replace(frist_name="Ada")
    with pytest.raises(TypeError, match=r"into null; use Contact\.replace\(\)"):
        attrs.evolve(contact, first_name="Ada")


def test_a_repr_shows_what_is_set_and_no_secret(package: Models, contact: Any) -> None:
    contact.secret = "hunter2"
    assert repr(contact) == (
        "Contact(id=1, since=datetime.date(2024, 2, 29), title=None, home=Address(), others=[Address(city=None)],"
        " secret=****, additional_properties=****)"
    )
    address = package.Address()
    address.lines = {"itself": address}
    assert repr(address) == "Address(lines={'itself': ...})"


def test_attrs_and_type_hints_see_the_members_only(package: Models, contact: Any) -> None:
    names = [field.name for field in attrs.fields(package.Contact)]
    assert list(typing.get_type_hints(package.Contact)) == names
    assert typing.get_type_hints(package.Contact)["first_name"] == str | None
    assert attrs.asdict(contact)["home"] == {"city": None, "lines": None, "additional_properties": {}}
    shown = [name for name in dir(contact) if not name.startswith("_")]
    assert sorted({*shown} - {*names}) == [
        "READ_ONLY",
        "from_dict",
        "from_json",
        "is_set",
        "replace",
        "to_dict",
        "to_json",
    ]
    assert [name for name in dir(package.module("types").UNSET) if not name.startswith("_")] == []
