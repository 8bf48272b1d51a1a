"""What the generated CRM.COM client puts into requests, by the spec."""

from __future__ import annotations

import json

import pytest
from attrs import fields_dict

from crmcom_client.models.contact_information_identifier import ContactInformationIdentifier
from crmcom_client.models.create_payment_request import CreatePaymentRequest
from crmcom_client.models.named_identifier import NamedIdentifier
from crmcom_client.operations.authentication import release_token
from crmcom_client.operations.contact_information import update_contact_information
from crmcom_client.operations.payments import create_payment
from crmcom_client.operations.products import list_products
from crmcom_client.operations.subscriptions import show_subscription


@pytest.mark.parametrize(
    ("identifier", "query"),
    [
        ("number=S0000000001", "subscription_identifier=number=S0000000001"),
        ("name=A&B", "subscription_identifier=name=A%26B"),
        ("name=A+B #1", "subscription_identifier=name=A%2BB%20%231"),
    ],
)
def test_an_identifier_keeps_its_equals_sign_and_nothing_that_would_end_it(identifier: str, query: str) -> None:
    assert show_subscription.build_request(subscription_identifier=identifier).query == query


def test_a_local_time_has_no_zone_on_the_wire() -> None:
    sent = list_products.build_request(as_of_date_valid="2026-07-28T13:58:40")

    assert sent.query == "as_of_date_valid=2026-07-28T13%3A58%3A40"


def test_what_is_left_out_of_an_update_is_not_sent_and_none_clears() -> None:
    identifier = ContactInformationIdentifier(id="1")

    sent = update_contact_information.build_request(contact_information_identifier=identifier, middle_name=None)

    assert json.loads(sent.content or b"") == {"contact_information_identifier": {"id": "1"}, "middle_name": None}


def test_the_token_of_a_body_is_nobody_elses_business() -> None:
    sent = create_payment.build_request(
        type_identifier=NamedIdentifier(name="Payment"),
        life_cycle_state="POSTED",
        payment_method_identifier=NamedIdentifier(name="Cash"),
        payment_amount=10,
    )

    assert "token" not in fields_dict(CreatePaymentRequest)
    assert json.loads(sent.content or b"") == {
        "type_identifier": {"name": "Payment"},
        "life_cycle_state": "POSTED",
        "payment_method_identifier": {"name": "Cash"},
        "payment_amount": 10,
    }


def test_a_body_of_nothing_but_the_token_asks_for_no_argument() -> None:
    assert release_token.build_request().content == b"{}"
