"""What the generated CRM.COM client puts into requests, by the spec."""

from __future__ import annotations

import json
from typing import Any

import pytest
from attrs import fields_dict

from crmcom_client._runtime.request import RequestParts
from crmcom_client.errors import InvalidArgument
from crmcom_client.models.accounts_receivable_identifier import AccountsReceivableIdentifier
from crmcom_client.models.category_identifier import CategoryIdentifier
from crmcom_client.models.consumer_access_token_identifier import ConsumerAccessTokenIdentifier
from crmcom_client.models.consumer_access_token_otp_identifier import ConsumerAccessTokenOtpIdentifier
from crmcom_client.models.contact_information_identifier import ContactInformationIdentifier
from crmcom_client.models.create_payment_request import CreatePaymentRequest
from crmcom_client.models.create_purchase_request import CreatePurchaseRequest
from crmcom_client.models.named_identifier import NamedIdentifier
from crmcom_client.models.numbered_identifier import NumberedIdentifier
from crmcom_client.models.product_identifier import ProductIdentifier
from crmcom_client.models.purchased_product_input import PurchasedProductInput
from crmcom_client.models.rewards_participant_identifier import RewardsParticipantIdentifier
from crmcom_client.models.temporary_resolution_input import TemporaryResolutionInput
from crmcom_client.models.user_identifier import UserIdentifier
from crmcom_client.operations.access_tokens import change_pass_code, show_access_token
from crmcom_client.operations.authentication import create_consumer_token, release_token
from crmcom_client.operations.contact_information import update_contact_information
from crmcom_client.operations.jobs import cancel_job, list_draft_jobs
from crmcom_client.operations.payments import create_payment
from crmcom_client.operations.products import list_products
from crmcom_client.operations.purchases import create_purchase, list_purchases, preview_purchase
from crmcom_client.operations.reward_offers import show_reward_offer
from crmcom_client.operations.rewards_participants import show_rewards_participant
from crmcom_client.operations.service_requests import create_service_request, resolve_service_request_temporarily
from crmcom_client.operations.subscriptions import show_subscription

ACCOUNT = AccountsReceivableIdentifier(number="ACR0000000001")


def body(request: RequestParts) -> object:
    """What the request's body says."""
    return json.loads(request.content or b"")


@pytest.mark.parametrize(
    ("identifier", "query"),
    [
        ("number=S0000000001", "subscription_identifier=number=S0000000001"),
        ("name=A&B", "subscription_identifier=name=A%26B"),
        ("name=A+B #1", "subscription_identifier=name=A%2BB%20%231"),
    ],
)
def test_an_identifier_keeps_its_equals_sign_and_escapes_delimiters(identifier: str, query: str) -> None:
    assert show_subscription.build_request(subscription_identifier=identifier).query == query


def test_a_local_time_has_no_zone_on_the_wire() -> None:
    sent = list_products.build_request(as_of_date_valid="2026-07-28T13:58:40")

    assert sent.query == "as_of_date_valid=2026-07-28T13%3A58%3A40"


def test_an_omitted_member_is_not_sent_and_none_clears_it() -> None:
    identifier = ContactInformationIdentifier(id="1")

    sent = update_contact_information.build_request(contact_information_identifier=identifier, middle_name=None)

    assert json.loads(sent.content or b"") == {"contact_information_identifier": {"id": "1"}, "middle_name": None}


def test_the_token_of_a_body_is_nobody_elses_business() -> None:
    sent = create_payment.build_request(
        type_identifier=NamedIdentifier(name="Payment"),
        life_cycle_state="POSTED",
        payment_method_identifier=NamedIdentifier(name="Cash"),
        payment_amount=10,
        wallet_identifier=NumberedIdentifier(number="W1"),
    )

    assert "token" not in fields_dict(CreatePaymentRequest)
    assert json.loads(sent.content or b"") == {
        "type_identifier": {"name": "Payment"},
        "life_cycle_state": "POSTED",
        "payment_method_identifier": {"name": "Cash"},
        "payment_amount": 10,
        "wallet_identifier": {"number": "W1"},
    }


def test_a_body_with_only_the_token_takes_no_argument() -> None:
    assert release_token.build_request().content == b"{}"


# --- what excludes what

CARD = ConsumerAccessTokenIdentifier(authentication_code="CARD")
LOGIN: dict[str, Any] = {"identifier": "ada", "pass_code": "4711"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"access_token_identifier": CARD, "unit": "1"}, None),
        ({"access_token_identifier": ConsumerAccessTokenIdentifier(**LOGIN)}, None),
        ({"jwt": "J", "organisation": "O", "unit": "1"}, None),
        ({}, "exactly one of: access_token_identifier; jwt with organisation. Given: none of them"),
        ({"jwt": "J"}, "exactly one of"),
        ({"organisation": "O"}, "exactly one of"),
        ({"access_token_identifier": CARD, "jwt": "J", "organisation": "O"}, "exactly one of"),
        ({"access_token_identifier": CARD, "jwt": "J"}, "takes jwt only with organisation"),
        ({"access_token_identifier": CARD, "organisation": "O"}, "takes organisation only with jwt"),
        ({"access_token_identifier": ConsumerAccessTokenIdentifier(identifier="ada")}, "exactly one of"),
        (
            {"access_token_identifier": ConsumerAccessTokenIdentifier(authentication_code="C", identifier="ada")},
            "takes identifier only with pass_code",
        ),
        (
            {"access_token_identifier": ConsumerAccessTokenIdentifier(authentication_code="C", **LOGIN)},
            "exactly one of",
        ),
    ],
)
def test_a_consumer_is_identified_in_one_of_the_documented_combinations(
    arguments: dict[str, Any], message: str | None
) -> None:
    if message is None:
        assert create_consumer_token.build_request(**arguments).content
        return
    with pytest.raises(InvalidArgument, match=message):
        create_consumer_token.build_request(**arguments)


# --- as the documentation's own requests


def test_a_rewards_participant_is_selected_by_a_plain_number() -> None:
    sent = show_rewards_participant.build_request(
        rewards_participant_identifier=RewardsParticipantIdentifier(number="29")
    )

    assert body(sent) == {"rewards_participant_identifier": {"number": "29"}}


def test_a_reward_offer_is_selected_in_the_url() -> None:
    sent = show_reward_offer.build_request(reward_offer_identifier="number=169")

    assert (sent.path, sent.query) == ("/reward_offers/show", "reward_offer_identifier=number=169")


def test_an_access_token_is_named_by_identifier_and_pass_code() -> None:
    """Both are in the body."""
    identifier = ConsumerAccessTokenIdentifier(identifier="ada@consumer.example", pass_code="4711")

    assert body(show_access_token.build_request(access_token_identifier=identifier)) == {
        "access_token_identifier": {"identifier": "ada@consumer.example", "pass_code": "4711"}
    }


def test_an_account_is_selected_by_a_one_time_password() -> None:
    account = AccountsReceivableIdentifier(
        access_token_identifier=ConsumerAccessTokenOtpIdentifier(one_time_password=120034)
    )

    assert body(list_purchases.build_request(accounts_receivable_identifier=account)) == {
        "accounts_receivable_identifier": {"access_token_identifier": {"one_time_password": 120034}}
    }


def test_a_changed_pass_code_goes_alone() -> None:
    assert body(change_pass_code.build_request(pass_code="0815")) == {"pass_code": "0815"}


def test_a_service_request_has_its_mandatory_members() -> None:
    sent = create_service_request.build_request(
        type_identifier=NamedIdentifier(name="Fault"),
        accounts_receivable_identifier=ACCOUNT,
        status_identifier=NamedIdentifier(name="Open"),
        category_identifier=CategoryIdentifier(code="NC"),
        caller_email="ada@consumer.example",
    )

    assert sent.path == "/service_requests/create"
    assert body(sent) == {
        "type_identifier": {"name": "Fault"},
        "accounts_receivable_identifier": {"number": "ACR0000000001"},
        "status_identifier": {"name": "Open"},
        "category_identifier": {"code": "NC"},
        "caller_email": "ada@consumer.example",
    }


def test_a_temporary_resolution_stands_in_an_object_of_its_own() -> None:
    resolution = TemporaryResolutionInput(
        category_identifier=CategoryIdentifier(code="LENT"),
        temporary_resolved_by_identifier=UserIdentifier(username="reporting"),
        temporary_resolution_date="2026-07-28T13:58:40",
    )

    sent = resolve_service_request_temporarily.build_request(
        service_request_identifier=NumberedIdentifier(number="SR00000001"), temporary_resolution=resolution
    )

    assert sent.path == "/service_requests/temporary_resolve"
    assert body(sent) == {
        "service_request_identifier": {"number": "SR00000001"},
        "temporary_resolution": {
            "category_identifier": {"code": "LENT"},
            "temporary_resolved_by_identifier": {"username": "reporting"},
            "temporary_resolution_date": "2026-07-28T13:58:40",
        },
    }


def test_a_purchase_is_a_body_of_its_own() -> None:
    purchase = CreatePurchaseRequest(
        accounts_receivable_identifier=ACCOUNT,
        performed_on="2026-07-28T13:58:40",
        reference_number="RECEIPT-2",
        products_set=[
            PurchasedProductInput(
                product_identifier=ProductIdentifier(code="BROADBAND"), net_amount=10, vat_amount=1.9, total_amount=11.9
            )
        ],
    )

    assert body(create_purchase.build_request(body=purchase)) == {
        "accounts_receivable_identifier": {"number": "ACR0000000001"},
        "performed_on": "2026-07-28T13:58:40",
        "reference_number": "RECEIPT-2",
        "products_set": [
            {"product_identifier": {"code": "BROADBAND"}, "net_amount": 10, "vat_amount": 1.9, "total_amount": 11.9}
        ],
    }


def test_members_that_nobody_could_read_are_given_by_name() -> None:
    sent = preview_purchase.build_request(
        accounts_receivable_identifier=ACCOUNT, additional_members={"reference_number": "RECEIPT-3"}
    )

    assert body(sent) == {
        "accounts_receivable_identifier": {"number": "ACR0000000001"},
        "reference_number": "RECEIPT-3",
    }


def test_a_list_is_paged_in_gets_query_and_posts_body() -> None:
    read = list_draft_jobs.build_request(number_of_results=20, offset=0)
    posted = list_purchases.build_request(accounts_receivable_identifier=ACCOUNT, number_of_results=20, offset=0)

    assert read.query == "number_of_results=20&offset=0"
    assert body(posted) == {
        "accounts_receivable_identifier": {"number": "ACR0000000001"},
        "number_of_results": 20,
        "offset": 0,
    }


def test_a_job_is_cancelled_with_what_it_provided() -> None:
    sent = cancel_job.build_request(
        job_identifier=NumberedIdentifier(number="J0000000001"),
        cancellation_reason_identifier=NamedIdentifier(name="Regret"),
        cancel_provided_items=True,
    )

    assert body(sent) == {
        "job_identifier": {"number": "J0000000001"},
        "cancellation_reason_identifier": {"name": "Regret"},
        "cancel_provided_items": True,
    }
