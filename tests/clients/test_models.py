"""What holds for every model of every client."""

from __future__ import annotations

import copy
import datetime
import importlib
import inspect
import json
import pickle
import pkgutil
import typing
from enum import Enum
from typing import Any

import attrs
import pytest

from clients.examples import examples_of
from clients.methods import model
from clients.responses import client_of
from clients.vendors import SUBJECTS
from support.http_library import httpx
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox

SECRETS = ("password", "secret", "assertion", "pass_code", "jwt", "token")
"""How the name of a member ends that holds one."""


def modules(vendor: str) -> list[Any]:
    """The modules of a client's models."""
    package = importlib.import_module(f"{SUBJECTS[vendor].package.__name__}.models")
    names = [found.name for found in pkgutil.iter_modules(package.__path__)]
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]


def classes(vendor: str) -> list[type]:
    """The classes of a client's models."""
    return [
        found
        for module in modules(vendor)
        for _, found in inspect.getmembers(module, inspect.isclass)
        if found.__module__ == module.__name__
    ]


MODELS = [found for vendor in VENDORS for found in classes(vendor) if attrs.has(found)]
ENUMS = [found for vendor in VENDORS for found in classes(vendor) if issubclass(found, Enum)]


def name_of(kind: type) -> str:
    """For test ids: the package and the class."""
    return f"{kind.__module__.partition('.')[0]}:{kind.__name__}"


def as_json(made: Any) -> Any:
    """A model as the JSON it becomes; of files, which only multipart bodies have, the content."""
    return json.loads(json.dumps(made.to_dict(exclude_unset=True), default=lambda file: file.payload.decode()))


every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def of(vendor: str, kinds: list[Any]) -> list[Any]:
    """The classes of one vendor's client."""
    return [kind for kind in kinds if kind.__module__.partition(".")[0] == SUBJECTS[vendor].package.__name__]


def test_there_are_models_of_every_vendor() -> None:
    assert {kind.__module__.partition(".")[0] for kind in MODELS} == {
        SUBJECTS[vendor].package.__name__ for vendor in VENDORS
    }


@every_vendor
def test_a_copy_equals_its_original_and_is_sent_the_same(vendor: str) -> None:
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)):
                made = model(kind)
                for twin in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
                    assert twin == made
                    assert as_json(twin) == as_json(made)


@every_vendor
def test_what_is_read_again_is_the_same(vendor: str) -> None:
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)):
                written = as_json(model(kind))
                assert as_json(kind.from_dict(written)) == written


@every_vendor
@pytest.mark.parametrize("value", [None, [], "text", 7])
def test_what_is_no_object_is_a_decode_error(vendor: str, value: object) -> None:
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)), pytest.raises(SUBJECTS[vendor].package.DecodeError):
                kind.from_dict(value)


@every_vendor
def test_type_hints_resolve_without_help(vendor: str) -> None:
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)):
                assert set(typing.get_type_hints(kind)) == {field.name for field in attrs.fields(kind)}
                for method in ("from_dict", "to_dict"):
                    assert "return" in typing.get_type_hints(getattr(kind, method))


@every_vendor
def test_no_repr_shows_an_address_or_a_secret(vendor: str) -> None:
    with all_pass() as check:
        for kind in of(vendor, MODELS):
            with check(name_of(kind)):
                made = model(kind)
                for name in typing.get_type_hints(kind):
                    if name.endswith(SECRETS):
                        setattr(made, name, "canary-4711")
                assert "canary-4711" not in repr(made)
                assert " 0x" not in repr(made)


@pytest.mark.parametrize("kind", ENUMS, ids=name_of)
def test_an_unknown_enumeration_value_is_kept(kind: Any) -> None:
    known = next(iter(kind))
    read = [kind.from_json(value) for value in [known.value] * 50 + ["UNHEARD OF"] + [known.value] * 49]
    assert read[0] is known
    assert read[50] == "UNHEARD OF"
    assert not isinstance(read[50], kind)


def test_one_unknown_value_does_not_lose_the_page() -> None:
    """A hundred cases, one of them with an action that this client has never heard of."""
    from athena_crm_client.models import CasePage

    example = next(e for e in examples_of("athena-crm") if e.operation_id == "listCases" and e.status == "200")
    row = example.value["results"][0]
    rows = [{**row, "alert_risk_rating": "Molten" if number == 41 else "Unrated"} for number in range(100)]
    page = {**example.value, "results": rows}
    read = CasePage.from_dict(page)
    assert read.to_dict(exclude_unset=True) == page


def test_a_date_of_crmcom_is_a_datetime_and_another_text_breaks_nothing() -> None:
    from crmcom_client.models import Payment

    sent = {"issued_on": "2026-07-28T13:58:40", "posted_on": None, "received_on": "2026-07-28"}
    payment = Payment.from_dict(sent)
    assert payment.issued_on == datetime.datetime(2026, 7, 28, 13, 58, 40)
    assert (payment.posted_on, payment.received_on) == (None, "2026-07-28")
    assert payment.to_dict(exclude_unset=True) == sent


def test_a_date_is_sent_in_the_format_of_crmcom(vendors: Sandbox) -> None:
    seen: list[httpx.Request] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"status": {"code": "OK"}, "data": []})

    moment = datetime.datetime(2026, 7, 28, 13, 58, 40, 123)
    with client_of("crmcom", vendors, respond) as client:
        for date in (moment, "2026-07-28T13:58:40"):
            client.purchases.list(submitted_after_date=date, accounts_receivable_identifier={"id": "1"})
            client.products.list(type_identifier="id=1", as_of_date_valid=date)
    assert {json.loads(one.content)["submitted_after_date"] for one in seen if one.method == "POST"} == {
        "2026-07-28T13:58:40"
    }
    assert {one.url.params["as_of_date_valid"] for one in seen if one.method == "GET"} == {"2026-07-28T13:58:40"}


def test_an_object_of_an_unknown_kind_stays_as_it_is() -> None:
    from amino_client.models import ProgramDocument

    example = next(e for e in examples_of("amino") if e.operation_id == "getProgram" and e.status == "200")
    written = {**example.value, "included": [{"type": "Hologram", "id": "1", "attributes": {"depth": 3}}]}
    assert ProgramDocument.from_dict(written).to_dict(exclude_unset=True) == written


@every_vendor
def test_unset_is_one_object_for_ever(vendor: str) -> None:
    unset = SUBJECTS[vendor].package.UNSET
    assert copy.copy(unset) is copy.deepcopy(unset) is pickle.loads(pickle.dumps(unset)) is unset
    assert (repr(unset), bool(unset)) == ("UNSET", False)
