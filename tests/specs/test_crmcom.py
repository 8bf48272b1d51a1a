"""What the spec says of CRM.COM: five ways in, a token in the query or the body, failures under status 200."""

from __future__ import annotations

import base64
import re

import pytest
from auth_core.conditions import matches
from auth_core.errors import LoginRefused, LoginRequired, TokenUnavailable
from auth_core.expressions import Answer as Evidence

from sdkgen.facts.lifecycle import answer_details
from specs.reading import Answer, Script, document, each_operation, grant, jwt, lifecycle, operation, schema

VENDOR = "crmcom"
SCHEME = "apiToken"
SERVERS = {"base_url": "https://crm.example/crmapi/rest/v2"}
OK = {"code": "OK", "description": "", "message": ""}

GRANTS = {
    "authentication_code": {"key": "K", "authentication_code": "CARD", "unit": "1"},
    "pass_code": {"key": "K", "identifier": "ada", "pass_code": "4711", "unit": "1"},
    "jwt": {"jwt": "identity", "organisation": "O", "key": "K"},
    "web_api_key": {"key": "K", "unit": "1"},
    "password": {"username": "ada", "password": "secret", "organisation": "O", "unit": "1"},
}
CONSUMER = "/crmapi/rest/v2/authentication/consumer_application_key/token"


def tokens(token: str = "token") -> Answer:
    return Answer({"status": OK, "data": {"token": token}})


def login(name: str, answer: Answer | None = None, **changes: str | None) -> Script:
    """Log in by a grant; a changed credential of None is not given."""
    credentials = {key: value for key, value in {**GRANTS[name], **changes}.items() if value is not None}
    script = Script((answer or tokens(),))
    script.renewer(VENDOR, name, credentials, SERVERS, scheme=SCHEME).renew(0)
    return script


def basic(username: str) -> str:
    """The header of HTTP Basic authentication with an empty password."""
    return f"Basic {base64.b64encode(f'{username}:'.encode()).decode()}"


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


def test_only_the_verbs_that_every_entity_has_are_deduced_where_a_path_was_not_read() -> None:
    deduced = [each.path for each in each_operation(VENDOR) if each.definition["x-source"]["kind"] == "inferred"]

    assert deduced
    assert {path.rpartition("/")[2] for path in deduced} <= {"show", "list", "create"}


def test_a_deduced_path_is_told_to_whoever_calls_it() -> None:
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


def test_no_request_is_known_to_be_recognised_when_it_comes_twice() -> None:
    assert not any("x-idempotency" in each.definition for each in each_operation(VENDOR))


# --- logging in ------------------------------------------------------------------------------------------------------


def test_there_are_five_ways_in() -> None:
    assert {each.name for each in lifecycle(VENDOR, SCHEME).grants} == set(GRANTS)


def test_an_authentication_code_is_an_identifier_in_the_body() -> None:
    sent = login("authentication_code").sent[0]

    assert (sent.method, sent.path) == ("POST", CONSUMER)
    assert sent.json == {"access_token_identifier": {"authentication_code": "CARD"}, "unit": "1"}


def test_a_pass_code_comes_with_its_identifier() -> None:
    sent = login("pass_code").sent[0]

    assert sent.path == CONSUMER
    assert sent.json == {"access_token_identifier": {"identifier": "ada", "pass_code": "4711"}, "unit": "1"}


def test_an_identity_token_comes_with_its_organisation() -> None:
    sent = login("jwt").sent[0]

    assert sent.path == CONSUMER
    assert sent.json == {"jwt": "identity", "organisation": "O"}


def test_a_web_api_key_needs_nothing_in_the_body() -> None:
    sent = login("web_api_key", unit=None).sent[0]

    assert sent.path == "/crmapi/rest/v2/authentication/web_api_key/token"
    assert sent.json == {}


def test_a_user_needs_name_password_and_organisation() -> None:
    sent = login("password").sent[0]

    assert sent.path == "/crmapi/rest/v2/authentication/token"
    assert sent.json == {"username": "ada", "password": "secret", "organisation": "O", "unit": "1"}


@pytest.mark.parametrize("name", ["authentication_code", "pass_code", "web_api_key", "jwt"])
def test_the_key_is_the_user_name_of_basic_authentication_and_the_password_is_empty(name: str) -> None:
    assert login(name).sent[0].headers["Authorization"] == basic("K")


def test_an_identity_token_needs_no_key() -> None:
    assert "Authorization" not in login("jwt", key=None).sent[0].headers


def test_a_user_sends_no_basic_authentication() -> None:
    assert "Authorization" not in login("password").sent[0].headers


@pytest.mark.parametrize("name", GRANTS)
def test_the_unit_can_be_given_with_every_grant_and_left_out(name: str) -> None:
    assert login(name, unit="7").sent[0].json["unit"] == "7"
    assert "unit" not in login(name, unit=None).sent[0].json


def test_an_identity_token_is_good_for_one_login() -> None:
    script = Script((tokens(), tokens()))
    renewer = script.renewer(VENDOR, "jwt", GRANTS["jwt"], SERVERS, scheme=SCHEME)
    token = renewer.renew(0)

    with pytest.raises(LoginRequired):
        renewer.renew(token.generation)


def test_no_two_grants_are_complete_by_the_same_variables() -> None:
    required = {
        each.name: {credential.environment for credential in each.credentials if credential.required}
        for each in lifecycle(VENDOR, SCHEME).grants
    }

    assert all(not one <= other for name, one in required.items() for also, other in required.items() if name != also)


# --- the token -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("expiry", ["1800", 1800])
def test_the_token_says_itself_when_it_ends_as_a_number_or_as_text(expiry: object) -> None:
    script = Script((tokens(jwt({"exp": expiry})),))
    now = script.clock.wall()
    claims = int(now) + int(str(expiry))
    script.answers = (tokens(jwt({"exp": str(claims) if isinstance(expiry, str) else claims})),)

    token = script.renewer(VENDOR, "password", GRANTS["password"], SERVERS, scheme=SCHEME).renew(0)

    assert token.lifetime == pytest.approx(1800, abs=1)


def test_a_token_that_does_not_say_lives_two_hours() -> None:
    script = Script((tokens("0123456789"),))

    assert script.renewer(VENDOR, "password", GRANTS["password"], SERVERS, scheme=SCHEME).renew(0).lifetime == 7200


def test_an_expired_token_is_followed_by_another_login_for_there_is_no_refresh_token() -> None:
    script = Script((tokens(), tokens()))
    renewer = script.renewer(VENDOR, "web_api_key", GRANTS["web_api_key"], SERVERS, scheme=SCHEME)

    renewer.renew(renewer.renew(0).generation)

    assert [sent.path for sent in script.sent] == ["/crmapi/rest/v2/authentication/web_api_key/token"] * 2
    assert lifecycle(VENDOR, SCHEME).refresh is None


def test_nothing_is_known_to_mean_expired_so_age_decides() -> None:
    assert lifecycle(VENDOR, SCHEME).expired == ()


def test_to_log_out_is_to_forget_for_a_release_does_not_end_a_jwt() -> None:
    assert lifecycle(VENDOR, SCHEME).logout is None
    assert operation(VENDOR, "releaseToken").definition["deprecated"] is True


def test_get_shows_the_token_in_the_query_and_post_in_the_body() -> None:
    placements = lifecycle(VENDOR, SCHEME).placements

    assert [(each.methods, each.location, each.name, each.prefix) for each in placements] == [
        (("GET",), "query", "token", ""),
        (("POST",), "body", "token", ""),
    ]


def test_every_body_has_the_member_that_carries_the_token_and_requires_it() -> None:
    for each in each_operation(VENDOR):
        if each.method == "POST" and each.security == [[SCHEME]]:
            name = each.body["application/json"]["schema"]["$ref"].rpartition("/")[2]

            assert "token" in schema(VENDOR, name)["required"]
            assert schema(VENDOR, name)["properties"]["token"] == {"$ref": "#/components/schemas/ApiToken"}


# --- success and failure ---------------------------------------------------------------------------------------------

FAILURE = Answer({"status": {"code": "COM.CRM.EXCEPTION.EXAMPLE", "description": "No.", "message": None}})


def test_a_refused_login_comes_with_status_200() -> None:
    with pytest.raises(LoginRefused) as caught:
        login("web_api_key", FAILURE)

    assert caught.value.code == "COM.CRM.EXCEPTION.EXAMPLE"


def test_a_server_in_trouble_does_not_refuse_a_login() -> None:
    with pytest.raises(TokenUnavailable):
        login("web_api_key", Answer(FAILURE.body, 503))


@pytest.mark.parametrize(
    ("body", "failed"),
    [
        (b'{"status": {"code": "OK"}, "data": {}}', False),
        (b'{"data": {}, "status": {"message": "Thank you", "code": "OK"}}', False),
        (b'{"status": {"code": "COM.CRM.EXCEPTION.EXAMPLE"}}', True),
    ],
)
def test_the_code_of_the_envelope_alone_says_whether_a_call_failed(body: bytes, failed: bool) -> None:
    assert matches(answer_details(document(VENDOR)).failed, Evidence(200, {}, body)) is failed


def test_every_answer_is_an_envelope_whose_data_may_be_missing() -> None:
    for each in each_operation(VENDOR):
        answer = each.definition["responses"]["200"]
        if "$ref" in answer:
            answer = document(VENDOR)["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        envelope = schema(VENDOR, answer["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])

        without_data = each.definition["operationId"] in ("requestPassCode", "changePassCode")
        assert envelope["required"] == ["status"]
        assert envelope["properties"].keys() == ({"status"} if without_data else {"status", "data"})


def test_every_method_may_fail_with_the_same_envelope() -> None:
    failures = {each.definition["responses"]["default"]["$ref"] for each in each_operation(VENDOR)}

    assert failures == {"#/components/responses/Failure"}


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


def test_a_date_time_has_no_zone_and_is_no_date_time_of_rfc_3339() -> None:
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


def test_what_can_be_read_in_parts_takes_a_number_and_an_offset_and_nothing_takes_one_of_them_alone() -> None:
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


def test_the_key_of_a_direct_call_is_a_static_credential() -> None:
    (key,) = lifecycle(VENDOR, "applicationKey").grants

    assert key.requests == ()
    assert operation(VENDOR, "createConsumerToken").security == [["applicationKey"], []]
    assert operation(VENDOR, "createWebApiToken").security == [["applicationKey"]]
    assert operation(VENDOR, "createUserToken").security == []


def test_secrets_are_never_shown() -> None:
    secret = {
        credential.name
        for name in GRANTS
        for credential in grant(VENDOR, name, SCHEME).credentials
        if credential.secret
    }

    assert secret == {"key", "authentication_code", "pass_code", "jwt", "password"}
