"""What the console copies of a request: a command and a program that send the same request again, without secrets."""

from __future__ import annotations

import ast
import contextlib
import importlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import httpx
import pytest
from auth_core_testing import Canary

from sandbox.support import Operation, authorized, example_requests, login, operations_of, schemes, until_told
from support.programs import program
from support.repository import VENDORS
from support.verdicts import all_pass
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.client_calls import ClientCalls, client_calls_of
from vendor_sandbox.json_values import object_of

EXTENSIONS_OF_JSON = ("application/json", "application/vnd.api+json")


class Copied:
    """The requests of one vendor, as the control API shows them."""

    def __init__(self, sandbox: Sandbox, vendor: Vendor, client: httpx.Client) -> None:
        self.sandbox, self.vendor, self.client = sandbox, vendor, client

    def detail(self, number: int) -> dict[str, Any]:
        response = self.client.get(f"{self.sandbox.url}/_sandbox/requests/{number}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    def newest(self, after: int) -> dict[str, Any]:
        """The first request after an event that is no login."""
        until_told(self.sandbox, self.client, after)
        entries = self.sandbox.journal.requests(after)
        calls = [entry for entry in entries if entry.about.recorded.grant is None]  # type: ignore[attr-defined]
        return self.detail((calls or entries)[-1].id)


def meaning(detail: dict[str, Any], calls: ClientCalls) -> dict[str, Any]:
    """What a request asks for, however it is written: the client always sends some parameters of its own."""
    method = calls.methods[detail["operation_id"]]
    constant = {wire for _, wire, _ in method.constants}
    return {
        "operation": detail["operation_id"],
        "path": unquote(detail["path"].partition("?")[0]),
        "query": sorted(pair for pair in detail["query"] if pair[0] not in constant),
        "body": _body(detail["body"]),
    }


def _body(body: dict[str, Any] | None) -> Any:
    if body is None or body["media_type"] == "multipart/form-data":
        return body and body["media_type"]  # another boundary, and the client's own order
    if body["media_type"] in EXTENSIONS_OF_JSON:
        return {name: value for name, value in json.loads(body["text"]).items() if name != "token"}
    return sorted(body["text"].splitlines())


EVERY = pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["kinds", "all"])


def one_of_each_kind(name: str) -> list[Operation]:
    """Operations of which no two have the same method, media type and types of arguments."""
    calls = client_calls_of(name)
    assert calls is not None
    kinds: dict[object, Operation] = {}
    for operation in operations_of(name):
        method = calls.methods[operation.node["operationId"]]
        types = frozenset((one.location, one.type.split("[")[0], one.whole) for one in method.arguments)
        kinds.setdefault((operation.method, method.media_type, types, method.constants), operation)
    return list(kinds.values())


@EVERY
@pytest.mark.parametrize("name", VENDORS)
def test_the_program_sends_the_request_again(
    name: str, every: bool, client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = client_calls_of(name)
    assert calls is not None
    package = importlib.import_module(calls.package)
    monkeypatch.chdir(tmp_path)
    with Sandbox(name, show_bodies=True) as sandbox, all_pass() as check:
        vendor = sandbox[name]
        for variable, value in vendor.environment.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setenv(f"{calls.environment}_TOKEN_STORE", f"file:{tmp_path / 'tokens'}")
        copied, token = Copied(sandbox, vendor, client), login(vendor, client)["access_token"]
        for operation in operations_of(name) if every else one_of_each_kind(name):
            scheme = next(iter(schemes(operation)), None)
            (request, *_) = example_requests(operation, vendor.servers[operation.server])
            sent = authorized(vendor, request, scheme, token) if scheme else request
            with check(operation.name):
                before = sandbox.journal.last_id
                client.send(sent)
                first = copied.newest(before)
                again = _run_program(first["python"], package, tmp_path, monkeypatch)
                before = sandbox.journal.last_id
                again()
                second = copied.newest(before)
                assert meaning(second, calls) == meaning(first, calls), first["python"]


def _run_program(text: str, package: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Compile the program; give it the files and variables that it reads."""
    for variable in re.findall(r'os\.environ\["(\w+)"\]', text):
        if variable not in os.environ:
            monkeypatch.setenv(variable, "secret" * 8)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pathlib.Path":
            file = folder / ast.literal_eval(node.args[0])
            file.parent.mkdir(exist_ok=True)
            file.write_text("a file")
    code = compile(text, "copied", "exec")

    def run() -> None:
        with contextlib.suppress(package.ApiError):  # the vendor's response does not matter here
            exec(code, {"print": repr})

    return run


def test_the_command_sends_the_request_again(client: httpx.Client) -> None:
    program("curl")
    with Sandbox("crmcom", "cinchy", "athena-crm", show_bodies=True) as sandbox, all_pass() as check:
        for name in sandbox.vendors:
            vendor, calls, kinds = sandbox[name], client_calls_of(name), set[tuple[str, str]]()
            assert calls is not None
            copied, token = Copied(sandbox, vendor, client), login(vendor, client)["access_token"]
            for operation in operations_of(name):
                (request, *_) = example_requests(operation, vendor.servers[operation.server])
                media_type = request.headers.get("content-type", "").partition(";")[0]
                if (kind := (operation.method, media_type)) in kinds or media_type == "multipart/form-data":
                    continue
                kinds.add(kind)
                scheme = next(iter(schemes(operation)), None)
                with check(f"{operation.name} {kind}"):
                    before = sandbox.journal.last_id
                    client.send(authorized(vendor, request, scheme, token) if scheme else request)
                    first = copied.newest(before)
                    assert token not in first["curl"]
                    before = sandbox.journal.last_id
                    variable = f"{calls.environment}_ACCESS_TOKEN"
                    command = first["curl"].removeprefix(f"{variable}=$({name}-token token)\n")
                    assert (command != first["curl"]) is (f"${variable}" in command)
                    _run_command(command, {variable: token, **vendor.environment})
                    second = copied.newest(before)
                    assert meaning(second, calls) == meaning(first, calls), first["curl"]


def _run_command(command: str, variables: dict[str, str]) -> None:
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **variables}
    script = command.replace("curl", "curl --silent --output /dev/null --disable", 1)
    subprocess.run(["bash", "-c", script], env=environment, check=True, timeout=30)


HOSTILE = "'; touch pwned; \"$(touch pwned)` \\\n\x1b[2J\u202e{x} ☃"


def test_hostile_texts_run_nothing_and_arrive_as_they_are(client: httpx.Client, tmp_path: Path) -> None:
    with Sandbox("cinchy", show_bodies=True) as sandbox:
        vendor = sandbox["cinchy"]
        calls, copied = client_calls_of("cinchy"), Copied(sandbox, vendor, client)
        assert calls is not None
        before = sandbox.journal.last_id
        query = {"@city": HOSTILE, f"@{HOSTILE}": "x", "StartRow": HOSTILE}
        client.get(
            f"{vendor.servers['base_url']}/API/HR/{quote(HOSTILE, safe='')}",
            params=query,
        )
        first = copied.newest(before)
        assert "\x1b" not in first["curl"] + first["python"]
        assert "\u202e" not in first["curl"] + first["python"]
        compile(first["python"], "copied", "exec")
        before = sandbox.journal.last_id
        subprocess.run(
            ["bash", "-c", first["curl"]],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "NO_PROXY": "*"},
            capture_output=True,
            check=True,
            timeout=30,
        )
        assert meaning(copied.newest(before), calls) == meaning(first, calls)
        assert list(tmp_path.iterdir()) == []


def test_details_hold_no_secret_and_bodies_only_if_asked(client: httpx.Client) -> None:
    canary = Canary()
    for show_bodies in (False, True):
        with Sandbox("cinchy", "crmcom", "athena-crm", show_bodies=show_bodies) as sandbox:
            before = sandbox.journal.last_id
            for name in sandbox.vendors:
                for member, value in login(sandbox[name], client).items():
                    if "token" in member and member != "token_type":
                        canary.add(f"{name} {member}", value)
            base = sandbox["cinchy"].servers["base_url"]
            password = canary.add("password", sandbox["cinchy"].credentials["password"]["password"])
            secret = [canary.secret(f"{number} {show_bodies}") for number in range(12)]
            bodies: list[dict[str, Any]] = [
                {"json": {"token": secret[0], "deep": [{"api_key": secret[1]}], "credentials": {"x": secret[2]}}},
                {"content": f'{{"token": "{secret[3]}", ', "headers": {"content-type": "application/json"}},
                {"data": {"client_secret": secret[4], "harmless": "shown", "text": f"say {password}"}},
                {"content": f"name,password\nAda,{secret[5]}", "headers": {"content-type": "text/csv"}},
                {"content": f'password={secret[6]}', "headers": {"content-type": "text/html"}},
                {"files": {"password": (None, secret[7])}},
                {"headers": {"Authorization": f"Bearer {secret[8]}", "X-Api-Key": secret[9]}},
                {"headers": {"Cookie": f"session={secret[10]}"}},
                {"params": {"token": secret[11]}, "headers": {"Authorization": secret[8]}},
            ]  # fmt: skip
            for request in bodies:
                client.post(f"{base}/API/HR/Employees", **request)
            entries = sandbox.journal.requests(before)
            for entry in entries:
                canary.show(client.get(f"{sandbox.url}/_sandbox/requests/{entry.id}").text)
            with_body = client.get(f"{sandbox.url}/_sandbox/requests/{entries[3].id}").json()
            assert with_body["bodies"] is show_bodies
            assert (with_body["body"]["text"] is None) is not show_bodies
    assert canary.leaks() == []
    assert "shown" in canary.seen()


@EVERY
def test_an_operation_is_tried_with_the_arguments_of_the_client(every: bool, client: httpx.Client) -> None:
    with Sandbox(*VENDORS) as sandbox, all_pass() as check:
        for name, vendor in sandbox.vendors.items():
            calls = client_calls_of(name)
            assert calls is not None
            for operation in operations_of(name) if every else one_of_each_kind(name):
                method = calls.methods[operation.node["operationId"]]
                arguments = _typed_in(vendor, operation, method)
                with check(operation.name):
                    tried = _try(sandbox, client, name, operation.node["operationId"], arguments)
                    assert tried.status_code == 200, tried.text
                    found = tried.json()
                    assert found["failure"] is None
                    assert not schemes(operation) or found["status"] not in (401, 403), found["response"]
                    assert found["python"].count(f"{calls.variable}.{method.name}(") == 1
                    sent = vendor.requests[-1]
                    assert sent.operation_id == operation.node["operationId"]
                    assert {pair[0] for pair in found["query"]} == {pair[0] for pair in sent.query}


def test_an_object_that_a_form_has_as_fields_is_one_argument(client: httpx.Client) -> None:
    text, parameters = (
        "SELECT [Name] FROM [HR].[Employees] WHERE [City] = @city AND [Age] > @age",
        '{"@city": "Oslo", "@age": 37.5, "@on": true}',
    )
    with Sandbox("cinchy", show_bodies=True) as sandbox:
        found = _try(sandbox, client, "cinchy", "queryCql", {"query": text, "parameters": parameters}).json()
        sent = dict(parse_qsl(sandbox["cinchy"].requests[-1].body.decode()))
        assert [sent[f"Parameters[{number}].ValueType"] for number in range(3)] == [
            "System.String",
            "System.Double",
            "System.Boolean",
        ]
        assert [sent[f"Parameters[{number}].XmlSerializedValue"] for number in range(3)] == ["Oslo", "37.5", "true"]
        assert 'parameters={"@city": "Oslo", "@age": 37.5, "@on": True}' in found["python"]
        assert f'cql.query(\n        "{text}",\n' in found["python"]
        assert found["status"] == 200


def _typed_in(vendor: Vendor, operation: Any, method: Any) -> dict[str, str]:
    """What a person types into the form: the operation's example."""
    (request, *_) = example_requests(operation, vendor.servers[operation.server])
    wire: dict[str, Any] = dict(parse_qsl(request.url.query.decode(), keep_blank_values=True))
    match = vendor.match(
        vendor.prefixes[operation.server],
        request.method,
        request.url.raw_path.decode().partition("?")[0].removeprefix(vendor.prefixes[operation.server]),
    )
    wire |= match.path_parameters if match is not None else {}
    wire |= dict(request.headers)
    wire |= dict(pair.split("=", 1) for pair in request.headers.get("cookie", "").split("; ") if pair)
    content = request.headers.get("content-type", "")
    body: Any = None
    if "json" in content:
        body = json.loads(request.content)
    elif "urlencoded" in content:
        body = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    elif "multipart" in content:
        body = {one.wire: "a file" if one.takes_text else "{}" for one in method.arguments if one.required}
    given: dict[str, str] = {}
    declared = {parameter["name"] for parameter in operation.parameters}
    for argument in method.arguments:
        if argument.whole:
            value = body
        elif argument.location == "body":
            value = object_of(body).get(argument.wire)
        elif argument.type.startswith("Mapping") and argument.location == "query":
            value = {key: text for key, text in wire.items() if key.startswith("@") and key not in declared} or None
        else:
            value = wire.get(argument.wire.lower() if argument.location == "header" else argument.wire)
        if value is not None:
            given[argument.name] = value if isinstance(value, str) else json.dumps(value)
    return given


def _try(
    sandbox: Sandbox, client: httpx.Client, vendor: str, operation: str, arguments: dict[str, str]
) -> httpx.Response:
    url = f"{sandbox.url}/_sandbox/vendors/{vendor}/try"
    return client.post(url, json={"operation": operation, "arguments": arguments})
