"""What the generated Cinchy client puts into requests, by the spec."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import pytest

from cinchy_client.errors import WrongArgumentType
from cinchy_client.models.job_options import JobOptions
from cinchy_client.models.query_result import QueryResult
from cinchy_client.models.secret import Secret
from cinchy_client.models.translated_literals import TranslatedLiterals
from cinchy_client.operations.account import get_table_entitlements_by_name
from cinchy_client.operations.cql import execute_cql, export_cql, query_cql
from cinchy_client.operations.data_models import export_data_model, load_data_model
from cinchy_client.operations.files import download_file
from cinchy_client.operations.jobs import get_job_artifact
from cinchy_client.operations.queries import (
    export_query,
    export_query_version,
    export_query_with_basic_auth,
    export_query_with_form,
    run_query,
    run_query_version,
    run_query_with_form,
)
from cinchy_client.operations.secrets import get_secret
from cinchy_client.operations.transactions import commit_transaction
from cinchy_client.operations.translations import translate_literals
from cinchy_client.operations.webhooks import deliver_webhook
from cinchy_client.types import File
from specs.reading import document, operation


def test_query_parameters_keep_names_and_the_format_is_always_sent() -> None:
    sent = run_query.build_request("HR", "All Employees", parameters={"@city": "Oslo", "{0}": "Name"}, row_count=5)

    assert sent.path == "/API/HR/All%20Employees"
    assert sent.query == "ResultFormat=JSON&CompressJSON=true&%40city=Oslo&%7B0%7D=Name&RowCount=5"


def test_the_version_of_a_query_follows_the_letter_v() -> None:
    assert run_query_version.build_request("1.0", "HR", "Employees").path == "/API/v1.0/HR/Employees"


def test_the_form_of_a_query_holds_what_the_url_would() -> None:
    url = run_query.build_request("HR", "Employees", parameters={"@city": "Oslo"}, start_row=10)
    form = run_query_with_form.build_request("HR", "Employees", parameters={"@city": "Oslo"}, start_row=10)

    assert (form.path, form.query) == (url.path, "")
    assert parse_qs((form.content or b"").decode()) == parse_qs(url.query)


def test_a_statement_and_its_parameters_are_a_form() -> None:
    given = {"@city": "Oslo & Moss", "@age": 17, "@share": 0.5, "@active": True, "@note": None}
    entries = [
        ("@city", "Oslo & Moss", "System.String"),
        ("@age", "17", "System.Double"),
        ("@share", "0.5", "System.Double"),
        ("@active", "true", "System.Boolean"),
        ("@note", "", "System.String"),
    ]
    fields = ("ParameterName", "XmlSerializedValue", "ValueType")
    by_member = query_cql.build_request(query="SELECT @x", parameters=given)
    whole = query_cql.build_request(body={"Query": "SELECT @x", "Parameters": given})

    assert by_member.content_type == "application/x-www-form-urlencoded"
    assert by_member.content == whole.content
    assert parse_qsl((by_member.content or b"").decode(), keep_blank_values=True) == [
        ("Query", "SELECT @x"),
        ("ResultFormat", "JSON"),
        ("CompressJSON", "true"),
        *(
            (f"Parameters[{number}].{field}", text)
            for number, entry in enumerate(entries)
            for field, text in zip(fields, entry, strict=True)
        ),
    ]


@pytest.mark.parametrize("wrong", [datetime.date(2026, 7, 1), ["Oslo"], {"a": 1}, Decimal(1)])
def test_a_parameter_of_another_type_is_refused(wrong: Any) -> None:
    with pytest.raises(
        WrongArgumentType, match=r"^`parameters\['@x'\]`: expected a number, a boolean or a string, found"
    ):
        query_cql.build_request(query="SELECT @x", parameters={"@x": wrong})
    with pytest.raises(WrongArgumentType, match="parameters"):
        query_cql.build_request(query="SELECT @x", parameters=wrong if wrong != {"a": 1} else [("@x", 1)])


def test_a_statement_that_writes_says_so() -> None:
    sent = execute_cql.build_request(query="DELETE FROM [HR].[Employees]", type_="NONQUERY")

    assert parse_qs((sent.content or b"").decode())["Type"] == ["NONQUERY"]


@pytest.mark.parametrize("execution_id", [4711, "4711"])
def test_the_id_of_a_job_is_used_as_returned(execution_id: int | str) -> None:
    sent = get_job_artifact.build_request(execution_id, "logs", cinchy_url="https://host.example/Cinchy")

    assert sent.path == "/api/v1.0/jobs/4711/logs"
    assert sent.query == "cinchyUrl=https%3A%2F%2Fhost.example%2FCinchy&model=Cinchy"


def test_the_examples_rows_are_read_by_their_column_names() -> None:
    response = document("cinchy")["components"]["responses"]["QueryResult"]

    rows = list(QueryResult.from_dict(response["content"]["application/json"]["example"]).rows())

    assert rows[0] == {"Name": "Ada", "City": "Oslo", "Age": 36}


def example(operation_id: str) -> Any:
    """The documented response of an operation, the first of several."""
    (media,) = operation("cinchy", operation_id).definition["responses"]["200"]["content"].values()
    return media["example"] if "example" in media else next(iter(media["examples"].values()))["value"]


# --- exports ---------------------------------------------------------------------------------------------------------


def test_an_export_says_its_format_and_only_that() -> None:
    sent = export_query.build_request("HR", "Employees", result_format="CSV", parameters={"@city": "Oslo"})

    assert (sent.path, sent.query) == ("/api/HR/Employees", "ResultFormat=CSV&%40city=Oslo")


def test_two_switches_select_object_rows_and_bare_single_rows() -> None:
    sent = export_query_version.build_request(
        "1.0", "HR", "Employees", result_format="JSON", compress_json=False, wrap_single_record_in_array=False
    )

    assert sent.path == "/api/v1.0/HR/Employees"
    assert sent.query == "ResultFormat=JSON&CompressJSON=false&WrapSingleRecordInArray=false"


def test_the_form_of_an_export_holds_what_the_url_would() -> None:
    url = export_query.build_request("HR", "Employees", result_format="CSV", parameters={"@city": "Oslo"}, row_count=5)
    form = export_query_with_form.build_request(
        "HR", "Employees", result_format="CSV", parameters={"@city": "Oslo"}, row_count=5
    )

    assert (form.path, form.query) == (url.path, "")
    assert parse_qs((form.content or b"").decode()) == parse_qs(url.query)


def test_an_export_with_a_password_has_the_basic_authentication_path() -> None:
    assert export_query_with_basic_auth.build_request("HR", "Employees", result_format="CSV").path == (
        "/basicauthapi/HR/Employees"
    )


def test_nobody_to_run_a_job_as_is_reported_by_null() -> None:
    options = JobOptions(feed="Nightly", server="host.example/Cinchy", param_values={})

    assert options.to_dict(exclude_unset=True) == {
        "feed": "Nightly",
        "server": "host.example/Cinchy",
        "useHttps": True,
        "paramValues": {},
        "model": "Cinchy",
        "userId": None,
        "password": None,
        "batchsize": 5000,
        "retrievalbatchsize": 5000,
        "writeToFile": True,
    }


def test_a_page_of_a_statement_is_a_delimited_file() -> None:
    sent = export_cql.build_request(
        query="SELECT 1", result_format="DELIMITED_FILE", delimiter="|", start_row=500, row_count=250
    )

    assert parse_qs((sent.content or b"").decode()) == {
        "Query": ["SELECT 1"],
        "ResultFormat": ["DELIMITED_FILE"],
        "Delimiter": ["|"],
        "StartRow": ["500"],
        "RowCount": ["250"],
    }


# --- transactions ----------------------------------------------------------------------------------------------------


def test_a_query_names_the_transaction_it_runs_in() -> None:
    url = run_query.build_request("HR", "Employees", connection_id="c-1", transaction_id="t-1")
    form = execute_cql.build_request(query="DELETE", type_="NONQUERY", connection_id="c-1", transaction_id="t-1")

    for sent in (parse_qs(url.query), parse_qs((form.content or b"").decode())):
        assert (sent["ConnectionId"], sent["TransactionId"]) == (["c-1"], ["t-1"])


def test_a_transaction_is_committed_by_a_form() -> None:
    sent = commit_transaction.build_request(connection_id="c-1", transaction_id="t-1")

    assert (sent.path, sent.content_type) == ("/API/CommitTransaction", "application/x-www-form-urlencoded")
    assert sent.content == b"connectionId=c-1&transactionId=t-1"


# --- the rest --------------------------------------------------------------------------------------------------------


def test_literals_are_translated_by_their_guids() -> None:
    sent = translate_literals.build_request(guids=["button.create"], language="en", debug=True)

    assert json.loads(sent.content or b"") == {"guids": ["button.create"], "language": "en", "debug": True}


def test_the_documented_translations_are_read_with_where_they_come_from() -> None:
    read = TranslatedLiterals.from_dict(example("translateLiterals"))

    favorite, unknown = read.data["button.favorite"], read.data["button.delete"]
    assert (favorite.translation, favorite.language, favorite.region) == ("Favourite", "en", "CA")
    assert (unknown.translation, unknown.language, unknown.default_text) == ("button.delete", None, False)


def test_a_secret_is_named_in_the_query_and_not_shown() -> None:
    sent = get_secret.build_request(secret_name="Payroll database", domain="HR")
    read = Secret.from_dict({"secretValue": "password123"})

    assert (sent.path, sent.query) == (
        "/api/v1.0/secrets-manager/secret",
        "secretName=Payroll%20database&domain=HR",
    )
    assert read.secret_value == "password123"
    assert "password123" not in repr(read)


@pytest.mark.parametrize("payload", [{"name": "Ada"}, ["a", 1], "text", None])
def test_a_webhook_takes_any_payload_as_it_is(payload: object) -> None:
    sent = deliver_webhook.build_request(payload)

    assert (sent.path, sent.query) == ("/API/callback", "")  # the key is added where the token is
    assert json.loads(sent.content or b"") == payload


def test_a_file_is_found_by_table_row_column_and_id() -> None:
    sent = download_file.build_request("Zero App", "Hub Dashboards", 5, "File", file_id=5122)

    assert sent.path == "/api/files/v1.0/Zero%20App/Hub%20Dashboards/5/File"
    assert sent.query == "fileId=5122"


def test_a_data_model_is_exported_by_guid_and_version() -> None:
    sent = export_data_model.build_request(guid="7a1d4c90", model_version="1.0.0")

    assert (sent.path, sent.query) == ("/api/createdxversion", "guid=7a1d4c90&modelVersion=1.0.0")


def test_a_data_model_is_loaded_as_file_with_switches() -> None:
    model = File(b"<Model/>", file_name="hr.xml", mime_type="text/xml")
    sent = load_data_model.build_request(xml_file=model, drop_columns=False, update_columns=True)

    assert sent.files == [
        ("xmlFile", ("hr.xml", b"<Model/>", "text/xml")),
        ("dropColumns", (None, b"false", "text/plain")),
        ("updateColumns", (None, b"true", "text/plain")),
    ]


def test_entitlements_are_asked_for_by_domain_and_table() -> None:
    sent = get_table_entitlements_by_name.build_request(domain_name="HR", table_name="Employees")

    assert json.loads(sent.content or b"") == {"domainName": "HR", "tableName": "Employees"}
