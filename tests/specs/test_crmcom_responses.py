"""How the generated CRM.COM client reads the responses that the documentation shows, in shapes of their own."""

from __future__ import annotations

from typing import Any

import pytest

from crmcom_client.models.access_token_response import AccessTokenResponse
from crmcom_client.models.award_transaction_response import AwardTransactionResponse
from crmcom_client.models.job_life_cycle_state import JobLifeCycleState
from crmcom_client.models.job_list_response import JobListResponse
from crmcom_client.models.job_response import JobResponse
from crmcom_client.models.one_time_password_response import OneTimePasswordResponse
from crmcom_client.models.payment_response import PaymentResponse
from crmcom_client.models.purchase_life_cycle_state import PurchaseLifeCycleState
from crmcom_client.models.purchase_response import PurchaseResponse
from crmcom_client.models.recorded_payment_life_cycle_state import RecordedPaymentLifeCycleState
from crmcom_client.models.reset_pass_code_response import ResetPassCodeResponse
from crmcom_client.models.reward_offer_response import RewardOfferResponse
from crmcom_client.models.rewards_participant_response import RewardsParticipantResponse
from crmcom_client.models.service_request_cancellation_reason_list_response import (
    ServiceRequestCancellationReasonListResponse,
)
from crmcom_client.models.status_response import StatusResponse
from crmcom_client.models.wallet_response import WalletResponse

OK = {"code": "OK", "description": "", "message": ""}


def envelope(data: Any) -> dict[str, Any]:
    return {"status": OK, "data": data}


def test_a_rewards_participant_has_custom_fields_that_survive() -> None:
    response = RewardsParticipantResponse.from_dict(
        {
            "status": {"message": None, "description": None, "code": "OK"},
            "data": {
                "sign_up_on": "2026-02-03T09:00:35",
                "udf_float_1": None,
                "udf_string_1": "gold",
                "number": "29",
                "sign_up_by_unit": {"community_name": "Main", "group_name": "", "name": "Marketing", "id": "1"},
                "participating_schemes_set": [{"scheme": {"life_cycle_state": "EFFECTIVE", "name": "Points"}}],
            },
        }
    )

    assert response.data
    assert response.data.number == "29"
    assert response.data.additional_properties == {"udf_float_1": None, "udf_string_1": "gold"}
    assert response.data.participating_schemes_set
    assert response.to_dict(exclude_unset=True)["data"]["participating_schemes_set"][0]["scheme"]["name"] == "Points"


def test_a_purchase_is_read_with_what_it_earned() -> None:
    response = PurchaseResponse.from_dict(
        envelope(
            {
                "id": "1",
                "life_cycle_state": "POSTED",
                "process_immediately": "true",
                "total_amount": 11.9,
                "products_set": [{"quantity": 1, "product": {"code": "P", "product_type": {"service_type": None}}}],
                "award_reward_transactions_set": [{"number": "2144", "amount": 1.19, "life_cycle_state": "POSTED"}],
            }
        )
    )

    assert response.data
    assert response.data.life_cycle_state is PurchaseLifeCycleState.POSTED
    assert response.data.process_immediately == "true"
    assert response.data.award_reward_transactions_set
    assert response.data.award_reward_transactions_set[0].amount == 1.19


def test_an_award_may_have_no_voucher_and_no_end() -> None:
    response = AwardTransactionResponse.from_dict(
        envelope({"amount": 16.5, "award_expiration_transaction": {"amount": 16.5}, "voucher": None})
    )

    assert response.data
    assert response.data.award_expiration_transaction == {"amount": 16.5}
    assert response.data.voucher is None


def test_the_conditions_of_a_reward_offer_are_an_object() -> None:
    """Their name ends in ``_set``, as that of a list does."""
    conditions = {"product_conditions_set": [], "payment_medium_conditions_set": {}}

    response = RewardOfferResponse.from_dict(envelope({"number": "169", "award_conditions_set": conditions}))

    assert response.data
    assert response.data.award_conditions_set == conditions


def test_states_with_spaces_and_unknown_states_are_kept() -> None:
    response = JobListResponse.from_dict(
        envelope([{"life_cycle_state": "IN PROGRESS"}, {"life_cycle_state": "RESTING"}])
    )

    assert response.data
    assert [each.life_cycle_state for each in response.data] == [JobLifeCycleState.IN_PROGRESS, "RESTING"]


def test_a_job_says_which_goods_it_is_about() -> None:
    goods = [{"id": "1", "quantity": 1, "product": {"description": "Receiver", "product_type": {"name": "Receivers"}}}]

    response = JobResponse.from_dict(envelope({"requested_physical_goods_set": goods}))

    assert response.data
    assert response.data.to_dict(exclude_unset=True) == {"requested_physical_goods_set": goods}


def test_reasons_say_which_is_taken_when_none_is_given() -> None:
    response = ServiceRequestCancellationReasonListResponse.from_dict(
        envelope([{"default": False, "name": "B"}, {"default": True, "name": "A", "description": None}])
    )

    assert response.data
    assert [(each.name, each.default) for each in response.data] == [("B", False), ("A", True)]


def test_a_payment_says_where_it_stands_and_who_processed_it() -> None:
    response = PaymentResponse.from_dict(
        envelope({"number": "P1", "life_cycle_state": "REJECTED", "processed_by_payment_gateway": "Stripe"})
    )

    assert response.data
    assert response.data.life_cycle_state is RecordedPaymentLifeCycleState.REJECTED
    assert response.data.processed_by_payment_gateway == "Stripe"


def test_a_wallet_has_two_currencies_or_one() -> None:
    response = WalletResponse.from_dict(
        envelope({"balance": 50, "currency": {"code": "EUR"}, "alternative_currency": None})
    )

    assert response.data
    assert response.data.currency
    assert response.data.currency.code == "EUR"
    assert response.data.alternative_currency is None
    assert response.data.opening_balance is None


def test_done_has_no_data() -> None:
    assert StatusResponse.from_dict({"status": OK}).status.code == "OK"


@pytest.mark.parametrize(
    ("kind", "data", "secret"),
    [
        (AccessTokenResponse, {"authentication_code": "canary-4711", "number": "AT1"}, "canary-4711"),
        (ResetPassCodeResponse, {"random_pass_code": "canary-4711", "number": "AT1"}, "canary-4711"),
        (OneTimePasswordResponse, {"one_time_password": 471147, "number": "AT1"}, "471147"),
    ],
)
def test_what_opens_an_account_is_not_shown(kind: Any, data: dict[str, Any], secret: str) -> None:
    shown = repr(kind.from_dict(envelope(data)))

    assert "AT1" in shown
    assert secret not in shown
