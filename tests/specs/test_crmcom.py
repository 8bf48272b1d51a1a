"""What the spec says of CRM.COM's operations and of how values are written; its tokens are in test_crmcom_tokens.py."""

from __future__ import annotations

import re

import pytest

from specs.reading import each_operation, schema

VENDOR = "crmcom"
SCHEME = "apiToken"
SERVERS = {"base_url": "https://crm.example/crmapi/rest/v2"}
OK = {"code": "OK", "description": "", "message": ""}


def test_operations_are_where_the_vendor_has_them() -> None:
    assert [(each.method, each.path, each.definition["operationId"]) for each in each_operation(VENDOR)] == [
        ("POST", "/authentication/consumer_application_key/token", "createConsumerToken"),
        ("POST", "/authentication/web_api_key/token", "createWebApiToken"),
        ("POST", "/authentication/token", "createUserToken"),
        ("POST", "/authentication/token/release", "releaseToken"),
        ("GET", "/contact_information/show", "showContactInformation"),
        ("POST", "/contact_information/create", "createContactInformation"),
        ("POST", "/contact_information/update", "updateContactInformation"),
        ("GET", "/accounts_receivable/show", "showAccountsReceivable"),
        ("POST", "/accounts_receivable/show", "showAccountsReceivableOfConsumer"),
        ("GET", "/accounts_receivable/list", "listAccountsReceivable"),
        ("POST", "/accounts_receivable/create", "createAccountsReceivable"),
        ("GET", "/accounts_receivable/suspense_account/show", "showSuspenseAccount"),
        ("GET", "/accounts_receivable/configuration/payment_preferences/list", "listPaymentPreferences"),
        ("POST", "/accounts_receivable/rewards/request_scheme_reference_code", "requestSchemeReferenceCode"),
        ("GET", "/wallets/show", "showWallet"),
        ("GET", "/wallets/list", "listWallets"),
        ("POST", "/wallets/get_balance", "getWalletBalance"),
        ("POST", "/wallets/get_expiring_balance", "getExpiringWalletBalance"),
        ("GET", "/payments/show", "showPayment"),
        ("GET", "/payments/list", "listPayments"),
        ("POST", "/payments/create", "createPayment"),
        ("GET", "/subscriptions/show", "showSubscription"),
        ("GET", "/subscriptions/list", "listSubscriptions"),
        ("GET", "/subscriptions/services/configuration/add_services/list", "listServicesToAdd"),
        ("GET", "/products/show", "showProduct"),
        ("GET", "/products/list", "listProducts"),
        ("GET", "/access_tokens/list", "listAccessTokens"),
        ("GET", "/access_tokens/get_not_associated", "listUnassociatedAccessTokens"),
        ("GET", "/access_tokens/configuration/classifications/list", "listAccessTokenClassifications"),
        ("POST", "/access_tokens/show", "showAccessToken"),
        ("POST", "/access_tokens/create", "createAccessToken"),
        ("POST", "/access_tokens/generate_otp", "generateOneTimePassword"),
        ("POST", "/access_tokens/reset_pass_code", "resetPassCode"),
        ("POST", "/access_tokens/forgot_pass_code", "requestPassCode"),
        ("POST", "/access_tokens/change_pass_code", "changePassCode"),
        ("GET", "/rewards_participants/list", "listRewardsParticipants"),
        ("POST", "/rewards_participants/show", "showRewardsParticipant"),
        ("GET", "/reward_offers/show", "showRewardOffer"),
        ("POST", "/reward_offers/list", "listRewardOffers"),
        ("POST", "/reward_offers/get_applicable", "listApplicableRewardOffers"),
        ("GET", "/reward_transactions/awards/show", "showAwardTransaction"),
        ("GET", "/customer_events/purchases/show", "showPurchase"),
        ("POST", "/customer_events/purchases/create", "createPurchase"),
        ("POST", "/customer_events/purchases/create_spend", "createPurchaseWithSpend"),
        ("POST", "/customer_events/purchases/cancel", "cancelPurchase"),
        ("POST", "/customer_events/purchases/list", "listPurchases"),
        ("POST", "/customer_events/purchases/preview", "previewPurchase"),
        ("POST", "/customer_events/purchases/apply_settlement", "applySettlement"),
        ("POST", "/customer_events/web/create", "createWebEvent"),
        ("GET", "/customer_events/configuration/classifications/list", "listCustomerEventClassifications"),
        ("POST", "/service_requests/create", "createServiceRequest"),
        ("GET", "/service_requests/show", "showServiceRequest"),
        ("GET", "/service_requests/list", "listServiceRequests"),
        ("POST", "/service_requests/response_accept", "acceptServiceRequestResponse"),
        ("POST", "/service_requests/temporary_resolve", "resolveServiceRequestTemporarily"),
        ("GET", "/service_requests/configuration/types/list", "listServiceRequestTypes"),
        ("GET", "/service_requests/configuration/statuses/list", "listServiceRequestStatuses"),
        ("GET", "/service_requests/configuration/services/list", "listServiceRequestServices"),
        ("GET", "/service_requests/configuration/cancellation_reasons/list", "listServiceRequestCancellationReasons"),
        ("GET", "/activities/show", "showActivity"),
        ("GET", "/activities/configuration/types/list", "listActivityTypes"),
        ("GET", "/activities/configuration/statuses/list", "listActivityStatuses"),
        ("GET", "/activities/configuration/cancellation_reasons/list", "listActivityCancellationReasons"),
        ("GET", "/jobs/all_scopes/get_draft", "listDraftJobs"),
        ("POST", "/jobs/all_scopes/start_progress", "startJob"),
        ("POST", "/jobs/all_scopes/complete", "completeJob"),
        ("POST", "/jobs/all_scopes/cancel", "cancelJob"),
        ("GET", "/jobs/deactivate_subscription/show", "showDeactivateSubscriptionJob"),
        ("GET", "/jobs/cancel_subscription_services/show", "showCancelServicesJob"),
        ("GET", "/jobs/configuration/cancellation_reasons/list", "listJobCancellationReasons"),
        ("POST", "/perception/subscriber/authenticate", "authenticateSubscriber"),
        ("GET", "/workflow_rules/show", "showWorkflowRule"),
        ("GET", "/workflow_rules/list", "listWorkflowRules"),
    ]


def test_unread_paths_deduce_only_verbs_common_to_all_entities() -> None:
    deduced = [each.path for each in each_operation(VENDOR) if each.definition["x-source"]["kind"] == "inferred"]

    assert deduced
    assert {path.rpartition("/")[2] for path in deduced} <= {"show", "list", "create"}


def test_a_deduced_path_is_reported_to_whoever_calls_it() -> None:
    for each in each_operation(VENDOR):
        if each.definition["x-source"].get("reason", "").endswith("which follows from its name."):
            assert "path is a deduction" in " ".join(each.definition["description"].split())


def test_what_is_deprecated_says_from_which_release_on() -> None:
    deprecated = {
        each.definition["operationId"]: each.definition["x-deprecation"]["since"]
        for each in each_operation(VENDOR)
        if each.definition.get("deprecated")
    }

    assert deprecated == {
        "releaseToken": "R12.0.0",
        "createWebEvent": "R15.0.0",
        "resetPassCode": "R16.12.0",
        "createPurchaseWithSpend": "R17.0.0",
        "listRewardsParticipants": "R17.0.0",
        "showRewardsParticipant": "R17.0.0",
        "changePassCode": "R18.0.0",
        "listAccessTokenClassifications": "R18.0.0",
        "listAccessTokens": "R18.0.0",
        "listWorkflowRules": "R18.0.0",
        "requestPassCode": "R18.0.0",
        "showWorkflowRule": "R18.0.0",
    }


def test_posts_that_merely_read_may_be_sent_again() -> None:
    safe = {each.definition["operationId"] for each in each_operation(VENDOR) if each.definition.get("x-safe")}

    assert safe == {
        "getExpiringWalletBalance",
        "getWalletBalance",
        "listApplicableRewardOffers",
        "listPurchases",
        "listRewardOffers",
        "previewPurchase",
        "showAccessToken",
        "showAccountsReceivableOfConsumer",
        "showRewardsParticipant",
    }


def test_no_operation_documents_idempotency_keys() -> None:
    assert not any("x-idempotency" in each.definition for each in each_operation(VENDOR))


# --- how things are written ------------------------------------------------------------------------------------------


def test_an_identifier_in_a_url_keeps_its_equals_sign() -> None:
    found = [
        parameter
        for each in each_operation(VENDOR)
        for parameter in each.definition.get("parameters", [])
        if str(parameter.get("name")).endswith("_identifier")
    ]

    assert len(found) > 10
    assert all(each["allowReserved"] is True for each in found)
    assert re.fullmatch(schema(VENDOR, "IdentifierText")["pattern"], "number=CI000001")


@pytest.mark.parametrize("name", ["NamedIdentifier", "NumberedIdentifier", "AccountsReceivableIdentifier"])
def test_an_identifier_in_a_body_has_exactly_one_member(name: str) -> None:
    assert (schema(VENDOR, name)["minProperties"], schema(VENDOR, name)["maxProperties"]) == (1, 1)


@pytest.mark.parametrize(
    ("name", "alternatives"),
    [
        ("ConsumerAccessTokenIdentifier", [["authentication_code"], ["identifier", "pass_code"]]),
        ("ConsumerTokenRequest", [["access_token_identifier"], ["jwt", "organisation"]]),
        (
            "ConsumerAccessTokenOtpIdentifier",
            [["authentication_code"], ["identifier", "pass_code"], ["one_time_password"]],
        ),
        ("CreatePurchaseRequest", [["accounts_receivable_identifier"], ["rewards_participant_identifier"]]),
        (
            "ListPurchasesRequest",
            [["accounts_receivable_identifier"], ["rewards_participant_identifier"], ["classification_identifier"]],
        ),
        ("ResetPassCodeRequest", [["authentication_code"], ["identifier"]]),
        ("CreatePaymentRequest", [["accounts_receivable_identifier"], ["wallet_identifier"]]),
        (
            "GetWalletBalanceRequest",
            [["wallet_identifier"], ["accounts_receivable_identifier"], ["rewards_participant_identifier"]],
        ),
    ],
)
def test_of_alternatives_exactly_one_is_given(name: str, alternatives: list[list[str]]) -> None:
    assert schema(VENDOR, name)["oneOf"] == [{"required": members} for members in alternatives]


def test_date_times_have_no_offset_unlike_rfc_3339() -> None:
    moment = schema(VENDOR, "LocalDateTime")

    assert "format" not in moment
    assert re.fullmatch(moment["pattern"], "2026-07-28T13:58:40")
    assert not re.fullmatch(moment["pattern"], "2026-07-28T13:58:40Z")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JobLifeCycleState", "IN PROGRESS"),
        ("ServiceRequestLifeCycleState", "TEMPORARY RESOLVED"),
        ("WorkflowProcessingOrder", "ACTIONS THEN UPDATES"),
        ("WorkflowRuleLifeCycleState", "NOT EFFECTIVE"),
    ],
)
def test_some_values_of_enumerations_hold_spaces(name: str, value: str) -> None:
    assert value in schema(VENDOR, name)["enum"]


def test_list_parameters_number_and_offset_occur_only_together() -> None:
    ways = {"#/components/parameters/NumberOfResults", "#/components/parameters/Offset"}
    found = [
        (each.definition["operationId"], ways & {parameter.get("$ref") for parameter in each.definition["parameters"]})
        for each in each_operation(VENDOR)
        if each.method == "GET"
    ]

    assert [name for name, taken in found if taken] == [
        "listProducts",
        "listAccessTokens",
        "listRewardsParticipants",
        "listDraftJobs",
        "listWorkflowRules",
    ]
    assert all(taken in (set(), ways) for _, taken in found)


def test_a_list_goes_on_where_the_last_part_ended() -> None:
    paged = {
        each.definition["operationId"]: each.definition["x-pagination"]
        for each in each_operation(VENDOR)
        if "x-pagination" in each.definition
    }
    read = {
        "style": "offset",
        "items": "$response.body#/data",
        "offset": "$request.query.offset",
        "limit": "$request.query.number_of_results",
    }

    assert paged.pop("listPurchases") == {
        **read,
        "offset": "$request.body#/offset",
        "limit": "$request.body#/number_of_results",
    }
    assert paged == dict.fromkeys(
        ["listProducts", "listAccessTokens", "listRewardsParticipants", "listDraftJobs", "listWorkflowRules"], read
    )


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("ChangePassCodeRequest", "pass_code"),
        ("ConsumerAccessToken", "authentication_code"),
        ("ConsumerAccessTokenIdentifier", "authentication_code"),
        ("ConsumerAccessTokenIdentifier", "pass_code"),
        ("ConsumerTokenRequest", "jwt"),
        ("ConsumerAccessToken", "verification_code"),
        ("CreateAccessTokenRequest", "pass_code"),
        ("OneTimePassword", "one_time_password"),
        ("ResetAccessToken", "random_pass_code"),
        ("UserTokenRequest", "password"),
    ],
)
def test_what_opens_an_account_is_a_password(name: str, member: str) -> None:
    assert schema(VENDOR, name)["properties"][member]["format"] == "password"


@pytest.mark.parametrize("name", ["middle_name", "title"])
def test_what_can_be_cleared_can_be_null(name: str) -> None:
    assert "null" in schema(VENDOR, "UpdateContactInformationRequest")["properties"][name]["type"]
