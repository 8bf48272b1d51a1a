"""Servers that lie below one another, vendors that share a path, and paths that a web framework would decode."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from vendor_sandbox import Sandbox
from vendor_sandbox.document import Document
from vendor_sandbox.routing import Router


def operation(name: str, server: dict[str, Any] | None = None) -> dict[str, Any]:
    """An operation that responds with its own name."""
    response = {"200": {"content": {"application/json": {"example": name}}}}
    return {"operationId": name, "responses": response} | ({"servers": [server]} if server else {})


def document(paths: dict[str, Any], *servers: dict[str, Any]) -> dict[str, Any]:
    base = {"url": "https://harbour.example"}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Harbour", "version": "1"},
        "servers": [base, *servers],
        "paths": paths,
    }


NESTED = {"url": "https://harbour.example/api/users/v1", "x-name": "users", "x-default": "{base_url}/api/users/v1"}
HARBOUR = document(
    {
        "/api/users/v1/{name}": {"get": operation("base")},
        "/api/users/v1/{name}/boats": {"get": operation("boatsOfBase")},
        "/{name}": {"get": operation("nested", NESTED)},
        "/{name}/lock": {"put": operation("lock", NESTED)},
    }
)


def test_the_server_with_the_longest_path_is_asked_first(client: httpx.Client) -> None:
    with Sandbox("harbour", documents={"harbour": HARBOUR}) as sandbox:
        harbour = sandbox["harbour"]
        assert harbour.servers["users_url"] == f"{harbour.servers['base_url']}/api/users/v1"
        response = client.get(f"{harbour.servers['users_url']}/ada")
        assert (response.json(), harbour.requests[-1].operation_id) == ("nested", "nested")
        assert harbour.requests[-1].path == "/harbour/api/users/v1/ada"
        assert client.put(f"{harbour.servers['users_url']}/ada/lock").json() == "lock"


def test_what_the_longest_does_not_know_the_shorter_one_may(client: httpx.Client) -> None:
    with Sandbox("harbour", documents={"harbour": HARBOUR}) as sandbox:
        base = sandbox["harbour"].servers["base_url"]
        assert client.get(f"{base}/api/users/v1/ada/boats").json() == "boatsOfBase"
        wrong = client.get(f"{base}/api/users/v1/ada/lock")
        assert (wrong.status_code, wrong.headers["allow"]) == (405, "PUT")
        for path in ("", "/", "/api/users/v1", "/api/users/v1/a/b/c", "/api/users/v1x"):
            assert client.get(f"{base}{path}").json() == {"error": "not_found"}, path


def test_a_server_follows_from_one_that_is_declared_after_it(client: httpx.Client) -> None:
    inner = {"url": "https://harbour.example/gate/in", "x-name": "inner", "x-default": "{gate_url}/in"}
    gate = {"url": "https://harbour.example/gate", "x-name": "gate", "x-default": "{base_url}/gate"}
    own = document({"/open": {"get": operation("open", inner)}, "/shut": {"get": operation("shut", gate)}}, inner, gate)
    with Sandbox("harbour", documents={"harbour": own}) as sandbox:
        servers = sandbox["harbour"].servers
        assert servers["inner_url"] == f"{servers['base_url']}/gate/in"
        assert client.get(f"{servers['inner_url']}/open").json() == "open"
        assert client.get(f"{servers['gate_url']}/shut").json() == "shut"


def test_a_server_above_all_others_is_asked_last(client: httpx.Client) -> None:
    root = {"url": "https://harbour.example/", "x-name": "root", "x-default": "{base_url}/.."}
    own = document({"/harbour/tide": {"get": operation("tideOfRoot", root)}, "/tide": {"get": operation("tide")}}, root)
    own["paths"]["/moon"] = {"get": operation("moon", root)}
    with Sandbox("harbour", documents={"harbour": own}) as sandbox:
        servers = sandbox["harbour"].servers
        assert servers["root_url"] == sandbox.url
        assert client.get(f"{servers['base_url']}/tide").json() == "tide"
        assert client.get(f"{servers['root_url']}/moon").json() == "moon"
        assert client.get(f"{sandbox.url}/_sandbox/vendors").status_code == 200


def test_a_default_counts_wherever_the_server_is_declared_with_it(client: httpx.Client) -> None:
    bare = {"url": "https://harbour.example/gate", "x-name": "gate"}
    own = document({"/open": {"get": operation("open", {**bare, "x-default": "{base_url}/gate"})}}, bare)
    with Sandbox("harbour", documents={"harbour": own}) as sandbox:
        servers = sandbox["harbour"].servers
        assert servers["gate_url"] == f"{servers['base_url']}/gate"
        assert client.get(f"{servers['gate_url']}/open").json() == "open"


def test_vendors_that_share_a_path_are_distinguished_by_their_operations(client: httpx.Client) -> None:
    """``harbour`` has its tower at ``/harbour-tower``, where the vendor of that name is."""
    tower = {"url": "https://tower.example", "x-name": "tower"}
    documents = {
        "harbour": document({"/lamp": {"get": operation("lamp", tower)}, "/both": {"get": operation("first", tower)}}),
        "harbour-tower": document({"/bell": {"get": operation("bell")}, "/both": {"get": operation("second")}}),
    }
    for vendors in (("harbour", "harbour-tower"), ("harbour-tower", "harbour")):
        with Sandbox(*vendors, documents=documents) as sandbox:
            shared = sandbox["harbour-tower"].servers["base_url"]
            assert shared == sandbox["harbour"].servers["tower_url"]
            assert client.get(f"{shared}/lamp").json() == "lamp"
            assert client.get(f"{shared}/bell").json() == "bell"
            first = "first" if vendors[0] == "harbour" else "second"
            assert client.get(f"{shared}/both").json() == first, "the vendor that was named first"
            assert [each.operation_id for each in sandbox["harbour"].requests][:1] == ["lamp"]


@pytest.mark.parametrize("segment", ["a%0Ab", "%0a", "a%0D%0Ab", "a%2Fb", "a%00b", "%E2%80%A8"])
def test_a_path_parameter_may_hold_any_character(segment: str, client: httpx.Client) -> None:
    with Sandbox("harbour", "athena-crm", documents={"harbour": HARBOUR}) as sandbox:
        base = sandbox["harbour"].servers["base_url"]
        assert client.get(f"{base}/api/users/v1/{segment}/boats").json() == "boatsOfBase"
        nobody = client.get(f"{sandbox['athena-crm'].servers['base_url']}/api/{segment}")
        assert (nobody.status_code, nobody.json()) == (404, {"detail": "Not found."})


def test_a_path_below_no_server_is_nobodys(client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        for path in ("/nobody", "/cinchyx/API/HR/Employees", "/CINCHY", "/a%0Ab"):
            assert client.get(f"{sandbox.url}{path}").status_code == 404
        assert sandbox["cinchy"].requests == ()


@pytest.mark.parametrize("literal", ["me", "~me"])
def test_a_literal_wins_over_a_parameter_whatever_its_first_letter(literal: str) -> None:
    own = document({"/{name}": {"get": operation("any")}, f"/{literal}": {"get": operation("literal")}})
    found = Router(Document("harbour", own).operations).match("GET", f"/{literal}")
    assert found is not None
    assert found.operation is not None
    assert found.operation.operation_id == "literal"
