"""Cinchy's query API: tables, formats, and errors that are pages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from sandbox.support import login
from vendor_sandbox import Vendor

JSON_RESULT = {"ResultFormat": "JSON", "CompressJSON": "true"}


@pytest.fixture
def token(cinchy: Vendor, client: httpx.Client) -> str:
    text: str = login(cinchy, client)["access_token"]
    return text


class Cinchy:
    """The query API with a token."""

    def __init__(self, vendor: Vendor, client: httpx.Client, token: str) -> None:
        self.vendor = vendor
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def query(self, name: str = "Employees", **params: str) -> httpx.Response:
        url = f"{self.vendor.servers['base_url']}/API/HR/{name}"
        return self.client.get(url, params=params or JSON_RESULT, headers=self.headers)

    def cql(self, statement: str, parameters: Mapping[str, Any] | None = None, /, **options: str) -> httpx.Response:
        form = {"Query": statement, **JSON_RESULT}
        for number, (name, value) in enumerate((parameters or {}).items()):
            form |= {
                f"Parameters[{number}].ParameterName": name,
                f"Parameters[{number}].XmlSerializedValue": str(value),
                f"Parameters[{number}].ValueType": "System.String",
            }
        form |= options
        return self.client.post(f"{self.vendor.servers['base_url']}/API/ExecuteCQL", data=form, headers=self.headers)


@pytest.fixture
def api(cinchy: Vendor, client: httpx.Client, token: str) -> Cinchy:
    return Cinchy(cinchy, client, token)


ADA, GRACE = ["Ada", "Oslo", 36], ["Grace", "Oslo", 45]


def test_a_query_returns_columns_apart_from_rows(api: Cinchy) -> None:
    assert api.query().json() == {
        "schema": [
            {"columnName": "Name", "type": "String"},
            {"columnName": "City", "type": "String"},
            {"columnName": "Age", "type": "Int32"},
        ],
        "data": [ADA, GRACE],
    }


def test_parameters_filter_the_rows(api: Cinchy) -> None:
    assert api.query(**JSON_RESULT, **{"@name": "Ada"}).json()["data"] == [ADA]
    assert api.query(**JSON_RESULT, **{"@name": "Ada", "@city": "Bergen"}).json()["data"] == []
    assert api.query(**JSON_RESULT, **{"@unknown": "x"}).json()["data"] == [ADA, GRACE]


def test_the_rows_of_a_query_come_in_pages(api: Cinchy) -> None:
    assert api.query(**JSON_RESULT, StartRow="1", RowCount="5").json()["data"] == [GRACE]
    assert api.query(**JSON_RESULT, RowCount="1").json()["data"] == [ADA]


def test_expanded_json_has_an_object_for_each_row(api: Cinchy) -> None:
    expanded = {"ResultFormat": "JSON", "CompressJSON": "false"}
    assert api.query(**expanded, **{"@name": "Ada"}).json() == [{"Name": "Ada", "City": "Oslo", "Age": 36}]
    single = api.query(**expanded, WrapSingleRecordInArray="false", **{"@name": "Ada"})
    assert single.json() == {"Name": "Ada", "City": "Oslo", "Age": 36}


def test_without_a_format_the_response_is_csv(api: Cinchy) -> None:
    response = api.query(CompressJSON="true")
    assert response.text.splitlines() == ["Name,City,Age", "Ada,Oslo,36", "Grace,Oslo,45"]
    assert response.headers["content-type"] == "application/octet-stream"


def test_names_of_paths_and_options_come_in_any_case(api: Cinchy) -> None:
    url = f"{api.vendor.servers['base_url']}/api/hr/employees"
    response = api.client.get(url, params={"resultformat": "JSON", "compressjson": "true"}, headers=api.headers)
    assert response.json()["data"] == [ADA, GRACE]


def test_a_form_does_the_same_as_the_url(api: Cinchy) -> None:
    url = f"{api.vendor.servers['base_url']}/API/v1.0/HR/Employees"
    response = api.client.post(url, data={**JSON_RESULT, "@name": "Grace"}, headers=api.headers)
    assert response.json()["data"] == [GRACE]


def test_a_failed_query_is_a_page_with_a_reason_header(api: Cinchy) -> None:
    response = api.query("No such query")
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("text/html")
    assert "could not be found" in response.headers["X-Cinchy-Error"]
    with pytest.raises(json.JSONDecodeError):
        response.json()


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic eDp5", "Bearer"])
def test_401_is_a_page_without_a_reason(authorization: str | None, cinchy: Vendor, client: httpx.Client) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    url = f"{cinchy.servers['base_url']}/API/HR/Employees"
    response = client.get(url, params=JSON_RESULT, headers=headers)
    assert response.status_code == 401
    assert response.headers["content-type"].startswith("text/html")
    assert "X-Cinchy-Error" not in response.headers
    assert "WWW-Authenticate" not in response.headers


def test_a_public_query_needs_no_token_but_refuses_wrong_ones(cinchy: Vendor, client: httpx.Client) -> None:
    url = f"{cinchy.servers['base_url']}/API/Public/Offices"
    assert client.get(url, params=JSON_RESULT).json()["data"] == [["Oslo"], ["Bergen"]]
    assert client.get(url, params=JSON_RESULT, headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_personal_access_tokens_work_except_at_the_old_jobs_path(cinchy: Vendor, client: httpx.Client) -> None:
    token = cinchy.credentials["personal_access_token"]["personal_access_token"]
    api = Cinchy(cinchy, client, token)
    assert api.query().status_code == 200
    assert start_job(api, "/api/jobs").status_code == 401
    assert start_job(api, "/api/v1.0/jobs").status_code == 200


def test_basic_authentication_is_for_its_own_path_only(cinchy: Vendor, client: httpx.Client) -> None:
    given = cinchy.credentials["basic"]
    auth = (given["username"], given["password"])
    base = cinchy.servers["base_url"]
    assert client.get(f"{base}/BasicAuthAPI/HR/Employees", params=JSON_RESULT, auth=auth).status_code == 200
    assert client.get(f"{base}/API/HR/Employees", params=JSON_RESULT, auth=auth).status_code == 401
    wrong = (given["username"], "wrong")
    assert client.get(f"{base}/BasicAuthAPI/HR/Employees", params=JSON_RESULT, auth=wrong).status_code == 401
    broken = {"Authorization": f"Basic {base64.b64encode(b'no colon').decode()}"}
    assert client.get(f"{base}/BasicAuthAPI/HR/Employees", params=JSON_RESULT, headers=broken).status_code == 401


# --- CQL


def test_cql_selects_with_parameters(api: Cinchy) -> None:
    statement = "SELECT [Name], [Age] FROM [HR].[Employees] WHERE [City] = @city AND [Age] > 40"
    response = api.cql(statement, {"@city": "Oslo"}, Type="QUERY")
    assert response.json() == {
        "schema": [{"columnName": "Name", "type": "String"}, {"columnName": "Age", "type": "Int32"}],
        "data": [["Grace", 45]],
    }


def test_cql_changes_what_queries_read(api: Cinchy) -> None:
    insert = "INSERT INTO [HR].[Employees] ([Name], [City], [Age]) VALUES (@name, 'Bergen', 29)"
    assert api.cql(insert, {"@name": "O'Neil"}, Type="NONQUERY").json() == 1
    assert api.query(**JSON_RESULT, **{"@city": "Bergen"}).json()["data"] == [["O'Neil", "Bergen", 29]]
    assert api.cql("UPDATE [HR].[Employees] SET [City] = 'Bergen' WHERE [Age] >= 36", Type="NONQUERY").json() == 2
    assert api.cql("DELETE FROM [HR].[Employees] WHERE [City] = 'Bergen'", Type="NONQUERY").json() == 3
    assert api.query().json()["data"] == []


def test_a_scalar_is_a_bare_value(api: Cinchy) -> None:
    assert api.cql("SELECT COUNT(*) FROM [HR].[Employees]", Type="SCALAR").json() == 2


def test_a_change_sent_as_a_query_is_executed_twice(api: Cinchy) -> None:
    api.cql("INSERT INTO [HR].[Employees] ([Name]) VALUES ('Twice')", Type="QUERY")
    assert api.query(**JSON_RESULT, **{"@name": "Twice"}).json()["data"] == [["Twice", None, None]] * 2


def test_schema_only_leaves_the_rows_out(api: Cinchy) -> None:
    assert api.cql("SELECT [Name] FROM [HR].[Employees]", SchemaOnly="true").json()["data"] == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("SELECT * FROM [HR].[Nothing]", "could not be found"),
        ("SELECT [Salary] FROM [HR].[Employees]", "[Salary] could not be found"),
        ("SELECT * FROM [HR].[Employees] WHERE [City] = @city", "@city"),
        ("SELECT * FROM [HR].[Employees] ORDER BY [Name]", "ORDER"),
        ("DROP TABLE [HR].[Employees]", "DROP"),
        ("SELECT", "end of the statement"),
        ("SELECT * FROM [HR].[Employees] WHERE [City] ~ 'x'", "~"),
        ("INSERT INTO [HR].[Employees] ([Name]) VALUES (1, 2)", "number of values"),
    ],
)
def test_cql_that_cannot_run_says_why(api: Cinchy, statement: str, reason: str) -> None:
    response = api.cql(statement)
    assert response.status_code == 400
    assert reason in response.headers["X-Cinchy-Error"]


def test_a_type_of_statement_that_is_none_is_refused(api: Cinchy) -> None:
    response = api.cql("SELECT * FROM [HR].[Employees]", Type="BATCH")
    assert "BATCH" in response.headers["X-Cinchy-Error"]


def test_gaps_between_parameters_are_refused(api: Cinchy) -> None:
    gap = {"Parameters[1].ParameterName": "@x"}
    response = api.cql("SELECT * FROM [HR].[Employees]", None, **gap)
    assert "numbered from 0" in response.headers["X-Cinchy-Error"]


@pytest.mark.parametrize(("value", "kind"), [("x", "System.Double"), ("1", "System.Boolean"), ("1", "System.Guid")])
def test_a_value_that_is_not_of_its_type_is_refused(value: str, kind: str, api: Cinchy) -> None:
    of_another_type = {"Parameters[0].ValueType": kind}
    response = api.cql("SELECT * FROM [HR].[Employees] WHERE [City] = @x", {"@x": value}, **of_another_type)
    assert kind in response.headers["X-Cinchy-Error"]


def test_only_a_delimited_file_comes_in_pages(api: Cinchy) -> None:
    statement = "SELECT [Name], [City] FROM [HR].[Employees]"
    page = {"StartRow": "1", "RowCount": "1"}
    response = api.cql(statement, ResultFormat="DELIMITED_FILE", Delimiter="|", **page)
    assert response.text.splitlines() == ["Name|City", "Grace|Oslo"]
    assert len(api.cql(statement, ResultFormat="CSV", **page).text.splitlines()) == 3
    without = api.cql(statement, ResultFormat="DELIMITED_FILE", **page)
    assert (without.status_code, "DELIMITED_FILE" in without.headers["X-Cinchy-Error"]) == (400, True)


@pytest.mark.parametrize(
    ("headers", "status", "content_range"),
    [
        ({}, 200, None),
        ({"Range": "bytes=5-"}, 206, "bytes 5-{last}/{size}"),
        ({"Range": "bytes=0-3"}, 206, "bytes 0-3/{size}"),
        ({"Range": "bytes=2-99999", "If-Range": "{tag}"}, 206, "bytes 2-{last}/{size}"),
        ({"Range": "bytes=5-", "If-Range": '"another"'}, 200, None),
        ({"Range": "bytes=5-2"}, 200, None),
        ({"Range": "lines=1-2"}, 200, None),
        ({"Range": "bytes=99999-"}, 416, "bytes */{size}"),
    ],
)
def test_parts_of_a_file(headers: dict[str, str], status: int, content_range: str | None, api: Cinchy) -> None:
    url = f"{api.vendor.servers['base_url']}/API/HR/Employees?ResultFormat=CSV"
    whole = api.client.get(url, headers=api.headers)
    places = {"tag": whole.headers["ETag"], "size": len(whole.content), "last": len(whole.content) - 1}
    wanted = {name: value.format(**places) for name, value in headers.items()}
    part = api.client.get(url, headers={**api.headers, **wanted})
    assert (part.status_code, part.headers.get("Content-Range")) == (
        status,
        content_range and content_range.format(**places),
    )
    found = re.match(r"bytes (\d+)-(\d+)", part.headers.get("Content-Range", ""))
    expected = whole.content[int(found[1]) : int(found[2]) + 1] if found else whole.content if status == 200 else b""
    assert part.content == expected
    if status != 416:
        assert (part.headers["ETag"], part.headers["Accept-Ranges"]) == (places["tag"], "bytes")


# --- translations and webhooks


def test_a_missing_literal_is_translated_to_its_guid(api: Cinchy) -> None:
    url = f"{api.vendor.servers['base_url']}/API/Translate"
    guids = ["button.favorite", "no.such.literal"]
    plain = api.client.post(url, json={"guids": guids}, headers=api.headers).json()["data"]
    assert plain == {guids[0]: {"translation": "Favourite"}, guids[1]: {"translation": guids[1]}}
    told = api.client.post(url, json={"guids": guids, "debug": True}, headers=api.headers).json()["data"]
    assert told[guids[1]] == {"translation": guids[1], "language": None, "region": None, "defaultText": False}


@pytest.mark.parametrize("key", [None, "wrong"])
def test_the_key_in_the_url_lets_a_payload_in(key: str | None, api: Cinchy) -> None:
    url = f"{api.vendor.servers['base_url']}/API/callback"
    right = api.vendor.credentials["webhook_key"]["webhook_key"]
    assert api.client.post(url, params={"key": right}, json={"name": "Ada"}).is_success
    refused = api.client.post(url, params={"key": key} if key else {}, json={"name": "Ada"}, headers=api.headers)
    assert refused.status_code == 401


# --- the single sign-on service


def test_userinfo_knows_the_user_of_access_tokens_only(api: Cinchy) -> None:
    """It refuses a personal access token."""
    url = f"{api.vendor.servers['sso_url']}/identity/connect/userinfo"
    told = api.client.get(url, headers=api.headers).json()
    assert (told["sub"], told["id"]) == ("1042", api.vendor.credentials["password"]["username"])
    personal = api.vendor.credentials["personal_access_token"]["personal_access_token"]
    assert api.client.get(url, headers={"Authorization": f"Bearer {personal}"}).status_code == 401


def test_the_openid_configuration_leads_to_this_sandbox(cinchy: Vendor, client: httpx.Client) -> None:
    authority = f"{cinchy.servers['sso_url']}/identity"
    told = client.get(f"{authority}/.well-known/openid-configuration").json()
    assert told == {
        "issuer": authority,
        "authorization_endpoint": f"{authority}/connect/authorize",
        "token_endpoint": f"{authority}/connect/token",
        "userinfo_endpoint": f"{authority}/connect/userinfo",
    }


# --- jobs and discovery


def start_job(api: Cinchy, path: str = "/api/v1.0/jobs", **changes: Any) -> httpx.Response:
    options: dict[str, Any] = {
        "paramValues": {},
        "server": "cinchy.example",
        "useHttps": True,
        "userId": None,
        "password": None,
        "model": "Cinchy",
        "feed": "Nightly",
        "batchsize": 5000,
        "retrievalbatchsize": 5000,
        "writeToFile": True,
        **changes,
    }
    files: Any = {"options": (None, json.dumps(options)), "files": ("rows.csv", b"a,b\n1,2\n")}
    return api.client.post(f"{api.vendor.servers['connections_url']}{path}", files=files, headers=api.headers)


def test_a_started_job_stands_in_the_execution_log(api: Cinchy) -> None:
    execution = start_job(api).json()["executionId"]
    statement = "SELECT [Command], [State] FROM [Cinchy].[Execution Log] WHERE [Execution ID] = @id"
    assert api.cql(statement, {"@id": execution}).json()["data"] == [["Nightly", "Succeeded"]]
    params = {"cinchyUrl": api.vendor.servers["base_url"], "model": "Cinchy"}
    place = f"{api.vendor.servers['connections_url']}/api/v1.0/jobs"
    assert api.client.get(f"{place}/{execution}/logs", params=params, headers=api.headers).status_code == 200
    unknown = api.client.get(f"{place}/1/logs", params=params, headers=api.headers)
    assert (unknown.status_code, unknown.json()["status"]) == (400, 400)


def test_a_wrong_job_is_refused_in_json(api: Cinchy) -> None:
    response = start_job(api, batchsize="many")
    assert response.status_code == 400
    assert response.json()["status"] == 400
    assert "many" in response.json()["message"]


def test_discovery_leads_to_this_sandbox(cinchy: Vendor, client: httpx.Client) -> None:
    base = cinchy.servers["base_url"]
    assert client.get(f"{base}/.well-known/cinchy-configuration").json() == {
        "idp_endpoint": cinchy.servers["sso_url"],
        "connections_endpoint": cinchy.servers["connections_url"],
    }
    assert client.get(f"{base}/api/getstsauthorityuri").text == cinchy.servers["sso_url"]


def test_health_tells_the_servers_time_with_seven_digits(cinchy: Vendor, client: httpx.Client) -> None:
    cinchy.clock.skew = 3600
    response = client.get(f"{cinchy.servers['base_url']}/healthcheck")
    time = response.json()["systemTime"]
    assert len(time.partition(".")[2]) == len("1234567Z")
    assert response.headers["date"][17:19] == time[11:13], "the same hour as in the header"


# --- connections and transactions


def ended(api: Cinchy, how: str, connection: str, transaction: str = "") -> httpx.Response:
    form = {"connectionId": connection, "transactionId": transaction}
    return api.client.post(f"{api.vendor.servers['base_url']}/API/{how}", data=form, headers=api.headers)


def begun(api: Cinchy) -> tuple[str, str]:
    opened = api.client.get(f"{api.vendor.servers['base_url']}/API/OpenConnection", headers=api.headers)
    return opened.text, ended(api, "BeginTransaction", opened.text).text


def moved(api: Cinchy, city: str, **options: str) -> int:
    changed: int = api.cql(f"UPDATE [HR].[Employees] SET [City] = '{city}'", Type="NONQUERY", **options).json()
    return changed


def cities(api: Cinchy, **options: str) -> set[str]:
    return {row[1] for row in api.query(**JSON_RESULT, **options).json()["data"]}


def test_what_a_transaction_changes_counts_when_it_is_committed(api: Cinchy) -> None:
    connection, transaction = begun(api)
    within = {"ConnectionId": connection, "TransactionId": transaction}
    assert moved(api, "Bergen", **within) == 2
    assert (cities(api), cities(api, **within)) == ({"Oslo"}, {"Bergen"})
    assert ended(api, "CommitTransaction", connection, transaction).is_success
    assert cities(api) == {"Bergen"}
    assert ended(api, "CommitTransaction", connection, transaction).status_code == 400, "it has ended"


def test_a_rollback_discards_the_changes_of_its_transaction(api: Cinchy) -> None:
    connection, transaction = begun(api)
    moved(api, "Bergen", TransactionId=transaction)
    assert ended(api, "RollbackTransaction", connection, transaction).is_success
    assert cities(api) == {"Oslo"}
    refused = api.query(**JSON_RESULT, TransactionId=transaction)
    assert (refused.status_code, "transaction" in refused.headers["x-cinchy-error"]) == (400, True)


def test_a_transaction_leaves_tables_alone_that_it_did_not_change(api: Cinchy) -> None:
    connection, transaction = begun(api)
    assert moved(api, "Bergen") == 2
    assert ended(api, "CommitTransaction", connection, transaction).is_success
    assert cities(api) == {"Bergen"}


def test_a_closed_connection_ends_its_transactions(api: Cinchy) -> None:
    (connection, transaction), (other, others) = begun(api), begun(api)
    assert len({connection, transaction, other, others}) == 4
    assert ended(api, "CommitTransaction", other, transaction).status_code == 400, "of another connection"
    assert ended(api, "CloseConnection", connection).is_success
    for how in ("CloseConnection", "BeginTransaction", "CommitTransaction", "RollbackTransaction"):
        assert ended(api, how, connection, transaction).status_code == 400
    assert ended(api, "CommitTransaction", other, others).is_success
