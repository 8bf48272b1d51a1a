"""Cinchy: an IdentityServer that issues tokens, a query API whose errors are HTML pages, jobs.

Facts that no OpenAPI document states, with the evidence for each (*documented*: Cinchy's pages; *clients*: Cinchy's
own client libraries; *assumed*: not known, the usual behaviour is implemented):

- The token endpoint takes a form only, with lower-case names; errors are 400 with ``error`` and
  ``error_description``, for a wrong client too (documented sample; IdentityServer, assumed for the other codes).
- 401 has an HTML body and no ``X-Cinchy-Error``; it means missing, expired, wrong and *not permitted* (documented).
- 400 has an HTML body and the reason in ``X-Cinchy-Error`` (documented).
- Paths and the names of options match in any case (clients); a saved query's own format is CSV (documented).
- A query may be open to ``Anonymous``; otherwise no token means 401 (documented).
- A webhook is authenticated only by the key in its URL (documented); a wrong key is 401 (assumed).
- The UserInfo endpoint and the OpenID configuration of the SSO service are those of OpenID Connect (clients).
- A literal that is not there is translated to its own GUID (documented).
- Personal access tokens are not accepted by ``/api/jobs`` (documented).
- The file of a saved query has a strong ETag, and its parts can be requested (assumed).
- A statement that changes data but is sent as a query is executed more than once (documented).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from auth_core_testing import TokenIssuer

from vendor_sandbox.document import SecurityScheme
from vendor_sandbox.json_values import array_of, object_of
from vendor_sandbox.messages import Request, Response, html_response, json_response
from vendor_sandbox.quirks.base import Backend, Call, Quirks, handles, issues_tokens
from vendor_sandbox.quirks.cinchy.cql import CqlError, Tables, execute
from vendor_sandbox.quirks.cinchy.tables import (
    DELIMITED_FILE,
    FILE_MEDIA_TYPE,
    Column,
    Result,
    Table,
    UnknownFormat,
    render,
)
from vendor_sandbox.quirks.cinchy.transactions import Connections
from vendor_sandbox.ranges import with_ranges
from vendor_sandbox.tokens import Access, TokenRefused, Why
from vendor_sandbox.validation import Violation

__all__ = ["VENDOR", "CinchyQuirks"]

SAVED_QUERY = ("/API/{domain}/{query}", "/API/v{version}/{domain}/{query}", "/BasicAuthAPI/{domain}/{query}")
JOB_PATHS = ("/api/jobs", "/api/v1.0/jobs")
CQL_TYPES = ("QUERY", "DRAFT_QUERY", "VERSION_HISTORY_QUERY", "SCALAR", "NONQUERY")
OPTIONS = ("resultformat", "compressjson", "wrapsinglerecordinarray", "startrow", "rowcount")
ANONYMOUS_QUERIES = {("public", "offices")}
USER_CLAIMS = ("sub", "profile", "email", "id", "role")
EXECUTION_LOG = ("cinchy", "execution log")


class CinchyQuirks(Quirks):
    """See the module."""

    ignore_path_case = True
    wire_values = {
        "body/client_id": "sandbox-application",
        "body/client_secret": "5d0e2f6a-4c1b-4f0e-9f4e-6a1d2c3b4a59",
        "body/username": "sandbox.user",
        "body/password": "correct horse battery staple",
        "body/token": "PHNhbWwyOkFzc2VydGlvbiBJRD0ic2FuZGJveCIvPg==",
    }
    static_values = {
        "personal_access_token": "sandbox-personal-access-token",
        "username": "sandbox.user",
        "password": "correct horse battery staple",
        "webhook_key": "rGh5tfgHK8989J5",
    }

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.queries: dict[tuple[str, str], tuple[tuple[str, str], tuple[Column, ...]]] = {}
        """Saved queries by domain and name: the table each reads, and which columns."""
        self.tables: Tables = {}
        self.executions = 4711
        self._seed()
        self.connections = Connections(self.tables, backend.synthetic.next_uuid)
        self.connections.begin(
            self.connections.open(self._example_text("openConnection")), self._example_text("beginTransaction")
        )

    def new_issuer(self) -> TokenIssuer:
        """RS256 and 3600 seconds, without refresh tokens (documented)."""
        return TokenIssuer(clock=self.clock, lifetime=3600, algorithm="RS256", rotates=False)

    # --- tokens

    @issues_tokens("POST", "/identity/connect/token")
    def issue_token(self, call: Call) -> Response:
        """The token endpoint of the SSO service."""
        fields = call.request.form
        if fields is None:
            return _oauth_error("invalid_request")
        form = dict(fields)
        if len(form) != len(fields):
            return _oauth_error("invalid_request", "A parameter was sent twice")
        wire = self.wire_values
        if any(form.get(name) != wire[f"body/{name}"] for name in ("client_id", "client_secret")):
            return _oauth_error("invalid_client")
        if "js_api" not in form.get("scope", "").split(" "):
            return _oauth_error("invalid_scope")
        match form.get("grant_type"):
            case "password":
                if any(form.get(name) != wire[f"body/{name}"] for name in ("username", "password")):
                    return _oauth_error("invalid_grant", "Invalid username or password")
            case "saml2":
                if form.get("token") != wire["body/token"]:
                    return _oauth_error("invalid_grant", "Invalid SAML token")
            case _:
                return _oauth_error("unsupported_grant_type")
        authority = _authority(call)
        now = int(self.clock.wall())
        claims = {
            "iss": authority,
            "aud": [f"{authority}/resources", "js_api"],
            "nbf": now,
            "client_id": wire["body/client_id"],
            "auth_time": now,
            "idp": "local",
            "profile": "Sandbox User",
            "email": "sandbox.user@cinchy.example",
            "role": "User",
            "id": wire["body/username"],
            "scope": ["js_api"],
            "amr": ["custom"],
        }
        token = self.issuer.issue("1042", claims=claims, refresh=False)
        data = {"access_token": token.access_token, "expires_in": int(token.lifetime), "token_type": "Bearer"}
        return json_response(200, data).with_header("Cache-Control", "no-store")

    @handles("GET", "/identity/connect/userinfo")
    def user_info(self, call: Call) -> Response:
        """The claims about the token's user; personal access tokens are not accepted (assumed)."""
        if call.access is None or not call.access.claims:
            raise TokenRefused(Why.INVALID)
        return json_response(200, {name: call.access.claims[name] for name in USER_CLAIMS})

    @handles("GET", "/identity/.well-known/openid-configuration")
    def openid_configuration(self, call: Call) -> Response:
        """The OpenID configuration of this sandbox's SSO service."""
        authority = _authority(call)
        endpoints = {f"{name}_endpoint": f"{authority}/connect/{name}" for name in ("authorize", "token", "userinfo")}
        endpoints["authorization_endpoint"] = endpoints.pop("authorize_endpoint")
        return json_response(200, {"issuer": authority, **endpoints})

    def accept(self, scheme: SecurityScheme, request: Request) -> Access:
        """A token of the SSO service, a personal access token (but not for ``/api/jobs``), a password, a key."""
        account = (self.static_values["username"], self.static_values["password"])
        if scheme.scheme == "basic":
            if request.basic is None:
                raise TokenRefused(Why.MISSING)
            if request.basic != account:
                raise TokenRefused(Why.INVALID)
            return Access(account[0], "password")
        if scheme.type == "apiKey":
            if (key := self.presented(scheme, request)) is None:
                raise TokenRefused(Why.MISSING)
            if key != self.static_values["webhook_key"]:
                raise TokenRefused(Why.INVALID)
            return Access(account[0], "webhook key")
        if self.presented(scheme, request) == self.static_values["personal_access_token"]:
            if request.path.casefold() == "/api/jobs":
                raise TokenRefused(Why.FORBIDDEN)
            return Access(account[0], "personal access token")
        return super().accept(scheme, request)

    def may_be_anonymous(self, call: Call) -> bool:
        """Only queries that are open to the user ``Anonymous``."""
        return _query_key(call.parameters) in ANONYMOUS_QUERIES

    # --- errors

    def refused(self, call: Call, why: Why) -> Response:
        """The same page for every authentication or permission error."""
        return self._traced(html_response(401, "401 - Unauthorized", "You are not authorized to view this page."))

    def invalid(self, call: Call, violations: Sequence[Violation]) -> Response:
        """JSON from the Connections service, a page and a header from the query API."""
        message = f"{violations[0].name or 'request body'}: {violations[0].message}"
        if "/jobs" in call.operation.path:
            return json_response(400, {"status": 400, "message": message})
        return self._query_failed(message)

    def tolerates(self, call: Call, violation: Violation) -> bool:
        """The options of a query may be omitted, in any case, or have other values than the client sends."""
        if "/jobs" in call.operation.path:
            return False
        if violation.rule == "media type":
            return call.request.media_type == "application/json"
        if violation.rule == "required":
            sent = {name.casefold() for name, _ in (*call.request.query, *(call.request.form or ()))}
            return violation.name.casefold() in {*sent, "resultformat", "compressjson"}
        return violation.name.casefold() in ("resultformat", "compressjson", "type")

    def not_found(self, request: Request) -> Response:
        """A page (assumed)."""
        return html_response(404, "404 - Not Found", "The resource cannot be found.")

    def method_not_allowed(self, request: Request, allowed: Sequence[str]) -> Response:
        """A page (assumed)."""
        page = html_response(405, "405 - Method Not Allowed", "The method is not allowed.")
        return page.with_header("Allow", ", ".join(allowed))

    def failure(self, status: int) -> Response:
        """A page (assumed)."""
        return self._traced(html_response(status, f"{status} - Server Error", "The request could not be processed."))

    def locked_out(self, call: Call) -> Response:
        """The error of a wrong password (assumed)."""
        return _oauth_error("invalid_grant", "The account is locked out")

    # --- queries

    @handles("GET", *SAVED_QUERY)
    def run_query(self, call: Call) -> Response:
        """A saved query, parameters in the URL; its files can be requested in parts."""
        response = self._run(call, dict(call.request.query))
        return with_ranges(call.request, response) if response.media_type == FILE_MEDIA_TYPE else response

    @handles("POST", *SAVED_QUERY)
    def run_query_with_body(self, call: Call) -> Response:
        """A saved query, parameters in a form, the URL, or (since 5.8) a JSON object."""
        body = dict(call.request.form) if call.request.form is not None else object_of(call.request.json)
        return self._run(call, {**dict(call.request.query), **body})

    @handles("POST", "/API/ExecuteCQL")
    def execute_cql(self, call: Call) -> Response:
        """A statement; its arguments come in the URL (documented) or in a form (clients)."""
        arguments = {**dict(call.request.query), **dict(call.request.form or ())}
        options = {name.casefold(): value for name, value in arguments.items()}
        kind = options.get("type", "QUERY").upper()
        if kind not in CQL_TYPES:
            return self._query_failed(f"Type: {kind} is none of {', '.join(CQL_TYPES)}.")
        try:
            parameters = _cql_parameters(options)
            tables = self.connections.tables_of(options.get("transactionid"))
            outcome = execute(options.get("query", ""), tables, parameters)
            if outcome.result is None and kind not in ("NONQUERY", "SCALAR"):
                execute(options["query"], tables, parameters)  # the documented effect of the wrong type
        except CqlError as error:
            return self._query_failed(str(error))
        match kind:
            case "NONQUERY":
                return self._traced(json_response(200, outcome.changed))
            case "SCALAR":
                rows = outcome.result.rows if outcome.result is not None else ()
                return self._traced(json_response(200, rows[0][0] if rows else None))
            case _:
                result = outcome.result or Result((), ())
                if options.get("schemaonly", "").casefold() == "true":
                    result = result.page(0, 0)
                elif options.get("resultformat", "").upper() == DELIMITED_FILE:  # other formats ignore them
                    result = result.page(_number(options.get("startrow")) or 0, _number(options.get("rowcount")))
                return self._rendered(result, options)

    def _run(self, call: Call, arguments: Mapping[str, Any]) -> Response:
        options = {name.casefold(): str(value) for name, value in arguments.items()}
        source = self.queries.get(_query_key(call.parameters))
        if source is None:
            return self._query_failed(
                f"The query {call.parameters['domain']}.{call.parameters['query']} could not be found."
            )
        place, columns = source
        try:
            table = self.connections.tables_of(options.get("transactionid"))[place]
        except CqlError as error:
            return self._query_failed(str(error))
        rows = list(table.rows)
        for name, value in options.items():
            index = table.index(name.removeprefix("@"))
            if index is not None and name not in OPTIONS:
                rows = [row for row in rows if str(row[index]) == value]
        start, count = _number(options.get("startrow")) or 0, _number(options.get("rowcount"))
        return self._rendered(table.result(rows, columns).page(start, count), options)

    def _rendered(self, result: Result, options: Mapping[str, str]) -> Response:
        try:
            response = render(
                result,
                options.get("resultformat", "CSV"),
                compress=options.get("compressjson", "true").casefold() != "false",
                wrap_single=options.get("wrapsinglerecordinarray", "true").casefold() != "false",
                delimiter=options.get("delimiter", ""),
            )
        except UnknownFormat as error:
            return self._query_failed(str(error))
        return self._traced(response)

    # --- connections and transactions

    @handles("GET", "/API/OpenConnection")
    def open_connection(self, call: Call) -> Response:
        """Open a new connection with each call (documented)."""
        return _bare_text(self.connections.open())

    @handles("POST", "/API/BeginTransaction")
    def begin_transaction(self, call: Call) -> Response:
        """On an open connection."""
        return self._on_connection(call, lambda connection, _: self.connections.begin(connection))

    @handles("POST", "/API/CloseConnection")
    def close_connection(self, call: Call) -> Response:
        """An open one."""
        return self._on_connection(call, lambda connection, _: self.connections.close(connection))

    @handles("POST", "/API/CommitTransaction")
    def commit_transaction(self, call: Call) -> Response:
        """An open one on an open connection."""
        return self._on_connection(call, self.connections.commit)

    @handles("POST", "/API/RollbackTransaction")
    def roll_transaction_back(self, call: Call) -> Response:
        """An open one on an open connection."""
        return self._on_connection(call, self.connections.roll_back)

    def _on_connection(self, call: Call, act: Callable[[str, str], str | None]) -> Response:
        options = {name.casefold(): value for name, value in call.request.form or ()}
        try:
            identifier = act(options.get("connectionid", ""), options.get("transactionid", ""))
        except CqlError as error:
            return self._query_failed(str(error))
        return Response(call.operation.success_status) if identifier is None else _bare_text(identifier)

    # --- translations

    @handles("POST", "/API/Translate")
    def translate(self, call: Call) -> Response:
        """The literals of the document's example; any other is its own GUID. Only ``debug`` adds details."""
        media = call.operation.success_media
        known = object_of(object_of(media.examples[0]).get("data")) if media is not None else {}
        request = object_of(call.body)
        found = {
            str(guid): object_of(
                known.get(str(guid), {"translation": guid, "language": None, "region": None, "defaultText": False})
            )
            for guid in array_of(request.get("guids"))
        }
        if request.get("debug") is not True:
            found = {guid: {"translation": each["translation"]} for guid, each in found.items()}
        return self._traced(json_response(200, {"data": found}))

    # --- jobs and discovery

    @handles("POST", *JOB_PATHS)
    def start_job(self, call: Call) -> Response:
        """Start a job, which finishes at once; adds its row to the execution log."""
        self.executions += 1
        options = object_of(object_of(call.body).get("options"))
        row = {"Execution ID": self.executions, "Command": str(options.get("feed", "")), "State": "Succeeded"}
        self.tables[EXECUTION_LOG].add(row)
        return json_response(200, {"executionId": self.executions})

    @handles("GET", "/api/v1.0/jobs/{executionId}/{artifact}")
    def job_artifact(self, call: Call) -> Response:
        """The documented example, for jobs that were started."""
        log = self.tables[EXECUTION_LOG]
        if str(call.parameters["executionId"]) not in {str(row[0]) for row in log.rows}:
            return json_response(400, {"status": 400, "message": "There is no execution of that id."})
        return self.fallback(call)

    @handles("GET", "/.well-known/cinchy-configuration")
    def configuration(self, call: Call) -> Response:
        """The URLs of this sandbox's services."""
        servers = self.backend.servers
        endpoints = {"idp_endpoint": servers.get("sso_url"), "connections_endpoint": servers.get("connections_url")}
        return json_response(200, {name: url for name, url in endpoints.items() if url is not None})

    @handles("GET", "/api/getstsauthorityuri")
    def sts_authority(self, call: Call) -> Response:
        """The SSO service of this sandbox."""
        return Response(200, self.backend.servers.get("sso_url", "").encode(), "text/plain; charset=utf-8")

    @handles("GET", "/healthcheck", "/idp/healthcheck")
    def health(self, call: Call) -> Response:
        """The documented example, with the current time: seven fractional digits (documented)."""
        media = call.operation.success_media
        example = object_of(media.examples[0]) if media is not None and media.examples else {}
        time = datetime.fromtimestamp(self.clock.wall(), UTC)
        return json_response(200, {**example, "systemTime": f"{time:%Y-%m-%dT%H:%M:%S.%f}0Z"})

    # --- helpers

    def _seed(self) -> None:
        """Tables and saved queries from the document's examples, the execution log, and a query open to anyone."""
        log = [Column("Execution ID", "Int32"), Column("Command", "String"), Column("State", "String")]
        self.tables[EXECUTION_LOG] = Table(log, [[self.executions, "Employees to warehouse", "Succeeded"]])
        cities = Column("City", "String")
        self.tables["public", "offices"] = Table([cities], [["Oslo"], ["Bergen"]])
        self.queries["public", "offices"] = (("public", "offices"), (cities,))
        for operation in self.document.operations:
            names = [p.examples[0] for p in operation.parameters if p.name in ("domain", "query") and p.examples]
            media = operation.success_media
            result = Result.from_json(media.examples[0]) if media is not None and media.examples else None
            if result is not None and len(names) == 2:
                key = (str(names[0]).casefold(), str(names[1]).casefold())
                self.tables.setdefault(key, Table(list(result.columns), [list(row) for row in result.rows]))
                self.queries.setdefault(key, (key, result.columns))
        for statement in self._example_statements():
            self._add_columns(statement)
        for table in self.tables.values():
            table.fill(self.backend.synthetic.records)

    def _example_text(self, operation_id: str) -> str:
        media = self.document.operation(operation_id).success_media
        return str(media.examples[0]) if media is not None else ""

    def _example_statements(self) -> list[str]:
        bodies = [media for operation in self.document.operations for media in operation.body.values()]
        examples = [object_of(example) for media in bodies for example in media.examples]
        return [str(example["Query"]) for example in examples if "Query" in example]

    def _add_columns(self, statement: str) -> None:
        """Add the columns that the CQL examples use, even if no saved query returns them."""
        named = re.search(r"\[([^\]]+)\]\.\[([^\]]+)\]", statement)
        table = self.tables.get((named[1].casefold(), named[2].casefold())) if named else None
        if named is None or table is None:
            return
        for name in re.findall(r"(?<!\.)\[([^\]]+)\](?!\.)", statement):
            if table.index(name) is None:
                table.columns.append(Column(name, "String"))
                for row in table.rows:
                    row.append(None)

    def _query_failed(self, message: str) -> Response:
        # a header can contain neither control characters nor characters outside Latin-1 (RFC 9110 section 5.5)
        header = re.sub(r"[\x00-\x1f\x7f]", " ", message).encode("latin-1", "replace").decode("latin-1").strip()
        page = html_response(400, "400 - Bad Request", "The query failed.")
        return self._traced(page.with_header("X-Cinchy-Error", header))

    def _traced(self, response: Response) -> Response:
        return response.with_header("X-Correlation-Id", self.backend.synthetic.next_uuid())


def _bare_text(text: str) -> Response:
    return Response(200, text.encode(), "text/plain")


def _authority(call: Call) -> str:
    return f"{call.request.server_url}/identity"


def _oauth_error(error: str, description: str | None = None) -> Response:
    data = {"error": error} if description is None else {"error": error, "error_description": description}
    return json_response(400, data).with_header("Cache-Control", "no-store")


def _query_key(parameters: Mapping[str, Any]) -> tuple[str, str]:
    return str(parameters.get("domain", "")).casefold(), str(parameters.get("query", "")).casefold()


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isdecimal() else None


def _cql_parameters(options: Mapping[str, str]) -> dict[str, Any]:
    """The triplets ``Parameters[n].ParameterName``, ``.XmlSerializedValue``, ``.ValueType``, counted from 0."""
    found: dict[str, Any] = {}
    numbers = sorted({int(match[1]) for name in options if (match := re.match(r"parameters\[(\d+)\]\.", name))})
    if numbers != list(range(len(numbers))):
        raise CqlError("The parameters are not numbered from 0 without gaps.")
    for number in numbers:
        name = options.get(f"parameters[{number}].parametername")
        value_type = options.get(f"parameters[{number}].valuetype")
        if not name or value_type is None:
            raise CqlError(f"Parameter {number} has no name or no type.")
        found[name] = _typed_value(options.get(f"parameters[{number}].xmlserializedvalue", ""), value_type)
    return found


def _typed_value(text: str, value_type: str) -> Any:
    """A parameter's value; that any other .NET type is refused is assumed."""
    try:
        match value_type:
            case "System.String":
                return text
            case "System.Double":
                return float(text)
            case "System.Boolean":
                return {"true": True, "false": False}[text.casefold()]
            case _:
                raise CqlError(f"The type '{value_type}' of a parameter is not supported.")
    except (ValueError, KeyError):
        raise CqlError(f"'{text}' is no value of the type {value_type}.") from None


VENDOR = CinchyQuirks
