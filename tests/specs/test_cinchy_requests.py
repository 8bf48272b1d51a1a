"""What the generated Cinchy client puts into requests, by the spec."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from cinchy_client.models.query_result import QueryResult
from cinchy_client.operations.cql import execute_cql, query_cql
from cinchy_client.operations.jobs import get_job_artifact
from cinchy_client.operations.queries import run_query, run_query_version, run_query_with_form
from specs.reading import document


def test_the_parameters_of_a_query_keep_their_names_and_the_format_is_always_asked_for() -> None:
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
    sent = query_cql.build_request(query="SELECT @x", parameters={"Parameters[0].ParameterName": "@x"})

    assert sent.content_type == "application/x-www-form-urlencoded"
    assert parse_qs((sent.content or b"").decode()) == {
        "Query": ["SELECT @x"],
        "ResultFormat": ["JSON"],
        "CompressJSON": ["true"],
        "Parameters[0].ParameterName": ["@x"],
    }


def test_a_statement_that_writes_says_so() -> None:
    sent = execute_cql.build_request(query="DELETE FROM [HR].[Employees]", type_="NONQUERY")

    assert parse_qs((sent.content or b"").decode())["Type"] == ["NONQUERY"]


@pytest.mark.parametrize("execution_id", [4711, "4711"])
def test_the_id_of_a_job_is_used_as_it_was_answered(execution_id: int | str) -> None:
    sent = get_job_artifact.build_request(execution_id, "logs", cinchy_url="https://host.example/Cinchy")

    assert sent.path == "/api/v1.0/jobs/4711/logs"
    assert sent.query == "cinchyUrl=https%3A%2F%2Fhost.example%2FCinchy&model=Cinchy"


def test_the_rows_of_the_example_are_read_by_the_names_of_its_columns() -> None:
    answer = document("cinchy")["components"]["responses"]["QueryResult"]

    rows = list(QueryResult.from_dict(answer["content"]["application/json"]["example"]).rows())

    assert rows[0] == {"Name": "Ada", "City": "Oslo", "Age": 36}
