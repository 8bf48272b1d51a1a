"""What both Athena packages say about the API they share."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sdkgen.coverage import read_coverage
from specs.reading import document, each_operation, operation, schema
from support.repository import ROOT, SPECS

ATHENA = ("athena-cognito", "athena-crm")

SHARED = [
    ("GET", "/health/", "checkHealth"),
    ("GET", "/health/test-auth-request", "testAuthentication"),
    ("POST", "/api/login", "checkLoginEmail"),
    ("POST", "/api/logout", "logout"),
    ("GET", "/api/appconfig/{key}", "getConfigurationValue"),
    ("GET", "/api/appconfig/analytics", "getDashboardUrl"),
    ("GET", "/api/currency", "listCurrencies"),
    ("GET", "/api/currency/{alphabetic_code}", "getCurrency"),
    ("PATCH", "/api/currency/{alphabetic_code}", "updateCurrency"),
    ("GET", "/api/subjects", "listSubjects"),
    ("POST", "/api/subjects", "createSubject"),
    ("GET", "/api/subjects/{client_subject_id}", "getSubject"),
    ("PATCH", "/api/subjects/{client_subject_id}", "updateSubject"),
    ("GET", "/api/subjects/{client_subject_id}/generate-subject-report", "generateSubjectReport"),
    ("GET", "/api/subjects/export_csv", "exportSubjects"),
    ("GET", "/api/subjects/risk_assessment_report", "getSubjectRiskReport"),
    ("POST", "/api/subjects/upload", "uploadSubjects"),
    ("GET", "/api/subjectinfo/{subject_id}", "getSubjectInfo"),
    ("GET", "/api/buckets", "listBuckets"),
    ("POST", "/api/buckets", "createBucket"),
    ("GET", "/api/buckets/{bucket_id}", "getBucket"),
    ("PATCH", "/api/buckets/{bucket_id}", "updateBucket"),
    ("DELETE", "/api/buckets/{bucket_id}", "deactivateBucket"),
    ("GET", "/api/buckets/export_csv", "exportBucket"),
    ("GET", "/api/bucketcontent", "listBucketContent"),
    ("POST", "/api/bucketcontent", "addBucketContent"),
    ("GET", "/api/transactions", "listTransactions"),
    ("POST", "/api/transactions", "createTransaction"),
    ("GET", "/api/transactions/{transaction_id}", "getTransaction"),
    ("GET", "/api/transactions/countries", "getTransactionTotalsByCountry"),
    ("GET", "/api/transactions/summary", "getTransactionTotalsByMonth"),
    ("GET", "/api/transactions/timeline", "getTransactionTotalsByDay"),
    ("POST", "/api/transactions/upload", "uploadTransactions"),
    ("GET", "/api/preapprovedtransactions/{transaction_id}/screening-review", "getScreeningReview"),
    ("GET", "/api/cases", "listCases"),
    ("GET", "/api/cases/{case_id}", "getCase"),
    ("PATCH", "/api/cases/{case_id}", "updateCase"),
    ("DELETE", "/api/cases/{case_id}", "deleteCase"),
    ("PATCH", "/api/cases/{case_id}/alert", "rateCase"),
    ("PATCH", "/api/cases/{case_id}/approval", "decideCase"),
    ("PATCH", "/api/cases/{case_id}/assign_checker", "assignCaseChecker"),
    ("PATCH", "/api/cases/{case_id}/assign_maker", "assignCaseMaker"),
    ("PATCH", "/api/cases/{case_id}/document", "addCaseDocument"),
    ("PATCH", "/api/cases/{case_id}/findings", "addCaseFinding"),
    ("PATCH", "/api/cases/{case_id}/reopen", "reopenCase"),
    ("PATCH", "/api/cases/{case_id}/report_code", "addCaseReportCode"),
    ("PATCH", "/api/cases/{case_id}/report_indicator", "addCaseReportIndicator"),
    ("GET", "/api/cases/{case_id}/generate_case_report", "generateCaseReport"),
    ("GET", "/api/cases/{case_id}/transactions", "listCaseTransactions"),
    ("PATCH", "/api/cases/bulk_assign", "assignCases"),
    ("GET", "/api/cases/export_csv", "exportCases"),
    ("GET", "/api/cases/active", "listActiveCases"),
    ("GET", "/api/cases/not_active", "listInactiveCases"),
    ("GET", "/api/cases/case_status", "getCaseStatuses"),
    ("GET", "/api/cases/active_cases", "getActiveCaseStatistics"),
    ("GET", "/api/cases/closed_cases", "getClosedCaseStatistics"),
    ("GET", "/api/cases/assignee", "countCasesByAssignee"),
    ("GET", "/api/cases/bucket", "countCasesByBucket"),
    ("GET", "/api/cases/priority", "countCasesByPriority"),
    ("GET", "/api/cases/rule", "countCasesByRule"),
    ("GET", "/api/cases/status", "countCasesByStatus"),
    ("GET", "/api/cases/timeline", "getCaseTimeline"),
    ("GET", "/api/cases/violations", "getViolationStatistics"),
    ("GET", "/api/ageing", "listCaseAgeing"),
    ("GET", "/api/ageing/{user_id}", "getCaseAgeing"),
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
    ("DELETE", "/api/whitelist/{entry_id}/delete", "deleteWhitelistEntryFor"),
    ("GET", "/api/ruleinformation", "listRules"),
    ("GET", "/api/ruleinformation/{rule_id}", "getRule"),
    ("PATCH", "/api/ruleinformation/{rule_id}", "updateRule"),
    ("GET", "/api/rulealert", "listRuleAlerts"),
    ("GET", "/api/rulealert/{alert_id}", "getRuleAlert"),
    ("PATCH", "/api/rulealert/{alert_id}", "updateRuleAlert"),
    ("GET", "/api/risk_assessment", "listRiskAssessments"),
    ("GET", "/api/risk_assessment/{assessment_id}", "getRiskAssessment"),
    ("GET", "/api/users", "listUsers"),
    ("POST", "/api/users", "createUser"),
    ("GET", "/api/users/{user_id}", "getUser"),
    ("PATCH", "/api/users/{user_id}", "updateUser"),
    ("DELETE", "/api/users/{user_id}", "deactivateUser"),
    ("GET", "/api/shared/profile-info", "getProfile"),
    ("GET", "/api/assignees", "listAssignees"),
    ("GET", "/api/assignees/{user_id}", "getAssignee"),
    ("GET", "/api/groups", "listGroups"),
    ("POST", "/api/groups", "createGroup"),
    ("GET", "/api/groups/{group_id}", "getGroup"),
    ("PATCH", "/api/groups/{group_id}", "updateGroup"),
    ("DELETE", "/api/groups/{group_id}", "deleteGroup"),
    ("GET", "/api/permissions", "listPermissions"),
    ("GET", "/api/permissions/{permission_id}", "getPermission"),
]


ANONYMOUS = {"checkHealth", "checkLoginEmail"}


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
def test_every_shared_operation_lives_on_the_api_server(vendor: str) -> None:
    assert {operation(vendor, operation_id).server for _, _, operation_id in SHARED} == {None}


@pytest.mark.parametrize("vendor", ATHENA)
def test_every_shared_operation_takes_the_bearer_token_unless_public(vendor: str) -> None:
    security = {operation_id: operation(vendor, operation_id).security for _, _, operation_id in SHARED}

    assert {operation_id for operation_id, schemes in security.items() if schemes == [[]]} == ANONYMOUS
    assert all(schemes == [["bearerAuth"]] for name, schemes in security.items() if name not in ANONYMOUS)


def test_files_go_as_multipart_and_every_other_body_as_json() -> None:
    bodies = [each for each in each_operation("athena-cognito") if "requestBody" in each.definition]
    multipart = {each.definition["operationId"] for each in bodies if list(each.body) == ["multipart/form-data"]}

    assert multipart == {"addCaseDocument", "uploadSubjects", "uploadTransactions"}
    assert {kind for each in bodies for kind in each.body} == {"application/json", "multipart/form-data"}


def test_authenticated_operations_document_wrong_tokens_and_missing_permissions() -> None:
    for operation_id in {operation_id for _, _, operation_id in SHARED} - ANONYMOUS:
        responses = operation("athena-crm", operation_id).definition["responses"]
        assert {"401", "403", "500"} <= responses.keys(), operation_id


def test_everything_with_an_id_can_be_missing() -> None:
    responses = {path: operation("athena-crm", name).definition["responses"] for _, path, name in SHARED}

    assert {path for path, documented in responses.items() if "404" in documented} == {
        path for path in responses if "{" in path
    }


def test_validation_errors_are_a_sentence_or_lists_by_field() -> None:
    per_field = schema("athena-crm", "ValidationErrors")["additionalProperties"]["anyOf"]

    assert [each["type"] for each in per_field] == ["string", "array"]


def test_a_transaction_timestamp_is_text_as_it_has_no_offset() -> None:
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


def test_a_risk_rating_is_one_of_four_in_mixed_case() -> None:
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


def test_case_transactions_are_paged_by_cursor_without_a_total() -> None:
    parameters = operation("athena-crm", "listCaseTransactions").definition["parameters"]

    assert [each["name"] for each in parameters] == ["cursor", "page_limit"]
    assert "count" not in schema("athena-crm", "CaseTransactionPage")["properties"]


def test_cases_can_be_filtered_in_fourteen_ways() -> None:
    parameters = operation("athena-crm", "listCases").definition["parameters"]

    assert len(parameters) == 14


@pytest.mark.parametrize(
    ("operation_id", "status"),
    [
        ("deactivateBucket", "200"),
        ("deactivateBlacklistEntry", "200"),
        ("deactivateUser", "200"),
        ("deleteCase", "200"),
        ("deleteGroup", "204"),
        ("deleteWhitelistEntry", "204"),
        ("deleteWhitelistEntryFor", "204"),
    ],
)
def test_deletions_respond_with_the_status_the_vendor_gives(operation_id: str, status: str) -> None:
    assert [code for code in operation("athena-crm", operation_id).definition["responses"] if code < "300"] == [status]


def test_reports_are_returned_as_received_as_their_type_is_unknown() -> None:
    for operation_id in ("generateCaseReport", "generateSubjectReport"):
        assert list(operation("athena-crm", operation_id).definition["responses"]["200"]["content"]) == ["*/*"]


@pytest.mark.parametrize("operation_id", ["listActiveCases", "listInactiveCases"])
def test_lists_shown_as_one_case_accept_arrays_and_objects(operation_id: str) -> None:
    content = operation("athena-crm", operation_id).definition["responses"]["200"]["content"]

    assert [each.get("type", "object") for each in content["application/json"]["schema"]["anyOf"]] == [
        "array",
        "object",
    ]


@pytest.mark.parametrize("name", ["Assignee", "Bucket", "Priority", "Rule", "Status"])
def test_counts_of_cases_take_the_same_seven_filters(name: str) -> None:
    path = operation("athena-crm", f"countCasesBy{name}").path
    parameters = document("athena-crm")["paths"][path]["parameters"]

    assert sorted(each["name"] for each in parameters) == [
        "assignees",
        "buckets",
        "end_date",
        "is_active",
        "rules",
        "start_date",
        "statuses",
    ]


def test_ages_of_cases_are_seven_groups() -> None:
    assert [*schema("athena-crm", "CaseAgeing")["properties"]] == [
        "T_0",
        "T_1",
        "T_2",
        "T_3",
        "T_4",
        "T_5",
        "T_plus_5",
    ]


def test_an_export_of_a_bucket_wants_its_dates_as_days() -> None:
    found = operation("athena-crm", "exportBucket")

    assert {name: found.parameter(name)["schema"].get("format") for name in ("bucketId", "min_date", "max_date")} == {
        "bucketId": None,
        "min_date": "date",
        "max_date": "date",
    }
    assert all(each["required"] for each in found.definition["parameters"])


def test_risk_scores_have_dates_and_cases_have_date_times() -> None:
    assert schema("athena-crm", "RiskAssessment")["properties"]["active_timestamp"]["format"] == "date"
    assert schema("athena-crm", "Case")["properties"]["active_timestamp"]["format"] == "date-time"


def test_a_single_case_also_has_the_older_descriptions_members() -> None:
    assert {
        "approvals",
        "available_actions",
        "case_checkers",
        "case_maker",
        "case_owner",
        "documents",
        "findings",
        "histories",
        "last_updated_at",
        "last_updated_by",
        "reports_code",
        "reports_indicator",
        "rule_parameter",
        "created_by",
        "modified_by",
    } <= schema("athena-crm", "Case")["properties"].keys()


def test_a_screened_transaction_has_one_of_five_states() -> None:
    assert sorted(schema("athena-crm", "ScreeningStatus")["enum"]) == [
        "approved",
        "cleared",
        "not_screened",
        "on_hold",
        "rejected",
    ]


def test_every_paged_list_continues_by_the_link_in_its_response() -> None:
    paged = [each for each in each_operation("athena-crm") if "x-pagination" in each.definition]

    assert {each.definition["x-pagination"]["style"] for each in paged} == {"link"}
    assert {each.definition["x-pagination"]["next"] for each in paged} == {"$response.body#/next"}
    assert {each.path for each in paged if "total" not in each.definition["x-pagination"]} == {
        "/api/cases/{case_id}/transactions"
    }


def test_every_operation_with_a_limit_documents_its_pages() -> None:
    for each in each_operation("athena-crm"):
        names = {parameter.get("$ref", "").rpartition("/")[2] for parameter in each.definition.get("parameters", [])}
        assert ("Limit" in names) <= ("x-pagination" in each.definition), each.path


def test_only_buckets_have_a_documented_page_size() -> None:
    limits = {
        each.path: each.definition["x-pagination"]["default_limit"]
        for each in each_operation("athena-crm")
        if "default_limit" in each.definition.get("x-pagination", {})
    }

    assert limits == {"/api/buckets": 10}


def test_exports_are_unsafe_gets_and_checks_are_safe_posts() -> None:
    stated = {
        each.definition["operationId"]: each.definition["x-safe"]
        for each in each_operation("athena-cognito")
        if "x-safe" in each.definition
    }

    assert stated == {
        "exportBucket": False,
        "exportCases": False,
        "exportSubjects": False,
        "checkLoginEmail": True,
        "authenticateToken": True,
    }


def test_both_packages_know_the_same_documented_operations() -> None:
    cognito, crm = (read_coverage(SPECS / vendor / "openapi.yaml", ROOT) for vendor in ATHENA)

    assert cognito is not None
    assert crm is not None
    assert {each.operation or each.name for each in cognito.entries} == {
        each.operation or each.name for each in crm.entries
    }


@pytest.mark.parametrize("vendor", ATHENA)
def test_the_introduction_names_every_status_of_the_vendors_error_table(vendor: str) -> None:
    reported = document(vendor)["info"]["description"]

    assert [status for status in (400, 401, 403, 404, 405, 500) if str(status) not in reported] == []


def test_the_documented_errors_are_shown_with_their_bodies() -> None:
    shared = document("athena-crm")["components"]["responses"]
    refused = operation("athena-crm", "createBlacklistEntry").definition["responses"]["400"]
    bodies = {name: shared[name]["content"]["application/json"]["example"] for name in shared if name != "BadRequest"}

    assert bodies["Unauthorized"] == {"detail": "Custom bearer token is not valid"}
    assert bodies["Forbidden"] == {"detail": "Authentication credentials were not provided."}
    assert bodies["NotFound"] == {"detail": "Not found."}
    assert bodies["ServerError"] == {"detail": "Unexpected Error."}
    assert refused["content"]["application/json"]["example"] == {
        "list_name": "Subject must be registered either under [HIGH RISK] or [RESTRICTED] list"
    }


@pytest.mark.parametrize(
    "operation_id",
    ["addCaseDocument", "addCaseFinding", "assignCases", "createGroup", "createUser", "updateGroup", "updateUser"],
)
def test_a_response_typed_as_anything_is_returned_as_received(operation_id: str) -> None:
    responses = operation("athena-crm", operation_id).definition["responses"]
    (success,) = (response for status, response in responses.items() if status < "300")

    assert success["content"]["application/json"]["schema"] == {}


@pytest.mark.parametrize(
    "name", ["BlacklistEntryUpdated", "BucketContentEntry", "Case", "CaseUpdate", "Rule", "SubjectUpdate"]
)
@pytest.mark.parametrize("member", ["created_by", "modified_by"])
def test_creators_and_editors_are_an_id_or_unknown(name: str, member: str) -> None:
    assert schema("athena-crm", name)["properties"][member]["type"] == ["integer", "null"]


def test_a_transaction_and_a_bucket_have_their_users_as_objects() -> None:
    for name in ("Bucket", "Transaction"):
        assert schema("athena-crm", name)["properties"]["created_by"]["$ref"].endswith("/UserReference")


def test_a_configuration_value_is_text() -> None:
    assert schema("athena-crm", "ConfigurationValue")["properties"]["value"]["type"] == "string"


def test_case_parties_have_date_times_where_cases_have_text() -> None:
    party = schema("athena-crm", "CaseTransactionParty")["allOf"][1]["properties"]

    assert (party["created_on"]["format"], party["modified_on"]["format"]) == ("date-time", "date-time")
    assert "format" not in schema("athena-crm", "Case")["properties"]["created_on"]


def test_a_risk_score_stays_below_a_thousand() -> None:
    score = schema("athena-crm", "RiskAssessment")["properties"]["daily_score"]

    assert (score["exclusiveMinimum"], score["exclusiveMaximum"]) == (-1000, 1000)


def test_the_totals_of_the_examples_are_those_of_their_transactions() -> None:
    def shown(operation_id: str, status: str = "200") -> Any:
        media = operation("athena-crm", operation_id).definition["responses"][status]["content"]
        return media["application/json"]["example"]

    transactions = [shown("createTransaction", "201"), *shown("listTransactions")["results"]]
    by_day = {
        total["created_date"]: {kind: total[f"{kind}_AMOUNT"] for kind in ("PAY", "DEPOSIT", "WITHDRAW") if total[kind]}
        for total in shown("getTransactionTotalsByDay")
    }

    assert by_day == {
        each["transaction_timestamp"][:10]: {each["transaction_type"]: each["amount"]} for each in transactions
    }


@pytest.mark.parametrize("vendor", ATHENA)
def test_every_list_has_pages_or_documents_what_is_known(vendor: str) -> None:
    lists = [each for each in each_operation(vendor) if each.definition["operationId"].startswith("list")]
    silent = {
        each.definition["operationId"]
        for each in lists
        if "x-pagination" not in each.definition and not re.search(r"\bpages?\b", each.reported)
    }

    assert len(lists) > 10
    assert silent == set()
