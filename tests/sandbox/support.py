"""For the sandbox's tests: requests made from a document's examples, and a judge of responses that is not the
sandbox's.

Nothing here uses the sandbox's own reading of the documents: documents are loaded as JSON, responses are judged by
``jsonschema`` with ``referencing``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import cache
from importlib import resources
from typing import Any, cast

import httpx
from attrs import field, frozen
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from support.form_fields import form_fields
from vendor_sandbox import Sandbox, SandboxClock, Vendor, bundled_vendors

NOON = 1_800_000_000.25
METHODS = ("get", "put", "post", "patch", "delete")


def stopped_clock() -> SandboxClock:
    """A clock that moves only by ``advance``: how long a test takes changes nothing."""
    return SandboxClock(lambda: NOON)


@cache
def document(vendor: str) -> dict[str, Any]:
    """The bundled document of a vendor."""
    text = (resources.files("vendor_sandbox") / "specs" / f"{vendor}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def resolve(root: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    """A node with its reference followed."""
    while "$ref" in node:
        target: Any = root
        for token in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[token.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


@frozen
class Operation:
    """An operation as its document has it."""

    vendor: str
    method: str
    path: str
    node: dict[str, Any] = field(repr=False)
    parameters: tuple[dict[str, Any], ...] = field(repr=False)
    server: str

    @property
    def name(self) -> str:
        """Vendor and operation id, for the names of tests."""
        return f"{self.vendor}:{self.node['operationId']}"


def operations() -> list[Operation]:
    """All operations of all bundled documents."""
    return [operation for vendor in bundled_vendors() for operation in operations_of(vendor)]


def operations_of(vendor: str) -> list[Operation]:
    """All operations of one."""
    return list(_operations(vendor, document(vendor)))


def _operations(vendor: str, root: dict[str, Any]) -> Iterator[Operation]:
    for path, item in root["paths"].items():
        node = resolve(root, item)
        for method in METHODS:
            if method in node:
                operation = resolve(root, node[method])
                found = [resolve(root, p) for p in (*node.get("parameters", ()), *operation.get("parameters", ()))]
                servers = operation.get("servers") or node.get("servers") or root["servers"]
                unnamed = next((server for server in servers if "x-name" not in server), servers[0])
                argument = f"{unnamed['x-name']}_url" if "x-name" in unnamed else "base_url"
                yield Operation(vendor, method.upper(), path, operation, tuple(found), argument)


def examples(root: dict[str, Any], node: dict[str, Any]) -> list[Any]:
    """The examples of a media type or a parameter."""
    if "example" in node:
        return [node["example"]]
    named = [resolve(root, value)["value"] for value in node.get("examples", {}).values()]
    return named or list(resolve(root, node.get("schema", {})).get("examples", ()))


def example_requests(operation: Operation, server_url: str) -> list[httpx.Request]:
    """A request for each example of the operation's body (one, if there is none), with the examples of parameters."""
    root = document(operation.vendor)
    path, query, headers = operation.path, dict[str, Any](), dict[str, str]()
    for parameter in operation.parameters:
        schema = resolve(root, parameter["schema"])
        values = examples(root, parameter) or ([schema["const"]] if "const" in schema else [])
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(values[0]))
        elif parameter["in"] == "query" and schema.get("type") == "object":
            query |= values[0]
        elif parameter["in"] == "query" and parameter.get("required"):
            query[parameter["name"]] = _text(values[0])
        elif parameter["in"] == "header" and parameter.get("required"):
            headers[parameter["name"]] = _text(values[0])
        elif parameter["in"] == "cookie" and parameter.get("required"):
            cookies = headers.get("cookie", "")
            headers["cookie"] = f"{cookies}{cookies and '; '}{parameter['name']}={_text(values[0])}"
    bodies = list(_bodies(root, operation)) or [dict[str, Any]()]
    return [
        httpx.Request(
            operation.method,
            f"{server_url}{path}",
            params=query,
            **{**body, "headers": headers | body.get("headers", {})},
        )
        for body in bodies
    ]


def _bodies(root: dict[str, Any], operation: Operation) -> Iterator[dict[str, Any]]:
    body = resolve(root, operation.node.get("requestBody", {}))
    for media_type, media in body.get("content", {}).items():
        for example in examples(root, media):
            if "json" in media_type:
                yield {"json": example, "headers": {"content-type": media_type}}
            elif media_type == "multipart/form-data":
                yield {"files": {name: (None, json.dumps(value)) for name, value in example.items()}}
            else:
                yield {"data": dict(form_fields(media, example))}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def judge(operation: Operation, response: httpx.Response) -> list[str]:
    """What the document has against a response: its status, media type or body; empty if nothing."""
    root = document(operation.vendor)
    responses = operation.node["responses"]
    status = str(response.status_code)
    declared = next((responses[key] for key in (status, f"{status[0]}XX", "default") if key in responses), None)
    if declared is None:
        return [f"status {status} is not documented"]
    content = resolve(root, declared).get("content")
    if not content:
        return []
    media_type = response.headers.get("content-type", "").partition(";")[0]
    media = content.get(media_type, content.get("*/*"))
    if media is None:
        return [f"media type {media_type!r} is not documented, {list(content)} are"]
    if "json" not in media_type:
        return []
    schema = _absolute(media["schema"])
    validator = Draft202012Validator(schema, registry=_registry(operation.vendor), format_checker=FormatChecker())
    errors: Iterator[ValidationError] = validator.iter_errors(response.json())  # pyright: ignore[reportUnknownMemberType]
    return [f"{error.json_path}: {error.message}" for error in errors]


@cache
def _registry(vendor: str) -> Registry[Any]:
    empty: Registry[Any] = Registry()
    return empty.with_resource("urn:root", DRAFT202012.create_resource(document(vendor))).crawl()


def _absolute(node: Any) -> Any:
    """The schema with its local references pointing into the whole document."""
    if isinstance(node, dict):
        members = cast(dict[str, Any], node)
        return {
            name: f"urn:root{value}" if name == "$ref" and isinstance(value, str) else _absolute(value)
            for name, value in members.items()
        }
    if isinstance(node, list):
        return [_absolute(item) for item in cast(Sequence[Any], node)]
    return node


# --- logins, written out from each vendor's documentation: the tests' own client


def login(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    """Logs in with the vendor's main grant; returns what its response holds."""
    return LOGINS[vendor.name](vendor, client)


def _cinchy(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    form = {"grant_type": "password", "scope": "js_api", **vendor.credentials["password"]}
    return _json(client.post(f"{vendor.servers['sso_url']}/identity/connect/token", data=form))


def _athena_crm(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    form = {"grant_type": "password", **vendor.credentials["password"]}
    return _json(client.post(f"{vendor.servers['crm_url']}/oauth/token", data=form))


def _athena_cognito(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    url, body = vendor.servers["auth_url"], vendor.credentials["password"]
    access = _json(client.post(f"{url}/auth/get-access-token-by-username", json=body))
    refresh = _json(client.post(f"{url}/auth/get-refresh-token", json=body))
    return {"access_token": access["token"], "refresh_token": refresh["refresh_token"], "id_token": access["id_token"]}


def _crmcom(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    body = vendor.credentials["password"]
    response = _json(client.post(f"{vendor.servers['base_url']}/authentication/token", json=body))
    return {"access_token": response["data"]["token"]}


def _amino(vendor: Vendor, client: httpx.Client) -> dict[str, Any]:
    body = {"grant_type": "password", **vendor.credentials["password"]}
    response = _json(client.post(f"{vendor.servers['base_url']}/api/auth/v1/access_tokens", json=body))
    attributes: dict[str, Any] = response["data"][0]["attributes"]
    return attributes


def _json(response: httpx.Response) -> dict[str, Any]:
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


LOGINS = {
    "amino": _amino,
    "athena-cognito": _athena_cognito,
    "athena-crm": _athena_crm,
    "cinchy": _cinchy,
    "crmcom": _crmcom,
}


def authorized(vendor: Vendor, request: httpx.Request, scheme: str, token: str) -> httpx.Request:
    """The request with the token where the vendor requires it."""
    if vendor.name == "crmcom":
        return _with_crmcom_token(request, token)
    if scheme == "webhookKey":
        key = vendor.credentials["webhook_key"]["webhook_key"]
        request.url = request.url.copy_merge_params({"key": key})
        return request
    if scheme == "basicAuth":
        credentials = vendor.credentials["basic"]
        text = f"{credentials['username']}:{credentials['password']}"
        header = f"Basic {base64.b64encode(text.encode()).decode()}"
    elif scheme == "apiKeyAuth":
        header = f"Apikey {vendor.credentials['api_key']['api_key']}"
    else:
        header = f"Bearer {token}"
    request.headers["Authorization"] = header
    return request


def _with_crmcom_token(request: httpx.Request, token: str) -> httpx.Request:
    if request.method == "GET":
        return httpx.Request("GET", request.url.copy_merge_params({"token": token}))
    return httpx.Request(request.method, request.url, json={**json.loads(request.content), "token": token})


def schemes(operation: Operation) -> Mapping[str, Any]:
    """The security schemes of an operation's first alternative; empty for anonymous operations."""
    root = document(operation.vendor)
    security = operation.node.get("security", root.get("security", []))
    first: Mapping[str, Any] = security[0] if security else {}
    return first


# --- who calls what with a token


def get_cinchy(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"}
    params = {"ResultFormat": "JSON", "CompressJSON": "true"}
    return client.get(f"{vendor.servers['base_url']}/API/HR/Employees", params=params, headers=headers)


def get_athena(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    url = f"{vendor.servers['base_url']}/health/test-auth-request"
    return client.get(url, headers={"Authorization": f"Bearer {token}"})


def get_crmcom(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    params = {"token": token, "product_identifier": "code=BROADBAND"}
    return client.get(f"{vendor.servers['base_url']}/products/show", params=params)


def get_amino(vendor: Vendor, client: httpx.Client, token: str) -> httpx.Response:
    url = f"{vendor.servers['base_url']}/api/users/v1/users/4711/user_profiles"
    return client.get(url, headers={"Authorization": f"Bearer {token}"})


CALLS: dict[str, Callable[[Vendor, httpx.Client, str], httpx.Response]] = {
    "amino": get_amino,
    "athena-cognito": get_athena,
    "athena-crm": get_athena,
    "cinchy": get_cinchy,
    "crmcom": get_crmcom,
}


def accepted(response: httpx.Response) -> bool:
    """Whether a call was let in; CRM.COM says no under status 200."""
    if not response.is_success:
        return False
    return "application/json" not in response.headers.get("content-type", "") or (
        response.json().get("status", {"code": "OK"})["code"] == "OK"
    )


def events(sandbox: Sandbox, client: httpx.Client, after: int) -> Generator[dict[str, Any]]:
    """The events after an id, for as long as somebody asks for the next."""
    with client.stream("GET", f"{sandbox.url}/_sandbox/events?after={after}") as stream:
        for line in stream.iter_lines():
            if line.startswith("data: "):
                yield json.loads(line[6:])


def until_told(sandbox: Sandbox, client: httpx.Client, before: int) -> None:
    """Waits until a request is told of: that is after its response was sent."""
    with closing(events(sandbox, client, before)) as stream:
        next(event for event in stream if event["type"] == "request")
