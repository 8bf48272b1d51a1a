"""What the spec says of Cinchy: how one logs in, what queries send, where responses explain themselves."""

from __future__ import annotations

import pytest
from auth_core.conditions import matches
from auth_core.errors import LoginRefused, LoginRequired, TokenUnavailable
from auth_core.expressions import ABSENT, ResponseView, evaluate

from specs.reading import Script, ScriptedResponse, document, each_operation, grant, lifecycle, operation, schema

VENDOR = "cinchy"
SERVERS = {"base_url": "https://host.example/Cinchy", "sso_url": "https://sso.example/CinchySSO"}
APPLICATION = {"client_id": "app", "client_secret": "guid"}
USER = {**APPLICATION, "username": "ada", "password": "secret"}
TOKEN = ScriptedResponse({"access_token": "access-1", "expires_in": 1800, "token_type": "Bearer"})
FORM = "application/x-www-form-urlencoded"

QUERIES = ["runQuery", "runQueryVersion", "runQueryWithBasicAuth"]
EXPORTS = ["exportQuery", "exportQueryVersion", "exportQueryWithBasicAuth"]
QUERY_FORMS = ["runQueryWithForm", "runQueryVersionWithForm", "runQueryWithBasicAuthAndForm"]


def test_operations_are_where_the_vendor_has_them() -> None:
    assert [
        (each.method, each.path, each.server, each.definition["operationId"]) for each in each_operation(VENDOR)
    ] == [
        ("POST", "/identity/connect/token", "sso", "createToken"),
        ("GET", "/identity/connect/userinfo", "sso", "getUserInfo"),
        ("GET", "/identity/.well-known/openid-configuration", "sso", "getOpenidConfiguration"),
        ("GET", "/API/{domain}/{query}", None, "runQuery"),
        ("POST", "/API/{domain}/{query}", None, "runQueryWithForm"),
        ("GET", "/API/v{version}/{domain}/{query}", None, "runQueryVersion"),
        ("POST", "/API/v{version}/{domain}/{query}", None, "runQueryVersionWithForm"),
        ("GET", "/BasicAuthAPI/{domain}/{query}", None, "runQueryWithBasicAuth"),
        ("POST", "/BasicAuthAPI/{domain}/{query}", None, "runQueryWithBasicAuthAndForm"),
        ("GET", "/api/{domain}/{query}", None, "exportQuery"),
        ("POST", "/api/{domain}/{query}", None, "exportQueryWithForm"),
        ("GET", "/api/v{version}/{domain}/{query}", None, "exportQueryVersion"),
        ("POST", "/api/v{version}/{domain}/{query}", None, "exportQueryVersionWithForm"),
        ("GET", "/basicauthapi/{domain}/{query}", None, "exportQueryWithBasicAuth"),
        ("POST", "/API/ExecuteCQL", None, "queryCql"),
        ("POST", "/api/executecql", None, "executeCql"),
        ("POST", "/api/ExecuteCQL", None, "exportCql"),
        ("GET", "/API/OpenConnection", None, "openConnection"),
        ("POST", "/API/CloseConnection", None, "closeConnection"),
        ("POST", "/API/BeginTransaction", None, "beginTransaction"),
        ("POST", "/API/CommitTransaction", None, "commitTransaction"),
        ("POST", "/API/RollbackTransaction", None, "rollbackTransaction"),
        ("POST", "/API/Translate", None, "translateLiterals"),
        ("GET", "/api/v1.0/secrets-manager/secret", None, "getSecret"),
        ("POST", "/API/callback", None, "deliverWebhook"),
        ("GET", "/api/files/v1.0/{domain}/{table}/{cinchyId}/{column}", None, "downloadFile"),
        ("POST", "/api/v1.0/jobs", "connections", "startJob"),
        ("POST", "/api/jobs", "connections", "startJobUnversioned"),
        ("GET", "/api/v1.0/jobs/{executionId}/{artifact}", "connections", "getJobArtifact"),
        ("GET", "/api/createdxversion", None, "exportDataModel"),
        ("POST", "/apps/modelloader", None, "loadDataModel"),
        ("GET", "/Account/GetGroupsCurrentUserBelongsTo", None, "listCurrentUserGroups"),
        ("POST", "/Account/GetTableEntitlementsById", None, "getTableEntitlementsById"),
        ("POST", "/Account/GetTableEntitlementsByGuid", None, "getTableEntitlementsByGuid"),
        ("POST", "/Account/GetTableEntitlementsByName", None, "getTableEntitlementsByName"),
        ("GET", "/.well-known/cinchy-configuration", None, "getConfiguration"),
        ("GET", "/api/getstsauthorityuri", None, "getStsAuthorityUri"),
        ("GET", "/healthcheck", None, "getHealth"),
        ("GET", "/idp/healthcheck", None, "getSsoHealth"),
        ("GET", "/connections/healthcheck", None, "getConnectionsHealth"),
    ]


# --- servers ---------------------------------------------------------------------------------------------------------


def test_the_web_application_has_no_address_of_its_own() -> None:
    (server,) = document(VENDOR)["servers"]

    assert "{host}" in server["url"]
    assert "x-default" not in server


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("/identity/connect/token", "{base_url}/../CinchySSO"),
        ("/api/v1.0/jobs", "{base_url}/../connections"),
        ("/api/jobs", "{base_url}/../connections"),
    ],
)
def test_other_services_default_to_siblings_of_the_web_application(path: str, default: str) -> None:
    """On the host of the web application."""
    (server,) = document(VENDOR)["paths"][path]["servers"]

    assert server["x-default"] == default


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_a_token_request_is_a_form_without_credentials_in_headers() -> None:
    found = operation(VENDOR, "createToken")

    assert list(found.body) == [FORM]
    assert found.security == []


def test_a_password_login_sends_user_application_and_the_one_scope() -> None:
    script = Script((TOKEN,))

    script.renewer(VENDOR, "password", USER, SERVERS).renew(0)

    assert script.sent[0].url == "https://sso.example/CinchySSO/identity/connect/token"
    assert script.sent[0].form == {"grant_type": "password", "scope": "js_api", **USER}
    assert "Authorization" not in script.sent[0].headers


def test_a_login_by_saml_sends_the_assertion_as_token() -> None:
    script = Script((TOKEN,))

    script.renewer(VENDOR, "saml2", {**APPLICATION, "assertion": "PHNhbWw+"}, SERVERS).renew(0)

    assert script.sent[0].form == {"grant_type": "saml2", "scope": "js_api", "token": "PHNhbWw+", **APPLICATION}


def test_an_assertion_is_good_for_one_login() -> None:
    script = Script((TOKEN, TOKEN))
    renewer = script.renewer(VENDOR, "saml2", {**APPLICATION, "assertion": "PHNhbWw+"}, SERVERS)
    token = renewer.renew(0)

    with pytest.raises(LoginRequired):
        renewer.renew(token.generation)

    assert len(script.sent) == 1


def test_the_response_says_how_long_the_token_lives() -> None:
    token = Script((TOKEN,)).renewer(VENDOR, "password", USER, SERVERS).renew(0)

    assert (token.part("access_token"), token.lifetime) == ("access-1", 1800)


def test_a_token_without_a_stated_lifetime_lives_an_hour() -> None:
    script = Script((ScriptedResponse({"access_token": "access-1", "token_type": "Bearer"}),))

    assert script.renewer(VENDOR, "password", USER, SERVERS).renew(0).lifetime == 3600


def test_an_expired_token_leads_to_a_login() -> None:
    """There is no refresh token."""
    script = Script((TOKEN, TOKEN))
    renewer = script.renewer(VENDOR, "password", USER, SERVERS)

    renewer.renew(renewer.renew(0).generation)

    assert [sent.form["grant_type"] for sent in script.sent] == ["password", "password"]
    assert lifecycle(VENDOR).refresh is None


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope"])
def test_an_oauth_error_refuses_the_login(code: str) -> None:
    script = Script((ScriptedResponse({"error": code, "error_description": "No."}, status=400),))

    with pytest.raises(LoginRefused) as caught:
        script.renewer(VENDOR, "password", USER, SERVERS).renew(0)

    assert caught.value.code == code
    assert ("Permitted Scopes" in str(caught.value)) is (code == "invalid_scope")


def test_what_registering_an_application_takes_is_said_of_its_credentials() -> None:
    grants = document(VENDOR)["components"]["securitySchemes"]["bearerAuth"]["x-token-lifecycle"]["grants"]
    said = " ".join(grants["password"]["description"].split())

    for column in ("Client Id", "Grant Type", "redirect URLs", "Show Cinchy Login Screen", "Permitted Scopes", "3600"):
        assert column in said, column
    for word in ("Cinchy Administrators", "SSO account", "Enabled", "Guid", "invalid_scope"):
        assert word in said, word


@pytest.mark.parametrize(
    "response",
    [ScriptedResponse("<html>", 404), ScriptedResponse({}, 429), ScriptedResponse({"error": "server_error"}, 503)],
)
def test_any_other_failure_of_a_login_means_try_later(response: ScriptedResponse) -> None:
    with pytest.raises(TokenUnavailable):
        Script((response,)).renewer(VENDOR, "password", USER, SERVERS).renew(0)


def test_a_personal_access_token_is_the_token_itself() -> None:
    found = grant(VENDOR, "personal_access_token")

    assert found.requests == ()
    assert found.static is not None


def test_401_and_nothing_else_means_expired() -> None:
    assert [(each.status, each.body, each.headers) for each in lifecycle(VENDOR).expired] == [((401,), {}, {})]


def test_to_log_out_is_to_forget() -> None:
    assert lifecycle(VENDOR).logout is None


def test_basic_credentials_have_variables_of_their_own() -> None:
    (basic,) = lifecycle(VENDOR, "basicAuth").grants

    assert {each.environment for each in basic.credentials} == {"CINCHY_BASIC_USERNAME", "CINCHY_BASIC_PASSWORD"}


# --- who may call what -----------------------------------------------------------------------------------------------


def test_basic_paths_take_basic_authentication_and_nothing_else() -> None:
    for each in each_operation(VENDOR):
        assert (each.security == [["basicAuth"]]) == each.path.casefold().startswith("/basicauthapi/")


def test_saved_queries_and_secrets_may_be_public() -> None:
    anonymous = {each.definition["operationId"] for each in each_operation(VENDOR) if [] in each.security}

    assert anonymous == {
        *("runQuery", "runQueryWithForm", "runQueryVersion", "runQueryVersionWithForm"),
        *("exportQuery", "exportQueryWithForm", "exportQueryVersion", "exportQueryVersionWithForm"),
        "getSecret",
    }


def test_a_webhook_takes_only_its_key_in_the_query() -> None:
    scheme = document(VENDOR)["components"]["securitySchemes"]["webhookKey"]

    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "query", "key")
    assert operation(VENDOR, "deliverWebhook").security == [["webhookKey"]]
    assert grant(VENDOR, "webhook_key", "webhookKey").requests == ()
    assert all(each.secret for each in grant(VENDOR, "webhook_key", "webhookKey").credentials)


def test_a_token_goes_before_anonymity() -> None:
    assert operation(VENDOR, "runQuery").security == [["bearerAuth"], []]


@pytest.mark.parametrize(
    "operation_id",
    [
        *("createToken", "getOpenidConfiguration", "getConfiguration", "getStsAuthorityUri"),
        *("getHealth", "getSsoHealth", "getConnectionsHealth"),
    ],
)
def test_what_is_needed_before_the_login_takes_no_token(operation_id: str) -> None:
    assert operation(VENDOR, operation_id).security == []


# --- queries ---------------------------------------------------------------------------------------------------------


def query_parameters(operation_id: str) -> dict[str, dict[str, object]]:
    """The query parameters of an operation by name, references followed."""
    components = document(VENDOR)["components"]["parameters"]
    named = [
        components[each["$ref"].rpartition("/")[2]] for each in operation(VENDOR, operation_id).definition["parameters"]
    ]
    return {each["name"]: each for each in named if each["in"] == "query"}


@pytest.mark.parametrize("operation_id", QUERIES)
def test_a_query_always_asks_for_a_compressed_json_table(operation_id: str) -> None:
    found = query_parameters(operation_id)

    assert found["ResultFormat"]["schema"] == {"type": "string", "const": "JSON"}
    assert found["CompressJSON"]["schema"] == {"type": "boolean", "const": True}
    assert found["ResultFormat"]["required"] is found["CompressJSON"]["required"] is True


@pytest.mark.parametrize("operation_id", QUERIES)
def test_query_parameters_are_free_and_sent_by_their_own_names(operation_id: str) -> None:
    found = query_parameters(operation_id)["parameters"]

    assert (found["style"], found["explode"]) == ("form", True)
    assert schema(VENDOR, "QueryParameters")["additionalProperties"] == {"type": "string"}


@pytest.mark.parametrize("operation_id", QUERY_FORMS)
def test_the_form_of_a_query_carries_what_the_url_would(operation_id: str) -> None:
    reference = operation(VENDOR, operation_id).definition["requestBody"]["$ref"]
    form = schema(VENDOR, "SavedQueryForm")

    assert reference == "#/components/requestBodies/SavedQueryForm"
    assert form["properties"].keys() == query_parameters("runQuery").keys() - {"parameters"}
    assert form["additionalProperties"]["type"] == "string"
    assert form["x-additionalPropertiesName"] == "parameters"
    assert form["required"] == ["ResultFormat", "CompressJSON"]


def test_the_type_of_a_statement_separates_reading_from_writing() -> None:
    assert schema(VENDOR, "CqlQueryType")["enum"] == ["QUERY", "DRAFT_QUERY", "VERSION_HISTORY_QUERY"]
    assert schema(VENDOR, "CqlStatementType")["enum"] == ["NONQUERY", "SCALAR"]
    assert "Type" in schema(VENDOR, "CqlStatement")["required"]


def test_a_result_is_a_table_with_the_columns_apart() -> None:
    result = schema(VENDOR, "QueryResult")

    members = {"columns": "schema", "name": "columnName", "type": "type", "rows": "data"}
    assert result["x-table"] == {**members, "types": result["x-table"]["types"]}
    assert "required" not in result  # an empty result may have neither


def test_what_is_unknown_is_typed_openly() -> None:
    assert schema(VENDOR, "Cell").keys() == {"description"}
    assert schema(VENDOR, "CqlOutcome").keys() == {"description"}
    assert schema(VENDOR, "StartedJob")["properties"]["executionId"]["type"] == ["integer", "string"]
    for name in ("UserGroups", "ConnectionsHealth", "WebhookPayload"):
        assert schema(VENDOR, name).keys() == {"description"}


def test_every_option_of_a_job_is_required() -> None:
    options = schema(VENDOR, "JobOptions")

    assert set(options["required"]) == options["properties"].keys()


def test_only_the_query_api_is_known_to_refuse_with_html() -> None:
    for each in each_operation(VENDOR):
        refusal = each.definition["responses"].get("401", {}).get("$ref", "").rpartition("/")[2]
        if each.server is not None:
            assert refusal != "NotAuthorized"


def test_a_job_is_started_by_parts_named_files_and_options() -> None:
    body = document(VENDOR)["components"]["requestBodies"]["StartJob"]["content"]

    assert list(body) == ["multipart/form-data"]
    assert schema(VENDOR, "JobRequest")["properties"].keys() == {"files", "options"}


@pytest.mark.parametrize("operation_id", QUERIES)
def test_a_query_is_paged_by_start_and_count_without_total(operation_id: str) -> None:
    assert operation(VENDOR, operation_id).definition["x-pagination"] == {
        "style": "offset",
        "items": "$response.body#/data",
        "offset": "$request.query.StartRow",
        "limit": "$request.query.RowCount",
    }


@pytest.mark.parametrize("operation_id", QUERY_FORMS)
def test_a_query_by_a_form_comes_in_the_same_pages(operation_id: str) -> None:
    assert operation(VENDOR, operation_id).definition["x-pagination"] == {
        "style": "offset",
        "items": "$response.body#/data",
        "offset": "$request.body#/StartRow",
        "limit": "$request.body#/RowCount",
    }


def test_a_get_that_may_leave_something_behind_is_not_safe() -> None:
    gets = {each.definition["operationId"] for each in each_operation(VENDOR) if each.method == "GET"}
    unsafe = {name for name in gets if operation(VENDOR, name).definition.get("x-safe") is False}

    assert unsafe == {*QUERIES, *EXPORTS, "openConnection", "exportDataModel"}


def test_a_post_is_safe_where_it_merely_reads() -> None:
    posts = {each.definition["operationId"] for each in each_operation(VENDOR) if each.method == "POST"}
    safe = {name for name in posts if operation(VENDOR, name).definition.get("x-safe") is True}

    assert safe == {
        *("queryCql", "exportCql", "translateLiterals"),
        *("getTableEntitlementsById", "getTableEntitlementsByGuid", "getTableEntitlementsByName"),
    }


# --- exports, transactions and the rest ---------------------------------------------------------------------------


@pytest.mark.parametrize("operation_id", EXPORTS)
def test_an_export_takes_every_documented_option_of_a_query(operation_id: str) -> None:
    found = query_parameters(operation_id)

    assert found.keys() == query_parameters("runQuery").keys() | {"WrapSingleRecordInArray"}
    assert found["CompressJSON"]["schema"] == {"type": "boolean", "default": True}
    assert schema(VENDOR, "ExportFormat")["enum"] == ["CSV", "TSV", "PSV", "XML", "JSON", "PROTOBUF"]


def test_the_form_of_an_export_carries_what_the_url_would() -> None:
    form = schema(VENDOR, "SavedQueryExportForm")

    assert form["properties"].keys() == query_parameters("exportQuery").keys() - {"parameters"}
    assert form["additionalProperties"] == schema(VENDOR, "SavedQueryForm")["additionalProperties"]
    assert form["required"] == ["ResultFormat"]


def test_cql_comes_in_pages_as_a_delimited_file_only() -> None:
    paging = {"Delimiter", "StartRow", "RowCount"}

    assert schema(VENDOR, "CqlExport")["properties"].keys() >= paging
    assert not schema(VENDOR, "CqlQuery")["properties"].keys() & paging
    assert set(schema(VENDOR, "CqlExportFormat")["enum"]) == {*schema(VENDOR, "ExportFormat")["enum"], "DELIMITED_FILE"}


@pytest.mark.parametrize(
    ("operation_id", "members"),
    [
        ("closeConnection", {"connectionId"}),
        ("beginTransaction", {"connectionId"}),
        ("commitTransaction", {"connectionId", "transactionId"}),
        ("rollbackTransaction", {"connectionId", "transactionId"}),
    ],
)
def test_transaction_requests_are_forms_with_connection_and_transaction(operation_id: str, members: set[str]) -> None:
    (media_type,) = operation(VENDOR, operation_id).body
    sent = operation(VENDOR, operation_id).body[media_type]["schema"]["$ref"].rpartition("/")[2]

    assert media_type == FORM
    assert set(schema(VENDOR, sent)["required"]) == members == schema(VENDOR, sent)["properties"].keys()


@pytest.mark.parametrize("name", ["CqlQuery", "CqlStatement", "CqlExport", "SavedQueryForm"])
def test_every_query_may_run_in_a_transaction(name: str) -> None:
    assert schema(VENDOR, name)["properties"].keys() >= {"ConnectionId", "TransactionId"}


@pytest.mark.parametrize(
    ("name", "member"),
    [
        ("PasswordTokenRequest", "client_secret"),
        ("PasswordTokenRequest", "password"),
        ("Saml2TokenRequest", "client_secret"),
        ("Saml2TokenRequest", "token"),
        ("JobOptions", "password"),
    ],
)
def test_what_logs_somebody_in_is_a_password(name: str, member: str) -> None:
    assert schema(VENDOR, name)["properties"][member]["format"] == "password"


def test_the_value_of_a_secret_is_declared_as_one() -> None:
    assert schema(VENDOR, "Secret")["properties"]["secretValue"]["format"] == "password"


def test_a_model_is_loaded_by_the_deployment_scripts_parts() -> None:
    assert schema(VENDOR, "DataModelUpload")["properties"].keys() == {
        "xmlFile",
        "dropColumns",
        "updateColumns",
        "renameTablesAndUpdateDomains",
        "recalulateCalculatedColumns",
    }


@pytest.mark.parametrize(
    ("operation_id", "release"),
    [
        ("runQueryVersion", "5.10"),
        ("runQueryVersionWithForm", "5.10"),
        ("exportQueryVersion", "5.10"),
        ("getSecret", "5.7"),
        ("exportQueryVersionWithForm", "5.10"),
    ],
)
def test_what_came_with_a_release_says_so(operation_id: str, release: str) -> None:
    description = " ".join(operation(VENDOR, operation_id).definition["description"].split())

    assert f"Cinchy {release} or later." in description


def test_what_failed_before_a_release_says_so() -> None:
    webhook, form = (
        " ".join(operation(VENDOR, name).definition["description"].split())
        for name in ("deliverWebhook", "runQueryWithForm")
    )

    assert "Cinchy 4.21 or later; before 5.3, JSON was refused with status 400." in webhook
    assert "Before Cinchy 5.2" in form


# --- failures --------------------------------------------------------------------------------------------------------


def first(expressions: list[str], evidence: ResponseView) -> object:
    """The first of the values that is there."""
    found = (evaluate(each, evidence) for each in expressions)
    return next(value for value in found if value is not ABSENT)


def test_the_message_of_a_failed_query_stands_in_a_header() -> None:
    page = ResponseView(400, {"x-cinchy-error": "no such column", "content-type": "text/html"}, b"<html>")

    assert first(document(VENDOR)["x-responses"]["message"], page) == "no such column"


def test_the_message_of_a_refused_login_stands_in_its_body() -> None:
    responses = document(VENDOR)["x-responses"]
    refusal = ResponseView(400, {}, b'{"error": "invalid_grant", "error_description": "No."}')

    assert first(responses["code"], refusal) == "invalid_grant"
    assert first(responses["message"], refusal) == "No."


def test_an_html_page_with_status_401_is_recovered_from() -> None:
    assert matches(lifecycle(VENDOR).expired, ResponseView(401, {"content-type": "text/html"}, b"<html>"))
