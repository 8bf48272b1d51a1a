"""What the generated Athena clients put into requests and read from responses, by the spec."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from athena_crm_client.models.case import Case
from athena_crm_client.models.case_ageing import CaseAgeing
from athena_crm_client.models.permission_catalogue import PermissionCatalogue
from athena_crm_client.models.pre_approved_transaction import PreApprovedTransaction
from athena_crm_client.models.risk_assessment import RiskAssessment
from athena_crm_client.operations.buckets import export_bucket
from athena_crm_client.operations.case_statistics import count_cases_by_status
from athena_crm_client.operations.cases import add_case_document, assign_cases, update_case
from athena_crm_client.operations.health import check_health
from athena_crm_client.operations.subjects import generate_subject_report, upload_subjects
from athena_crm_client.operations.users import list_users
from athena_crm_client.operations.whitelist import delete_whitelist_entry_for


def test_query_parameters_are_spelled_as_the_vendor_does() -> None:
    sent = export_bucket.build_request(
        bucket_id=3, min_date=datetime.date(2026, 3, 1), max_date=datetime.date(2026, 3, 31)
    )

    assert sent.query == "bucketId=3&min_date=2026-03-01&max_date=2026-03-31"
    assert list_users.build_request(search_string="maker", limit=5).query == "searchString=maker&limit=5"


def test_filters_that_are_left_out_are_not_sent() -> None:
    assert count_cases_by_status.build_request(start_date="2026-03-01").query == "start_date=2026-03-01"
    assert count_cases_by_status.build_request().query == ""


def test_the_health_path_of_the_api_ends_with_a_slash() -> None:
    assert check_health.build_request().path == "/health/"


def test_a_subject_id_is_escaped_into_one_path_segment() -> None:
    path = generate_subject_report.build_request("C/1?").path

    assert path == "/api/subjects/C%2F1%3F/generate-subject-report"


def test_cases_are_assigned_by_the_members_of_that_call() -> None:
    sent = assign_cases.build_request(case_list=[41, 42], assignee=8)

    assert json.loads(sent.content or b"") == {"case_list": [41, 42], "assignee": 8}


def test_an_update_sends_nothing_that_was_not_given() -> None:
    sent = update_case.build_request(41, alert_date="2026-03-03")

    assert json.loads(sent.content or b"") == {"alert_date": "2026-03-03"}


def test_a_file_is_a_part_of_its_name() -> None:
    document = add_case_document.build_request(41, name="Statement", document=b"PDF").files
    upload = upload_subjects.build_request(file=b"CSV").files

    assert [name for name, _ in document or []] == ["name", "document"]
    assert [name for name, _ in upload or []] == ["file"]


def test_whitelist_entries_are_deleted_by_id_or_subject_and_bucket() -> None:
    alone = delete_whitelist_entry_for.build_request(2)
    exemption = delete_whitelist_entry_for.build_request(2, subject="C-1001", bucket="Large transfers")

    assert (alone.path, alone.content) == ("/api/whitelist/2/delete", None)
    assert json.loads(exemption.content or b"") == {"subject": "C-1001", "bucket": "Large transfers"}


def test_ages_of_cases_are_read_by_group() -> None:
    ageing = CaseAgeing.from_dict({"T_0": [], "T_plus_5": [{"id": 40}]})

    assert (ageing.t_0, ageing.t_plus_5) == ([], [{"id": 40}])


def test_the_catalogue_of_permissions_is_read_to_its_actions() -> None:
    action = {"id": 31, "action": "reopen", "label": "Reopen a case"}
    read = PermissionCatalogue.from_dict({"results": [{"resource": "case", "actions": [action]}]})

    assert read.results
    assert read.results[0].actions
    assert (read.results[0].resource, read.results[0].actions[0].id) == ("case", 31)


@pytest.mark.parametrize("rule", [12, {"id": 12, "rule_title": "Sudden rise of the total"}])
def test_the_rule_of_a_case_is_a_number_or_object(rule: object) -> None:
    assert Case.from_dict({"id": 41, "case_status": "Open", "rule": rule}).rule == rule


def test_a_risk_score_is_read_with_its_day() -> None:
    read = RiskAssessment.from_dict({"id": 1, "daily_score": -1000, "active_timestamp": "2026-03-02"})

    assert (read.daily_score, read.active_timestamp) == (-1000, datetime.date(2026, 3, 2))


@pytest.mark.parametrize("value", [True, "true", [], None])
def test_flags_of_a_screened_transaction_may_be_anything(value: Any) -> None:
    read = PreApprovedTransaction.from_dict(
        {"id": 301, "client_transaction_id": "T-5003", "status": "on_hold", "has_true_hit_cpa": value}
    )

    assert (read.status, read.has_true_hit_cpa) == ("on_hold", value)
