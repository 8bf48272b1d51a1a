"""What both Athena packages say about the API they share."""

from __future__ import annotations

import pytest

from specs.reading import document, each_operation, operation, schema

ATHENA = ("athena-cognito", "athena-crm")

SHARED = [
    ("GET", "/health/test-auth-request", "testAuthentication"),
    ("POST", "/api/logout", "logout"),
    ("GET", "/api/currency", "listCurrencies"),
    ("GET", "/api/currency/{alphabetic_code}", "getCurrency"),
    ("PATCH", "/api/currency/{alphabetic_code}", "updateCurrency"),
    ("GET", "/api/subjects", "listSubjects"),
    ("POST", "/api/subjects", "createSubject"),
    ("GET", "/api/subjects/{client_subject_id}", "getSubject"),
    ("PATCH", "/api/subjects/{client_subject_id}", "updateSubject"),
    ("GET", "/api/buckets", "listBuckets"),
    ("POST", "/api/buckets", "createBucket"),
    ("GET", "/api/buckets/{bucket_id}", "getBucket"),
    ("PATCH", "/api/buckets/{bucket_id}", "updateBucket"),
    ("DELETE", "/api/buckets/{bucket_id}", "deactivateBucket"),
    ("GET", "/api/bucketcontent", "listBucketContent"),
    ("POST", "/api/bucketcontent", "addBucketContent"),
    ("GET", "/api/transactions", "listTransactions"),
    ("POST", "/api/transactions", "createTransaction"),
    ("GET", "/api/transactions/{transaction_id}", "getTransaction"),
    ("GET", "/api/cases", "listCases"),
    ("GET", "/api/cases/{case_id}", "getCase"),
    ("PATCH", "/api/cases/{case_id}/alert", "rateCase"),
    ("PATCH", "/api/cases/{case_id}/approval", "decideCase"),
    ("PATCH", "/api/cases/{case_id}/assign_checker", "assignCaseChecker"),
    ("PATCH", "/api/cases/{case_id}/assign_maker", "assignCaseMaker"),
    ("PATCH", "/api/cases/{case_id}/reopen", "reopenCase"),
    ("GET", "/api/cases/{case_id}/transactions", "listCaseTransactions"),
    ("GET", "/api/blacklist", "listBlacklist"),
    ("POST", "/api/blacklist", "createBlacklistEntry"),
    ("GET", "/api/blacklist/{entry_id}", "getBlacklistEntry"),
    ("PATCH", "/api/blacklist/{entry_id}", "updateBlacklistEntry"),
    ("DELETE", "/api/blacklist/{entry_id}", "deactivateBlacklistEntry"),
    ("GET", "/api/whitelist", "listWhitelist"),
    ("POST", "/api/whitelist", "createWhitelistEntry"),
    ("GET", "/api/whitelist/{entry_id}", "getWhitelistEntry"),
    ("PATCH", "/api/whitelist/{entry_id}", "updateWhitelistEntry"),
    ("DELETE", "/api/whitelist/{entry_id}", "deleteWhitelistEntry"),
    ("GET", "/api/ruleinformation", "listRules"),
    ("GET", "/api/ruleinformation/{rule_id}", "getRule"),
    ("PATCH", "/api/ruleinformation/{rule_id}", "updateRule"),
]


@pytest.mark.parametrize("vendor", ATHENA)
def test_the_operations_are_where_the_vendor_has_them(vendor: str) -> None:
    found = [(each.method, each.path, each.definition["operationId"]) for each in each_operation(vendor)]

    assert sorted(SHARED) == sorted(each for each in found if not each[1].startswith(("/auth/", "/oauth/")))


def test_both_packages_say_the_same_about_every_shared_operation() -> None:
    cognito, crm = (document(vendor) for vendor in ATHENA)

    assert all(cognito["paths"][path] == crm["paths"][path] for _, path, _ in SHARED)


def test_both_packages_share_every_schema_that_is_not_about_tokens() -> None:
    cognito, crm = (document(vendor)["components"]["schemas"] for vendor in ATHENA)
    shared = cognito.keys() & crm.keys()

    assert len(shared) > 50
    assert all(cognito[name] == crm[name] for name in shared)


@pytest.mark.parametrize("vendor", ATHENA)
def test_every_shared_operation_takes_the_bearer_token_and_lives_on_the_api_server(vendor: str) -> None:
    shared = [operation(vendor, operation_id) for _, _, operation_id in SHARED]

    assert {str(each.security) for each in shared} == {"[['bearerAuth']]"}
    assert {each.server for each in shared} == {None}


def test_only_json_is_offered_for_bodies() -> None:
    bodies = [each.body for each in each_operation("athena-cognito") if "requestBody" in each.definition]

    assert {media_type for body in bodies for media_type in body} == {"application/json"}


def test_every_shared_operation_documents_the_wrong_token_and_the_missing_permission() -> None:
    for _, _, operation_id in SHARED:
        responses = operation("athena-crm", operation_id).definition["responses"]
        assert {"401", "403", "500"} <= responses.keys(), operation_id


def test_everything_with_an_id_can_be_missing() -> None:
    responses = {path: operation("athena-crm", name).definition["responses"] for _, path, name in SHARED}

    assert {path for path, documented in responses.items() if "404" in documented} == {
        path for path in responses if "{" in path
    }


def test_validation_errors_are_a_sentence_or_a_list_of_them_by_field() -> None:
    per_field = schema("athena-crm", "ValidationErrors")["additionalProperties"]["anyOf"]

    assert [each["type"] for each in per_field] == ["string", "array"]


def test_a_transaction_timestamp_is_text_because_it_has_no_time_zone() -> None:
    assert schema("athena-crm", "TransactionTimestamp")["type"] == "string"
    assert "format" not in schema("athena-crm", "TransactionTimestamp")


def test_a_new_transaction_needs_what_the_vendor_requires() -> None:
    assert sorted(schema("athena-crm", "TransactionCreate")["required"]) == [
        "amount",
        "client_transaction_id",
        "transaction_currency_id",
        "transaction_timestamp",
        "transaction_type",
    ]


def test_a_transaction_may_have_one_party_only() -> None:
    properties = schema("athena-crm", "Transaction")["properties"]

    assert {"type": "null"} in properties["cp_a"]["anyOf"]
    assert {"type": "null"} in properties["cp_b"]["anyOf"]


def test_a_risk_assessment_score_is_decimal_text() -> None:
    assert schema("athena-crm", "SubjectUpdate")["properties"]["risk_assessment_score"]["type"] == "string"


def test_a_risk_rating_is_one_of_four_in_the_vendors_mixed_case() -> None:
    assert schema("athena-crm", "AlertRiskRating")["enum"] == ["HIGH", "MEDIUM", "LOW", "Unrated"]


def test_a_watch_list_is_written_in_capitals_with_a_blank() -> None:
    assert schema("athena-crm", "WatchList")["enum"] == ["HIGH RISK", "RESTRICTED"]


def test_a_case_decision_is_one_of_five_sentences() -> None:
    assert sorted(schema("athena-crm", "CaseAction")["enum"]) == [
        "Conclude False Hit",
        "Conclude True Hit",
        "Recommend Changes",
        "Recommend False Hit",
        "Recommend True Hit",
    ]


def test_the_transactions_of_a_case_are_paged_by_cursor_and_not_counted() -> None:
    parameters = operation("athena-crm", "listCaseTransactions").definition["parameters"]

    assert [each["name"] for each in parameters] == ["cursor", "page_limit"]
    assert "count" not in schema("athena-crm", "CaseTransactionPage")["properties"]


def test_cases_can_be_filtered_in_fourteen_ways() -> None:
    parameters = operation("athena-crm", "listCases").definition["parameters"]

    assert len(parameters) == 14


@pytest.mark.parametrize(
    ("operation_id", "status"),
    [("deactivateBucket", "200"), ("deactivateBlacklistEntry", "200"), ("deleteWhitelistEntry", "204")],
)
def test_deletions_answer_with_the_status_the_vendor_gives(operation_id: str, status: str) -> None:
    assert [code for code in operation("athena-crm", operation_id).definition["responses"] if code < "300"] == [status]
