"""Documents that were not written for us: OpenAPI 3.0 and 3.1, none of our keys, and things that a client cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sdkgen.problems import Severity
from support.http_server import Reply, Server
from support.packages import Package, generate, generate_foreign
from support.type_checkers import mypy, one_process

STORE = """
openapi: 3.0.3
info: {title: Pet Shelter, version: 1.0.5, description: Animals that look for a home.}
servers:
  - url: https://shelter.example/v3
  - url: https://staging.shelter.example/v3
security:
  - shelter_auth: [write]
  - api_key: []
paths:
  /animals:
    post:
      tags: [animals, admin]
      summary: Take in an animal
      requestBody:
        required: true
        content:
          application/xml: {schema: {$ref: '#/components/schemas/Animal'}}
          application/json: {schema: {$ref: '#/components/schemas/Animal'}}
      responses:
        '200':
          description: Taken in.
          content:
            application/xml: {schema: {$ref: '#/components/schemas/Animal'}}
            application/json: {schema: {$ref: '#/components/schemas/Animal'}}
        '405': {description: Invalid.}
        default:
          description: Anything else.
          content: {application/json: {schema: {$ref: '#/components/schemas/Fault'}}}
    get:
      tags: [animals]
      operationId: findAnimals
      security: []
      parameters:
        - name: status
          in: query
          explode: true
          schema: {type: array, items: {type: string, enum: [waiting, placed]}}
        - {name: matrix, in: query, style: weird, schema: {type: string}}
      responses:
        '200':
          description: Found.
          headers: {X-Total: {schema: {type: integer}}}
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Animal'}}}}
  /animals/{animal-id}/photo:
    parameters:
      - {name: animal-id, in: path, required: true, schema: {type: integer, format: int64}}
    put:
      operationId: animals/upload photo
      tags: [animals]
      servers: [{url: https://media.shelter.example}]
      requestBody: {content: {application/octet-stream: {schema: {type: string, format: binary}}}}
      responses: {'201': {description: Kept.}}
  /health:
    get:
      deprecated: true
      security: [{client_certificate: []}]
      responses: {default: {description: Well.}}
components:
  securitySchemes:
    shelter_auth:
      type: oauth2
      flows: {implicit: {authorizationUrl: 'https://shelter.example/auth', scopes: {write: w}}}
    api_key: {type: apiKey, name: X-Api-Key, in: header}
    client_certificate: {type: mutualTLS}
  schemas:
    Animal:
      type: object
      required: [name]
      properties:
        id: {type: integer, format: int64, readOnly: true}
        name: {type: string, example: Rex}
        keeper: {nullable: true, allOf: [{$ref: '#/components/schemas/Keeper'}]}
    Keeper: {type: object, properties: {name: {type: string, nullable: true}}}
    Fault: {type: object, properties: {text: {type: string}}}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    return generate(STORE, "pet-shelter", head="")


@pytest.fixture
def client(package: Package, server: Server) -> Any:
    credentials = package.ApiKeyCredentials(api_key="key-1")
    with package.PetShelter(base_url=server.url, media_url=server.url, credentials=credentials) as made:
        yield made


def test_unsupported_features_are_reported_as_losses(package: Package) -> None:
    assert {problem.severity for problem in package.problems} == {Severity.LOSS}
    reported = sorted((problem.pointer, problem.what) for problem in package.problems)
    assert [pointer for pointer, _ in reported] == [
        "/paths/~1animals/get",
        "/paths/~1animals/post/requestBody",
        "/paths/~1health/get",
    ]
    assert "`matrix` needs style `weird`" in reported[0][1]
    assert "not as `application/xml`" in reported[1][1]
    assert "`client_certificate`" in reported[2][1]


def test_addresses_of_the_document_are_the_defaults(package: Package) -> None:
    assert repr(package.PetShelter(credentials=())) == (
        "PetShelter(base_url='https://shelter.example/v3', media_url='https://media.shelter.example')"
    )


def test_a_call_with_a_key(client: Any, package: Package, server: Server) -> None:
    server.response = Reply(200, {"id": 7, "name": "Rex", "keeper": None})
    animal = client.animals.post_animals(name="Rex")
    assert (animal.id, animal.name, animal.keeper) == (7, "Rex", None)
    assert server.last.json == {"name": "Rex"}
    assert server.last.headers["x-api-key"] == "key-1"


def test_a_call_without_security_shows_no_key(client: Any, server: Server) -> None:
    server.response = Reply(200, [{"name": "Rex"}])
    assert [animal.name for animal in client.animals.find_animals(status=["waiting", "placed"])] == ["Rex"]
    assert server.last.query == [("status", "waiting"), ("status", "placed")]
    assert "x-api-key" not in server.last.headers


def test_an_operation_with_an_address_of_its_own(client: Any, server: Server) -> None:
    server.response = Reply(201, b"")
    assert client.animals.animals_upload_photo(5, body=b"photo") is None
    assert (server.last.path, server.last.content) == ("/animals/5/photo", b"photo")


def test_the_default_error_is_typed(client: Any, package: Package, server: Server) -> None:
    server.response = Reply(503, {"text": "Full."})
    with pytest.raises(package.ServerError) as caught:
        client.animals.post_animals(name="Rex")
    assert caught.value.error == package.module("models").Fault(text="Full.")


def test_an_operation_without_tag_and_name_can_be_called(client: Any, server: Server) -> None:
    server.response = Reply(200, b"")
    assert client.default.get_health() is None


def test_a_token_is_credentials_enough_for_oauth2(package: Package, server: Server) -> None:
    server.response = Reply(200, {"name": "Rex"})
    with package.PetShelter(base_url=server.url, credentials=package.TokenCredentials(token="t")) as client:
        client.animals.post_animals(name="Rex")
    assert server.last.headers["authorization"] == "Bearer t"


SMALLEST: dict[str, dict[str, Any]] = {
    "without-paths": {"openapi": "3.1.0", "info": {"title": "Bare", "version": "1"}, "paths": {}},
    "with-hooks-alone": {
        "openapi": "3.1.0",
        "info": {"title": "Hooks", "version": "1"},
        "webhooks": {"x": {"post": {"responses": {}}}},
    },
    "without-names": {
        "openapi": "3.0.0",
        "info": {"title": "", "version": ""},
        "paths": {"/": {"get": {"responses": {"200": {"description": ""}}}}},
    },
}


@one_process
def test_the_smallest_documents_are_packages_too() -> None:
    packages = [generate(json.dumps(document), name, head="") for name, document in SMALLEST.items()]
    assert [package.problems for package in packages] == [()] * len(SMALLEST)
    names = [package.name for package in packages]
    assert mypy(*names, sources=[package.sources for package in packages]) == []


BODIES = {
    "map": {"type": ["object", "null"]},
    "dates": {"type": ["object", "null"], "additionalProperties": {"type": "string", "format": "date"}},
    "moments": {"type": "array", "items": {"type": "string", "format": "date-time"}},
    "bytes": {"type": ["string", "null"], "format": "byte"},
    "union": {"oneOf": [{"$ref": "#/components/schemas/any"}, {"$ref": "#/components/schemas/a Thing WIth spaces"}]},
}
TAGS = [
    "any",
    "mapping",
    "async-sender",
    "sender",
    "thing",
    "async-thing",
    "property",
    "resource",
    "build",
    "\U00020000" * 80,
]


def test_what_is_written_can_be_imported_whatever_is_sent_and_whatever_it_is_called(tmp_path: Path) -> None:
    """The pipeline imports every module, and looks for undefined names, before it reports success."""
    contents = {"json": "application/json", "form": "application/x-www-form-urlencoded"}
    paths: dict[str, Any] = {}
    for index, (name, schema) in enumerate(BODIES.items()):
        for kind, media_type in contents.items():
            sent = {"content": {media_type: {"schema": schema}}, "required": kind == "json"}
            asked = {"name": "q", "in": "query", "content": {"application/json": {"schema": schema}}}
            operation = {"requestBody": sent, "parameters": [asked], "responses": {"204": {"description": "Done."}}}
            paths[f"/{name}/{kind}"] = {"post": {"tags": [TAGS[index]], **operation}}
    for tag in TAGS:
        described = {"tags": [tag], "operationId": tag, "description": "Gets it. Then\nmore, e.g. this."}
        paths[f"/tagged/{len(paths)}"] = {"get": {**described, "responses": {"204": {"description": "Done."}}}}
    schemas = {name: {"type": "object", "properties": {name: {"enum": ["a Thing WIth spaces"]}}} for name in TAGS}
    schemas["a Thing WIth spaces"] = {"type": "object", "properties": {"at": {"type": "string", "format": "date"}}}
    info = {"title": "Things", "version": "1"}
    document = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas}}
    spec = tmp_path / "thing.json"
    spec.write_text(json.dumps(document))

    package = generate_foreign(spec)

    assert [problem for problem in package.problems if problem.severity is Severity.ERROR] == []
    assert 'A_THING_WITH_SPACES = "a Thing WIth spaces"' in package.source("models/any_any.py")
    assert '"""Gets it.\n\n        Then more, e.g. this.\n' in package.source("resources/build.py")
    assert "| None | None" not in package.source("resources/mapping.py")
