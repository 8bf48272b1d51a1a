"""Members of bodies that carry the token are in no model: ``auth_core`` puts them in."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from attrs import fields
from ruamel.yaml import YAML

from support.packages import GenerateModels, document_of

SECURITY = {
    "securitySchemes": {
        "key": {
            "type": "apiKey",
            "in": "query",
            "name": "token",
            "x-token-lifecycle": {
                "placements": [
                    {"methods": ["GET"], "in": "query", "name": "token"},
                    {"methods": ["POST"], "in": "body", "name": "token"},
                ]
            },
        }
    }
}

WITH_TOKEN = "{type: object, required: [token, name], properties: {token: {type: string}, name: {type: string}}}"


def _operation(path: str, method: str, security: str, schema: str) -> str:
    return f"""
{path}:
  {method}:
    operationId: op{path.strip("/")}
    security: {security}
    requestBody: {{content: {{application/json: {{schema: {schema}}}}}}}
    responses: {{}}
"""


def _members(model: Any) -> list[str]:
    return [attribute.name for attribute in fields(model)][:-1]


def test_the_member_is_taken_out_of_the_body(generate: GenerateModels) -> None:
    package = generate(f"A: {WITH_TOKEN}", _operation("/a", "post", "[{key: []}]", "{$ref: A}"), components=SECURITY)
    assert _members(package.A) == ["name"]
    assert package.A(name="x").to_dict(exclude_unset=True) == {"name": "x"}


def test_the_token_is_removed_from_inline_and_merged_bodies(generate: GenerateModels) -> None:
    merged = "{allOf: [{$ref: Base}, {type: object, properties: {more: {type: string}}}]}"
    package = generate(
        f"Base: {WITH_TOKEN}",
        _operation("/a", "post", "[{key: []}]", WITH_TOKEN) + _operation("/b", "post", "[{key: []}]", merged),
        components=SECURITY,
    )
    assert _members(package.OpaBody) == ["name"]
    assert _members(package.OpbBody) == ["name", "more"]
    assert _members(package.Base) == ["token", "name"]


@pytest.mark.parametrize(("method", "security"), [("put", "[{key: []}]"), ("post", "[]")])
def test_it_stays_where_no_token_is_placed(generate: GenerateModels, method: str, security: str) -> None:
    package = generate(f"A: {WITH_TOKEN}", _operation("/a", method, security, "{$ref: A}"), components=SECURITY)
    assert _members(package.A) == ["token", "name"]


def test_a_schema_with_other_uses_keeps_it_there(generate: GenerateModels) -> None:
    package = generate(
        f"A: {WITH_TOKEN}\nB: {{type: object, properties: {{a: {{$ref: A}}}}}}",
        _operation("/a", "post", "[{key: []}]", "{$ref: A}"),
        components=SECURITY,
    )
    assert _members(package.A) == ["token", "name"]
    assert _members(package.AWithoutToken) == ["name"]
    body = package.prepared.document["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert package.prepared.types.of(body).annotation == "AWithoutToken"


def test_the_document_itself_is_not_touched(generate: GenerateModels) -> None:
    document = document_of(f"A: {WITH_TOKEN}", _operation("/a", "post", "[{key: []}]", "{$ref: A}"))
    before = copy.deepcopy(document)
    generate(document["components"]["schemas"], document["paths"], components=SECURITY)
    assert document == before


LIFECYCLE = """
password:
  credentials: {client_id: {}, password: {secret: true}}
  requests:
    - operationId: login
      body:
        id: {credential: client_id}
        pass: {credential: password}
        device: {name: {credential: client_id}, pin: {credential: password}}
"""


def test_no_repr_shows_what_the_lifecycle_calls_secret(generate: GenerateModels) -> None:
    package = generate(
        """
        Login:
          type: object
          required: [id, pass, device]
          properties: {id: {type: string}, pass: {type: string}, device: {$ref: Device}}
        Device: {type: object, required: [name, pin], properties: {name: {type: string}, pin: {type: string}}}
        ReceivedResponse: {type: object, properties: {data: {type: array, items: {$ref: Tokens}}}}
        Tokens:
          type: object
          required: [access, user]
          properties: {access: {type: string}, user: {type: string}, id_token: {type: string}}
        """,
        """
        /login:
          post:
            operationId: login
            requestBody: {content: {application/json: {schema: {$ref: Login}}}}
            responses: {'200': {description: '', content: {application/json: {schema: {$ref: ReceivedResponse}}}}}
        """,
        components={
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "x-token-lifecycle": {
                        "grants": YAML(typ="safe").load(LIFECYCLE),
                        "token": {
                            "access_token": ["$response.body#/nothing", "$response.body#/data/0/access"],
                            "extras": {
                                "id_token": {"from": "$response.body#/data/0/id_token"},
                                "user": {"from": "$response.body#/data/0/user", "secret": False},
                            },
                        },
                    },
                }
            }
        },
    )
    device = package.Device(name="phone", pin="hunter2")
    login = package.Login(id="me", device=device, pass_="hunter2")
    tokens = {"access": "hunter2", "user": "ada", "id_token": "hunter2", "undocumented_token": "hunter2"}
    response = package.ReceivedResponse.from_dict({"data": [tokens]})
    assert "hunter2" not in repr(login) + repr(response)
    assert all(known in repr(login) + repr(response) for known in ("me", "phone", "ada"))
    assert "pass_=****" in repr(login)
