"""What is decided about names, servers, tokens and responses, before a template is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from auth_core.lifecycle import (
    BasicAuthentication,
    Candidate,
    CredentialDefinition,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    FromCredential,
    FromToken,
    JwtClaim,
    Placement,
    ResponseCondition,
    TokenLifecycle,
    ValueCondition,
)

from sdkgen.facts.credentials import credentials_fact
from sdkgen.facts.lifecycle import response_details
from sdkgen.facts.names import client_names
from sdkgen.facts.schemes import SchemeFact, scheme_facts
from sdkgen.facts.servers import operation_server, server_facts
from sdkgen.facts.values import source_of, types_in
from sdkgen.source import loads


def read(text: str) -> Any:
    return loads(text.encode(), path=Path("openapi.yaml"), name="openapi.yaml").document


# --- names -----------------------------------------------------------------------------------------------------------


def test_all_names_follow_from_the_vendor() -> None:
    names = client_names("athena-crm", {"info": {"title": "Athena"}})
    assert (names.distribution, names.package) == ("athena-crm-client", "athena_crm_client")
    assert (names.client, names.async_client, names.base_error) == ("AthenaCrm", "AsyncAthenaCrm", "AthenaCrmError")
    assert (names.environment, names.variable) == ("ATHENA_CRM", "athena_crm")


def test_x_client_names_the_class_and_the_variables() -> None:
    names = client_names("crmcom", {"x-client": {"class": "CrmCom", "environment": "CRMCOM"}})
    assert (names.client, names.environment, names.package) == ("CrmCom", "CRMCOM", "crmcom_client")


# --- servers ---------------------------------------------------------------------------------------------------------

SERVERS = """
servers:
  - url: https://{host}/app
    x-required: true
    variables: {host: {default: x.example}}
paths:
  /token:
    servers: [{url: "https://{host}/sso", x-name: sso, x-default: "{base_url}SSO", variables: {host: {default: x}}}]
    post: {}
  /files:
    get: {servers: [{url: "https://files.example/v1"}]}
  /other:
    get: {}
"""


def test_each_server_becomes_an_argument_and_a_variable() -> None:
    facts = {fact.argument: fact for fact in server_facts(read(SERVERS), "ACME")}
    assert list(facts) == ["base_url", "sso_url", "files_url"]
    assert [fact.variable for fact in facts.values()] == ["ACME_BASE_URL", "ACME_SSO_URL", "ACME_FILES_URL"]
    assert [fact.default for fact in facts.values()] == [None, "{base_url}SSO", "https://files.example/v1"]


@pytest.mark.parametrize(
    ("path", "method", "argument"),
    [("/token", "post", "sso_url"), ("/files", "get", "files_url"), ("/other", "get", "base_url")],
)
def test_an_operation_goes_to_the_nearest_server(path: str, method: str, argument: str) -> None:
    assert operation_server(read(SERVERS), path, method) == argument


def test_of_several_unnamed_servers_the_first_is_the_default() -> None:
    document = {"servers": [{"url": "https://live.example"}, {"url": "https://test.example"}]}
    assert [(fact.argument, fact.default) for fact in server_facts(document, "X")] == [
        ("base_url", "https://live.example")
    ]


def test_a_named_first_server_is_not_the_default_for_operations() -> None:
    document = {"servers": [{"url": "https://files.example", "x-name": "files"}, {"url": "https://api.example"}]}
    assert operation_server({**document, "paths": {"/a": {"get": {}}}}, "/a", "get") == "base_url"
    assert {fact.argument: fact.default for fact in server_facts(document, "X")} == {
        "base_url": "https://api.example",
        "files_url": "https://files.example",
    }


def test_a_document_without_servers_requires_a_base_url() -> None:
    assert [(fact.argument, fact.required) for fact in server_facts({}, "X")] == [("base_url", True)]


def test_a_relative_server_is_no_default() -> None:
    assert server_facts({"servers": [{"url": "/v1"}]}, "X")[0].default is None


VARIABLES = """
servers:
  - url: "{scheme}://{region}.acme.example/{base-path}"
    variables:
      scheme: {default: https}
      region: {default: eu, enum: [eu, us]}
      base-path: {default: v2}
paths:
  /files:
    servers:
      - url: "https://{region}.files.example:{timeout}/{token}"
        variables: {region: {default: eu, enum: [eu, us]}, timeout: {default: "443"}, token: {default: t}}
    get: {}
  /other:
    servers: [{url: "https://{region}.other.example", variables: {region: {default: de}}}]
    get: {}
"""


def test_each_variable_of_a_server_becomes_an_argument_and_a_variable() -> None:
    facts = server_facts(read(VARIABLES), "ACME", taken={"timeout", "token"})
    assert {fact.argument: fact.default for fact in facts} == {
        "base_url": "{scheme}://{region}.acme.example/{base_path}",
        "files_url": "https://{region}.files.example:{timeout_of_files}/{token_of_files}",
        "other_url": "https://{region_of_other}.other.example",
    }
    assert [(one.argument, one.variable, one.default, one.allowed) for fact in facts for one in fact.variables] == [
        ("scheme", "ACME_SCHEME", "https", ()),
        ("region", "ACME_REGION", "eu", ("eu", "us")),
        ("base_path", "ACME_BASE_PATH", "v2", ()),
        ("region", "ACME_REGION", "eu", ("eu", "us")),
        ("timeout_of_files", "ACME_TIMEOUT_OF_FILES", "443", ()),
        ("token_of_files", "ACME_TOKEN_OF_FILES", "t", ()),
        ("region_of_other", "ACME_REGION_OF_OTHER", "de", ()),
    ]


@pytest.mark.parametrize("url", ["/{version}", "{root}/v1", "https://{undeclared}.example"])
def test_variables_that_make_no_absolute_url_are_reported(url: str) -> None:
    reports: list[tuple[str, str, str]] = []
    variables = {"version": {"default": "v1"}, "root": {"default": "/api"}}
    document = {"servers": [{"url": url, "variables": variables}]}
    (fact,) = server_facts(document, "X", report=lambda *report: reports.append(report))
    assert (fact.required, fact.variables) == (True, ())
    assert [pointer for pointer, _, _ in reports] == ["/servers/0/url"]


# --- lifecycles ------------------------------------------------------------------------------------------------------

LIFECYCLE = """
paths:
  /login:
    post:
      operationId: login
      security: []
      requestBody: {$ref: '#/components/requestBodies/Login'}
  /login/{step}:
    put: {operationId: second, security: [{key: []}]}
components:
  requestBodies:
    Login: {content: {application/x-www-form-urlencoded: {schema: {type: object}}}}
  securitySchemes:
    key:
      type: apiKey
      in: query
      name: token
      description: A key.
      x-token-lifecycle:
        grants:
          user-password:
            description: What a person knows.
            credentials:
              password: {secret: true, env: SECRET_WORD, required: false}
              username: {description: The name., single_use: true}
            requests:
              - operationId: login
                body: {type: password, list: [1], object: {constant: {credential: x}}, user: {credential: username}}
                query: {old: {token: refresh_token}}
                basic: {username: {credential: username}, form_encoded: true}
              - operationId: second
                path: {step: 2}
                optional: true
                token: {access_token: $response.header.X-Key}
            refused: {status: [401, 5xx], headers: {X-Why: [no, never]}, body: {/a: {not: [OK]}, /b: {present: false}}}
        token:
          access_token: [{from: $response.body#/a, jwt: {use: access}}, {from: $response.body#/b, jwt: false}]
          expires:
            - expires_in: $response.body#/in
            - {expires_at: $response.body#/at, unit: milliseconds}
            - jwt_claim: exp
            - default: 600
        refresh: {operationId: login, rotates: true, body: {r: {token: refresh_token}}}
        placements: [{methods: [get], in: query, name: token}, {in: body, name: token}]
        expired: [{status: [401]}]
        logout: {operationId: second, path: {step: 0}}
"""


@pytest.fixture
def scheme() -> SchemeFact:
    (fact,) = scheme_facts("acme", read(LIFECYCLE), "ACME")
    return fact


@pytest.fixture
def lifecycle(scheme: SchemeFact) -> TokenLifecycle:
    return scheme.lifecycle


def test_a_grant_becomes_a_credentials_class(scheme: SchemeFact) -> None:
    (credentials,) = scheme.credentials
    assert (credentials.name, credentials.grant) == ("UserPasswordCredentials", "user-password")
    assert [(one.name, one.environment, one.required, one.secret) for one in credentials.credentials] == [
        ("username", "ACME_USERNAME", True, False),
        ("password", "ACME_SECRET_WORD", False, True),
    ]


@pytest.mark.parametrize(("grant", "name"), [("missing", "MissingGrantCredentials"), ("missed", "MissedCredentials")])
def test_no_credentials_class_is_called_like_an_error(grant: str, name: str) -> None:
    assert credentials_fact(grant, {}, "ACME").name == name


def test_the_lifecycle_and_the_class_have_the_same_credentials(scheme: SchemeFact) -> None:
    (credentials,), (grant,) = scheme.credentials, scheme.lifecycle.grants
    assert grant.name == credentials.grant
    assert grant.credentials == (
        CredentialDefinition("password", "ACME_SECRET_WORD", secret=True, required=False),
        CredentialDefinition("username", "ACME_USERNAME", single_use=True),
    ), "in the order of the spec"
    assert set(grant.credentials) == {one.definition for one in credentials.credentials}
    assert [one.description for one in credentials.declared] == ["", "The name."]


def test_token_requests_take_method_path_and_encoding_from_their_operation(lifecycle: TokenLifecycle) -> None:
    first, second = lifecycle.grants[0].requests
    assert (first.method, first.path, first.encoding, first.authenticated) == ("POST", "/login", "form", False)
    assert (second.method, second.path, second.encoding, second.authenticated) == ("PUT", "/login/{step}", None, True)
    assert second.optional
    assert second.path_parameters == {"step": 2}


def test_values_of_a_request_are_constants_credentials_and_tokens(lifecycle: TokenLifecycle) -> None:
    request = lifecycle.grants[0].requests[0]
    assert request.body == {
        "type": "password",
        "list": [1],
        "object": {"credential": "x"},
        "user": FromCredential("username"),
    }
    assert request.query == {"old": FromToken("refresh_token")}
    assert request.basic == BasicAuthentication(FromCredential("username"), form_encoded=True)


def test_a_request_overrides_the_token_locations_key_by_key(lifecycle: TokenLifecycle) -> None:
    first, second = (request.response for request in lifecycle.grants[0].requests)
    assert first.access_token == (
        Candidate("$response.body#/a", jwt_claims={"use": "access"}),
        Candidate("$response.body#/b", not_jwt=True),
    )
    assert second.access_token == (Candidate("$response.header.X-Key"),)
    assert second.expires == first.expires


def test_the_sources_of_the_end_keep_their_order(lifecycle: TokenLifecycle) -> None:
    assert lifecycle.grants[0].requests[0].response.expires == (
        ExpiresIn("$response.body#/in"),
        ExpiresAt("$response.body#/at", unit="milliseconds"),
        JwtClaim("exp"),
        DefaultLifetime(600),
    )


def test_conditions_are_read(lifecycle: TokenLifecycle) -> None:
    assert lifecycle.grants[0].refused == (
        ResponseCondition(
            status=(401, "5XX"),
            body={"/a": ValueCondition(none_of=("OK",)), "/b": ValueCondition(present=False)},
            headers={"X-Why": ValueCondition(any_of=("no", "never"))},
        ),
    )
    assert lifecycle.expired == (ResponseCondition(status=(401,)),)


def test_refresh_logout_and_placements_are_read(lifecycle: TokenLifecycle) -> None:
    assert lifecycle.refresh is not None
    assert lifecycle.refresh.rotates
    assert lifecycle.refresh.request.body == {"r": FromToken("refresh_token")}
    assert lifecycle.logout is not None
    assert lifecycle.logout.authenticated
    assert lifecycle.placements == (
        Placement("query", "token", methods=("GET",)),
        Placement("body", "token"),
    )


@pytest.mark.parametrize(
    ("scheme", "credentials", "arguments", "placement"),
    [
        ({"type": "http", "scheme": "bearer"}, "TokenCredentials", ["token"], Placement(prefix="Bearer ")),
        ({"type": "oauth2", "flows": {}}, "TokenCredentials", ["token"], Placement(prefix="Bearer ")),
        (
            {"type": "apiKey", "in": "cookie", "name": "sid"},
            "ApiKeyCredentials",
            ["api_key"],
            Placement("cookie", "sid"),
        ),
        ({"type": "http", "scheme": "Basic"}, "BasicCredentials", ["username", "password"], Placement(prefix="Basic ")),
    ],
)
def test_a_scheme_without_a_lifecycle_gets_the_obvious_one(
    scheme: dict[str, Any], credentials: str, arguments: list[str], placement: Placement
) -> None:
    (fact,) = scheme_facts("acme", {"components": {"securitySchemes": {"s": scheme}}}, "ACME")
    assert [(one.name, [value.name for value in one.credentials]) for one in fact.credentials] == [
        (credentials, arguments)
    ]
    assert fact.lifecycle.placements == (placement,)
    assert fact.lifecycle.grants[0].static is not None


def test_a_scheme_that_no_client_can_serve_has_no_facts() -> None:
    assert scheme_facts("acme", {"components": {"securitySchemes": {"s": {"type": "mutualTLS"}}}}, "ACME") == ()


def test_two_obvious_schemes_have_credentials_classes_of_their_own() -> None:
    document = {
        "components": {"securitySchemes": {name: {"type": "apiKey", "in": "header", "name": name} for name in "ab"}}
    }
    names = [one.name for fact in scheme_facts("acme", document, "ACME") for one in fact.credentials]
    assert len(set(names)) == 2


def test_x_responses_are_read() -> None:
    details = response_details(read("x-responses: {failed: [{body: {/ok: [false]}}], code: $response.body#/c}"))
    assert details.failed == (ResponseCondition(body={"/ok": ValueCondition(any_of=(False,))}),)
    assert (details.code, details.message) == (("$response.body#/c",), ())


# --- values as source ------------------------------------------------------------------------------------------------


def test_a_value_is_written_without_its_defaults() -> None:
    assert source_of(Placement("query", "token")) == 'Placement(location="query", name="token")'
    assert source_of(DefaultLifetime(600.0)) == "DefaultLifetime(600)"
    assert source_of((Candidate("$response.body#/a"),)) == '(Candidate("$response.body#/a"),)'


def test_a_value_is_itself_again(lifecycle: TokenLifecycle) -> None:
    import auth_core.lifecycle as names

    assert eval(source_of(lifecycle), dict(vars(names))) == lifecycle
    assert all(hasattr(names, name) for name in types_in(lifecycle))


def test_the_base_error_of_a_vendor_collides_with_no_other() -> None:
    assert client_names("api", {}).base_error == "ApiClientError"
