"""How the generated CRM.COM client reads the answers that the documentation shows, in shapes of their own."""

from __future__ import annotations

from typing import Any

import pytest

from crmcom_client.models.access_token_answer import AccessTokenAnswer
from crmcom_client.models.award_transaction_answer import AwardTransactionAnswer
from crmcom_client.models.job_answer import JobAnswer
from crmcom_client.models.job_life_cycle_state import JobLifeCycleState
from crmcom_client.models.job_list_answer import JobListAnswer
from crmcom_client.models.one_time_password_answer import OneTimePasswordAnswer
from crmcom_client.models.payment_answer import PaymentAnswer
from crmcom_client.models.purchase_answer import PurchaseAnswer
from crmcom_client.models.purchase_life_cycle_state import PurchaseLifeCycleState
from crmcom_client.models.recorded_payment_life_cycle_state import RecordedPaymentLifeCycleState
from crmcom_client.models.reset_pass_code_answer import ResetPassCodeAnswer
from crmcom_client.models.reward_offer_answer import RewardOfferAnswer
from crmcom_client.models.rewards_participant_answer import RewardsParticipantAnswer
from crmcom_client.models.service_request_cancellation_reason_list_answer import (
    ServiceRequestCancellationReasonListAnswer,
)
from crmcom_client.models.status_answer import StatusAnswer
from crmcom_client.models.wallet_answer import WalletAnswer
from crmcom_client.types import UNSET

OK = {"code": "OK", "description": "", "message": ""}


def envelope(data: Any) -> dict[str, Any]:
    return {"status": OK, "data": data}


def test_a_rewards_participant_has_custom_fields_that_survive() -> None:
    answer = RewardsParticipantAnswer.from_dict(
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

    assert answer.data
    assert answer.data.number == "29"
    assert answer.data.additional_properties == {"udf_float_1": None, "udf_string_1": "gold"}
    assert answer.data.participating_schemes_set
    assert answer.to_dict()["data"]["participating_schemes_set"][0]["scheme"]["name"] == "Points"


def test_a_purchase_is_read_with_what_it_earned() -> None:
    answer = PurchaseAnswer.from_dict(
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

    assert answer.data
    assert answer.data.life_cycle_state is PurchaseLifeCycleState.POSTED
    assert answer.data.process_immediately == "true"
    assert answer.data.award_reward_transactions_set
    assert answer.data.award_reward_transactions_set[0].amount == 1.19


def test_an_award_may_have_no_voucher_and_no_end() -> None:
    answer = AwardTransactionAnswer.from_dict(
        envelope({"amount": 16.5, "award_expiration_transaction": {"amount": 16.5}, "voucher": None})
    )

    assert answer.data
    assert answer.data.award_expiration_transaction == {"amount": 16.5}
    assert answer.data.voucher is None


def test_the_conditions_of_a_reward_offer_are_an_object_in_spite_of_their_name() -> None:
    conditions = {"product_conditions_set": [], "payment_medium_conditions_set": {}}

    answer = RewardOfferAnswer.from_dict(envelope({"number": "169", "award_conditions_set": conditions}))

    assert answer.data
    assert answer.data.award_conditions_set == conditions


def test_a_state_with_a_space_is_a_state_and_an_unknown_one_survives() -> None:
    answer = JobListAnswer.from_dict(envelope([{"life_cycle_state": "IN PROGRESS"}, {"life_cycle_state": "RESTING"}]))

    assert answer.data
    assert [each.life_cycle_state for each in answer.data] == [JobLifeCycleState.IN_PROGRESS, "RESTING"]


def test_a_job_says_which_goods_it_is_about() -> None:
    goods = [{"id": "1", "quantity": 1, "product": {"description": "Receiver", "product_type": {"name": "Receivers"}}}]

    answer = JobAnswer.from_dict(envelope({"requested_physical_goods_set": goods}))

    assert answer.data
    assert answer.data.to_dict() == {"requested_physical_goods_set": goods}


def test_reasons_say_which_is_taken_when_none_is_given() -> None:
    answer = ServiceRequestCancellationReasonListAnswer.from_dict(
        envelope([{"default": False, "name": "B"}, {"default": True, "name": "A", "description": None}])
    )

    assert answer.data
    assert [(each.name, each.default) for each in answer.data] == [("B", False), ("A", True)]


def test_a_payment_says_where_it_stands_and_who_processed_it() -> None:
    answer = PaymentAnswer.from_dict(
        envelope({"number": "P1", "life_cycle_state": "REJECTED", "processed_by_payment_gateway": "Stripe"})
    )

    assert answer.data
    assert answer.data.life_cycle_state is RecordedPaymentLifeCycleState.REJECTED
    assert answer.data.processed_by_payment_gateway == "Stripe"


def test_a_wallet_has_two_currencies_or_one() -> None:
    answer = WalletAnswer.from_dict(
        envelope({"balance": 50, "currency": {"code": "EUR"}, "alternative_currency": None})
    )

    assert answer.data
    assert answer.data.currency
    assert answer.data.currency.code == "EUR"
    assert answer.data.alternative_currency is None
    assert answer.data.opening_balance is UNSET


def test_done_has_no_data() -> None:
    assert StatusAnswer.from_dict({"status": OK}).status.code == "OK"


@pytest.mark.parametrize(
    ("kind", "data", "secret"),
    [
        (AccessTokenAnswer, {"authentication_code": "canary-4711", "number": "AT1"}, "canary-4711"),
        (ResetPassCodeAnswer, {"random_pass_code": "canary-4711", "number": "AT1"}, "canary-4711"),
        (OneTimePasswordAnswer, {"one_time_password": 471147, "number": "AT1"}, "471147"),
    ],
)
def test_what_opens_an_account_is_not_shown(kind: Any, data: dict[str, Any], secret: str) -> None:
    shown = repr(kind.from_dict(envelope(data)))

    assert "AT1" in shown
    assert secret not in shown
