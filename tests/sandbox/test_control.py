"""The control API: what it shows, what it changes, and whom it refuses."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from auth_core_testing import Canary

from sandbox.support import NOON, document, get_crmcom, login, stopped_clock
from vendor_sandbox import Sandbox
from vendor_sandbox.control import application
from vendor_sandbox.faults import ErrorStatus, HeldResponse, SlowResponse, parse_order


class Control:
    """The control API as a plain client sees it."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self.sandbox = sandbox
        self._client = client

    def __call__(self, method: str, path: str, **request: Any) -> httpx.Response:
        return self._client.request(method, f"{self.sandbox.url}/_sandbox{path}", **request)

    def get(self, path: str) -> Any:
        """The JSON of a GET."""
        response = self("GET", path)
        assert response.status_code == 200, response.text
        return response.json()


@pytest.fixture
def control(client: httpx.Client) -> Iterator[Control]:
    with Sandbox("cinchy", "athena-crm", "crmcom", clock=stopped_clock()) as sandbox:
        yield Control(sandbox, client)


def health(control: Control, client: httpx.Client) -> httpx.Response:
    return client.get(f"{control.sandbox['cinchy'].servers['base_url']}/healthcheck")


# --- looking


def test_vendors_and_documents_are_shown(control: Control) -> None:
    cinchy = control.get("/vendors")[0]
    vendor = control.sandbox["cinchy"]
    assert cinchy == {
        "name": "cinchy",
        "title": document("cinchy")["info"]["title"],
        "servers": vendor.servers,
        "grants": list(vendor.credentials),
        "operations": len(vendor.document.operations),
        "client": True,
    }
    assert control.get("/vendors/cinchy/document") == document("cinchy")


def test_requests_are_shown_with_what_became_of_them(control: Control, client: httpx.Client) -> None:
    login(control.sandbox["cinchy"], client)
    control.sandbox["cinchy"].faults.add(ErrorStatus(503))
    health(control, client)
    client.get(f"{control.sandbox['cinchy'].servers['base_url']}/nowhere?x=1")
    first, second, third = control.get("/requests")
    assert set(first) == {
        "id", "at", "vendor", "operation_id", "method", "path", "status", "seconds", "fault", "token_request",
    }  # fmt: skip
    assert (first["operation_id"], first["token_request"], first["fault"]) == ("createToken", "password", None)
    assert first["at"] == NOON
    assert (second["status"], second["fault"], second["token_request"]) == (503, "status", None)
    assert (third["operation_id"], third["status"], third["path"]) == (None, 404, "/cinchy/nowhere?x=1")
    assert first["id"] < second["id"] < third["id"]
    assert control.get(f"/requests?after={second['id']}") == [third]
    assert control.get("/requests?vendor=crmcom") == []


def test_a_request_without_a_response_has_no_status(control: Control, client: httpx.Client) -> None:
    parse_order("cinchy:*:reset_before,times=1").place(control.sandbox.faults)
    with pytest.raises(httpx.ReadError):
        health(control, client)
    assert [(one["status"], one["fault"]) for one in control.get("/requests")] == [(None, "reset_before")]


def test_at_most_500_requests_are_listed_and_paging_misses_none(control: Control, client: httpx.Client) -> None:
    for _ in range(503):
        health(control, client)
    newest = control.get("/requests")
    assert len(newest) == 500
    seen: list[int] = []
    for _ in range(3):
        page = control.get(f"/requests?after={seen[-1] if seen else 0}")
        seen += [one["id"] for one in page]
    assert len(seen) == 503
    assert seen[-500:] == [one["id"] for one in newest]


def test_tokens_are_shown_without_being_shown(control: Control, client: httpx.Client) -> None:
    response = login(control.sandbox["athena-crm"], client)
    tokens = control.get("/tokens?vendor=athena-crm")
    assert [(token["kind"], token["state"], token["shown"]) for token in tokens] == [
        ("access", "valid", f"…{response['access_token'][-4:]}"),
        ("refresh", "valid", f"…{response['refresh_token'][-4:]}"),
    ]
    assert tokens[0]["family"] == tokens[1]["family"]
    assert (tokens[0]["issued_at"], tokens[0]["lifetime"]) == (NOON, 86399)
    assert tokens[0]["expires_at"] == NOON + 86399
    assert set(tokens[0]) == {
        "vendor", "kind", "subject", "issued_at", "expires_at", "lifetime", "state", "family", "shown", "number",
    }  # fmt: skip
    assert control.get("/tokens?vendor=cinchy") == []


SECRET_PLACES = (
    "healthcheck?a=b;token={}",
    "healthcheck?a=b%3Btoken={}",
    "healthcheck?a=b%26token%3D{}",
    "healthcheck?next=https://a.example/?api_key={}",
    "healthcheck;token={}/x",
    "healthcheck?state=code={}",
    "healthcheck?product_identifier=code=A%26code={}",
    "healthcheck?product_identifier=authentication_code={}",
)


def test_nothing_that_is_shown_holds_a_secret(control: Control, client: httpx.Client) -> None:
    canary = Canary()
    crmcom, cinchy, crm = (control.sandbox[name] for name in ("crmcom", "cinchy", "athena-crm"))
    token = canary.add("token in a query", login(crmcom, client)["access_token"])
    assert get_crmcom(crmcom, client, token).status_code == 200
    for name, member in (("access_token", "access"), ("refresh_token", "refresh")):
        canary.add(member, login(crm, client)[name])
    base = cinchy.servers["base_url"]
    for name in ("token", "key", "api_key", "Password", "client_secret", "X-Signature", "pass_code"):
        client.get(f"{base}/healthcheck", params={name: canary.secret(name), "harmless": "shown"})
    password = canary.add("a password under a harmless name", cinchy.credentials["password"]["password"])
    client.get(f"{base}/healthcheck", params={"q": password, "r": token})
    client.get(f"{base}/healthcheck?{token}")
    client.get(f"{base}/{token}/x")
    for number, place in enumerate(SECRET_PLACES):
        client.get(f"{base}/{place.format(canary.secret(f'place {number}'))}")
    control("PATCH", "/settings?vendor=cinchy", json={"token_lifetime": canary.secret("a setting")})
    control("POST", "/faults", json={"kind": canary.secret("a kind"), "vendor": "cinchy"})
    with httpx.stream("GET", f"{control.sandbox.url}/_sandbox/events?after=0", trust_env=False) as stream:
        events = read_events(stream, 15 + len(SECRET_PLACES))
    canary.show(json.dumps(events), *(control("GET", path).text for path in SHOWN))
    canary.show(control("PATCH", "/settings?vendor=cinchy", json={"rotates": canary.secret("rotates")}).text)
    assert canary.leaks() == []
    assert "harmless=shown" in canary.seen()
    assert "token=…" in canary.seen()


def test_secrets_that_look_like_words_are_masked_too(control: Control, client: httpx.Client) -> None:
    """In a path, since they are the account's; in a query, since of their name, however it is written."""
    cinchy = control.sandbox["cinchy"]
    base, password = cinchy.servers["base_url"], cinchy.credentials["password"]["password"]
    assert " " in password
    client.get(f"{base}/{quote(password)}/x")
    client.get(f"{base}/healthcheck?p%61ssword=hunter2&harmless=hunter3")
    shown = control("GET", "/requests").text
    assert [text in shown for text in (quote(password), "hunter2", "harmless=hunter3")] == [False, False, True]


SHOWN = ("/vendors", "/requests", "/tokens", "/faults", "/settings?vendor=cinchy", "/clock")


# --- watching


def read_events(stream: httpx.Response, number: int) -> list[dict[str, Any]]:
    """The next events of a stream, with their ids."""
    found: list[dict[str, Any]] = []
    number_of_last = 0
    for line in stream.iter_lines():
        if line.startswith("id: "):
            number_of_last = int(line[4:])
        elif line.startswith("data: "):
            found.append({"event_id": number_of_last, **json.loads(line[6:])})
            if len(found) == number:
                return found
    raise AssertionError(f"the stream ended after {len(found)} events")


def test_requests_tokens_faults_and_the_clock_are_streamed_as_events(control: Control, client: httpx.Client) -> None:
    with httpx.stream("GET", f"{control.sandbox.url}/_sandbox/events", trust_env=False) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        control("POST", "/faults", json={"kind": "status", "status": 503, "vendor": "cinchy", "times": 1})
        health(control, client)
        login(control.sandbox["crmcom"], client)
        control("POST", "/clock", json={"advance": 60})
        events = read_events(stream, 6)
    assert [event["type"] for event in events] == ["fault", "fault", "request", "token", "request", "clock"]
    ids = [event["event_id"] for event in events]
    assert ids == sorted(set(ids))
    ordered, struck, request, token, _, clock = events
    assert (ordered["applied"], struck["applied"], struck["id"]) == (0, 1, ordered["id"])
    assert request["id"] == request["event_id"] == control.get("/requests")[0]["id"]
    assert (token["vendor"], token["kind"], token["state"]) == ("crmcom", "access", "valid")
    assert clock["now"] == NOON + 60


def test_who_connects_again_misses_nothing(control: Control, client: httpx.Client) -> None:
    for _ in range(3):
        health(control, client)
    url = f"{control.sandbox.url}/_sandbox/events"
    with httpx.stream("GET", f"{url}?after=0", trust_env=False) as stream:
        first = read_events(stream, 1)[0]
    with httpx.stream("GET", url, trust_env=False, headers={"Last-Event-ID": str(first["event_id"])}) as stream:
        assert [event["id"] for event in read_events(stream, 2)] == [one["id"] for one in control.get("/requests")[1:]]


def test_a_stopping_sandbox_ends_its_streams(control: Control) -> None:
    with httpx.stream("GET", f"{control.sandbox.url}/_sandbox/events", trust_env=False) as stream:
        lines = stream.iter_lines()
        next(lines)
        control.sandbox.stop()
        assert [line for line in lines if line] == []


def test_a_stream_without_events_has_a_heart_that_beats(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "HEARTBEAT_SECONDS", 0.01)
    with httpx.stream("GET", f"{control.sandbox.url}/_sandbox/events", trust_env=False) as stream:
        assert ": heartbeat" in stream.iter_lines()


# --- changing


def test_faults_are_made_listed_and_taken_back(control: Control, client: httpx.Client) -> None:
    members = {"vendor": "cinchy", "operation": "getHealth", "kind": "status", "status": 429, "retry_after": 7}
    made = control("POST", "/faults", json={**members, "every": 2, "seconds": None})
    assert made.status_code == 201
    rule = made.json()
    assert rule == {
        **members, "id": rule["id"], "seconds": None, "probability": None, "every": 2, "times": None, "applied": 0,
    }  # fmt: skip
    assert [health(control, client).status_code for _ in range(4)] == [200, 429, 200, 429]
    assert control.get("/faults") == [{**rule, "applied": 2}]
    assert control("DELETE", f"/faults/{rule['id']}").status_code == 204
    assert control("DELETE", f"/faults/{rule['id']}").status_code == 404
    control.sandbox.faults.add(SlowResponse(2))
    control.sandbox["cinchy"].faults.add(HeldResponse())
    assert [(one["kind"], one["seconds"]) for one in control.get("/faults")] == [("latency", 2), ("held", None)]
    assert control("DELETE", "/faults").status_code == 204
    assert control.get("/faults") == []


def test_settings_are_changed_for_one_vendor(control: Control) -> None:
    before = control.get("/settings?vendor=crmcom")
    response = control("PATCH", "/settings?vendor=athena-crm", json={"token_lifetime": 60, "lock_out_after": 3})
    assert response.status_code == 200
    assert response.json() == control.get("/settings?vendor=athena-crm")
    assert response.json() == {
        "token_lifetime": 60,
        "refresh_lifetime": 30 * 24 * 3600,
        "rotates": True,
        "reuse_revokes": True,
        "single_session": False,
        "lock_out_after": 3,
        "clock_skew": 0,
    }
    assert control.get("/settings?vendor=crmcom") == before
    assert control.sandbox["athena-crm"].settings.token_lifetime == 60


def test_the_clock_is_moved(control: Control) -> None:
    assert control.get("/clock") == {"now": NOON}
    assert control("POST", "/clock", json={"advance": 3600.5}).json() == {"now": NOON + 3600.5}
    assert control.sandbox.clock.time() == NOON + 3600.5


def test_tokens_are_ended(control: Control, client: httpx.Client) -> None:
    login(control.sandbox["athena-crm"], client)
    login(control.sandbox["crmcom"], client)
    assert control("POST", "/tokens/expire?vendor=athena-crm&kind=refresh").status_code == 204
    assert [token["state"] for token in control.get("/tokens")] == ["valid", "expired", "valid"]
    assert control("POST", "/tokens/expire?kind=access").status_code == 204
    assert {token["state"] for token in control.get("/tokens")} == {"expired"}


def test_tokens_are_ended_one_by_one_and_by_login(control: Control, client: httpx.Client) -> None:
    login(control.sandbox["athena-crm"], client)
    login(control.sandbox["athena-crm"], client)
    first, second, third, fourth = control.get("/tokens?vendor=athena-crm")
    for token in (first, fourth):
        assert control("POST", f"/tokens/expire?vendor=athena-crm&number={token['number']}").status_code == 204
    listed = control.get("/tokens?vendor=athena-crm")
    assert [token["state"] for token in listed] == ["expired", "valid", "valid", "expired"]
    assert {(token["number"], token["family"]) for token in (first, second, third, fourth)} == {
        (token["number"], token["family"]) for token in listed
    }
    assert control("POST", f"/tokens/revoke?vendor=athena-crm&family={second['family']}").status_code == 204
    states = {token["number"]: token["state"] for token in control.get("/tokens?vendor=athena-crm")}
    of_the_other = [token for token in listed if token["family"] != second["family"]]
    assert states == {token["number"]: "revoked" for token in listed} | {
        token["number"]: token["state"] for token in of_the_other
    }
    kinds = [event.get("kind") for event in control.get("/timeline") if event["type"] == "tokens_expired"]
    assert kinds == [first["kind"], fourth["kind"], "login"]
    for path in ("/tokens/expire?vendor=athena-crm&number=99", "/tokens/revoke?vendor=athena-crm&family=x"):
        assert control("POST", path).status_code == 404


def test_a_reset_restores_one_vendor_or_all(client: httpx.Client) -> None:
    start = parse_order("cinchy:getHealth:status=503,every=3")
    with Sandbox("cinchy", "crmcom", clock=stopped_clock(), faults=[start]) as sandbox:
        control = Control(sandbox, client)

        def use() -> None:
            login(sandbox["cinchy"], client)
            login(sandbox["crmcom"], client)
            for vendor in ("cinchy", "crmcom"):
                control("POST", "/faults", json={"vendor": vendor, "kind": "status", "status": 500, "every": 100})
                control("PATCH", f"/settings?vendor={vendor}", json={"token_lifetime": 60})

        use()
        assert control("POST", "/reset?vendor=cinchy").status_code == 204
        assert {one["vendor"] for one in control.get("/requests")} == {"crmcom"}
        assert {one["vendor"] for one in control.get("/tokens")} == {"crmcom"}
        assert [(one["vendor"], one["every"]) for one in control.get("/faults")] == [("crmcom", 100), ("cinchy", 3)]
        assert control.get("/settings?vendor=cinchy")["token_lifetime"] == 3600
        assert control.get("/settings?vendor=crmcom")["token_lifetime"] == 60
        use()
        control("POST", "/clock", json={"advance": 60})
        assert control("POST", "/reset").status_code == 204
        assert (control.get("/requests"), control.get("/tokens"), control.get("/clock")) == ([], [], {"now": NOON})
        assert [(one["vendor"], one["every"], one["applied"]) for one in control.get("/faults")] == [("cinchy", 3, 0)]
        assert [health(control, client).status_code for _ in range(3)] == [200, 200, 503]


# --- wrong input

STATUS = {"kind": "status", "status": 503}


@pytest.mark.parametrize(
    ("method", "path", "request_", "status", "where", "message"),
    [
        ("GET", "/nothing", {}, 404, "/_sandbox/nothing", "nothing at this path; the paths are /_sandbox/vendors, "),
        ("GET", "/console/nothing.js", {}, 404, "/_sandbox/console/nothing.js", "nothing at this path"),
        ("GET", "/console/%00", {}, 404, "/_sandbox/console/\0", "nothing at this path"),
        ("GET", f"/{'x' * 5000}", {}, 404, f"/_sandbox/{'x' * 110}…", "nothing at this path"),
        ("PUT", "/console/", {}, 405, "/_sandbox/console/", "use GET"),
        ("BREW", "/timeline", {}, 405, "/_sandbox/timeline", "use "),
        ("GET", "/timeline?after=-1", {}, 400, "?after", "whole number"),
        ("GET", "/timeline?vendor=amino", {}, 400, "?vendor", "one of cinchy"),
        ("GET", "/vendors/amino/document", {}, 404, "/_sandbox/vendors/amino/document", "serves cinchy"),
        ("PUT", "/faults", {}, 405, "/_sandbox/faults", "use "),
        ("OPTIONS", "/vendors", {}, 405, "/_sandbox/vendors", "use "),
        ("GET", "/requests?vendor=amino", {}, 400, "?vendor", "one of cinchy, athena-crm, crmcom"),
        ("GET", "/requests?after=-1", {}, 400, "?after", "whole number"),
        ("GET", "/requests?after=²", {}, 400, "?after", "whole number"),
        ("GET", f"/requests?after={'9' * 5000}", {}, 400, "?after", "whole number"),
        ("GET", "/events?after=x", {}, 400, "?after", "whole number"),
        ("GET", "/events", {"headers": {"Last-Event-ID": "x"}}, 400, "Last-Event-ID", "whole number"),
        ("POST", "/reset?vender=cinchy", {}, 400, "?vender", "this path takes vendor"),
        ("POST", "/reset?vendor=cinchy&vendor=crmcom", {}, 400, "?vendor", "given twice"),
        ("GET", "/clock?x=1", {}, 400, "?x", "this path takes none"),
        ("POST", "/tokens/expire", {}, 400, "?kind", "access or refresh"),
        ("POST", "/tokens/expire?kind=all", {}, 400, "?kind", "access or refresh"),
        ("GET", "/settings", {}, 400, "?vendor", "name a vendor: cinchy"),
        ("DELETE", "/faults/x", {}, 404, "/_sandbox/faults/x", "no rule"),
        ("POST", "/faults", {}, 400, "Content-Type", "application/json"),
        ("POST", "/faults", {"data": {"kind": "html"}}, 400, "Content-Type", "application/json"),
        ("POST", "/faults", {"content": b"{"}, 400, "", "not JSON"),
        ("POST", "/faults", {"content": b"\xff"}, 400, "", "not in UTF-8"),
        ("POST", "/faults", {"content": b"[" * 60000}, 400, "", "not JSON"),
        ("POST", "/faults", {"content": b" " * 70000}, 400, "", "longer than 65536"),
        ("POST", "/faults", {"json": []}, 422, "", "JSON object"),
        ("POST", "/faults", {"json": {}}, 422, "/kind", "one of latency, status"),
        ("POST", "/faults", {"json": {"kind": ["status"]}}, 422, "/kind", "one of latency"),
        ("POST", "/faults", {"json": {"kind": "status"}}, 422, "/status", "requires status"),
        ("POST", "/faults", {"json": {"kind": "latency", "seconds": "2"}}, 422, "/seconds", "must be a number"),
        ("POST", "/faults", {"json": {"kind": "latency", "seconds": 0}}, 422, "/seconds", "must be above 0"),
        ("POST", "/faults", {"json": {**STATUS, "status": 200}}, 422, "/status", "400 to 599"),
        ("POST", "/faults", {"json": {**STATUS, "retry_after": -1}}, 422, "/retry_after", "0 seconds"),
        ("POST", "/faults", {"json": {**STATUS, "times": True}}, 422, "/times", "must be a number"),
        ("POST", "/faults", {"json": {**STATUS, "every": 1.5}}, 422, "/every", "whole number"),
        ("POST", "/faults", {"json": {**STATUS, "every": 10**400}}, 422, "/every", "must be a number"),
        ("POST", "/faults", {"json": {**STATUS, "every": 2, "probability": 0.5}}, 422, "/every", "not both"),
        ("POST", "/faults", {"json": {**STATUS, "vendor": "amino"}}, 422, "/vendor", "serves no vendor"),
        ("POST", "/faults", {"json": {**STATUS, "vendor": 1}}, 422, "/vendor", "must be a string"),
        ("POST", "/faults", {"json": {**STATUS, "operation": "x"}}, 422, "/operation", "unknown operation 'x'"),
        ("POST", "/faults", {"json": {**STATUS, "id": 1}}, 422, "/id", "does not take id"),
        ("POST", "/faults", {"content": b'{"kind": "html", "\\ud800/~": 1}'}, 422, "/\ud800~1~0", "does not take"),
        ("PATCH", "/settings?vendor=cinchy", {"json": {"lifetime": 1}}, 422, "/lifetime", "unknown setting"),
        ("PATCH", "/settings?vendor=cinchy", {"json": {"self": 1}}, 422, "/self", "unknown setting"),
        ("PATCH", "/settings?vendor=cinchy", {"json": {"rotates": 1}}, 422, "/rotates", "true or false"),
        ("PATCH", "/settings?vendor=cinchy", {"json": {"x" * 9000: 1}}, 422, f"/{'x' * 119}…", "unknown setting 'xxx"),
        ("PATCH", "/settings?vendor=cinchy", {"content": b"{"}, 400, "", "not JSON: Expecting property name"),
        ("POST", "/clock", {"content": b""}, 400, "", "empty"),
        ("POST", "/clock", {"content": '{"advance": 1}'.encode("utf-16")}, 400, "", "not in UTF-8"),
        ("POST", "/clock", {"content": '{"advance": 1}'.encode("utf-16-le")}, 400, "", "not JSON"),
        ("POST", "/clock", {"content": b'{"\xe9": 1}'}, 400, "", "not in UTF-8"),
        ("POST", "/clock", {"content": b'{"advance": 1e999}'}, 400, "", "a number too long"),
        ("POST", "/clock", {"content": b'{"advance": ' + b"9" * 5000 + b"}"}, 400, "", "a number too long"),
        ("POST", "/clock", {"content": b"[" * 30000}, 400, "", "nested too deep"),
        ("POST", "/clock", {"json": {}}, 422, "/advance", "number of seconds"),
        ("POST", "/clock", {"json": {"advance": True}}, 422, "/advance", "number of seconds"),
        ("POST", "/clock", {"json": {"advance": 10**400}}, 422, "/advance", "between the years"),
        ("POST", "/clock", {"json": {"advance": -(10**10)}}, 422, "/advance", "between the years"),
        ("POST", "/clock", {"json": {"set": 1}}, 422, "/set", "the only member is advance"),
    ],
)
def test_wrong_input_gets_a_message(
    method: str, path: str, request_: dict[str, Any], status: int, where: str, message: str, control: Control
) -> None:
    if "content" in request_:
        request_ = {**request_, "headers": {"Content-Type": "application/json"}}
    response = control(method, path, **request_)
    assert response.status_code == status
    error = response.json()["error"]
    assert error["where"] == where
    assert message in error["message"]
    assert control.sandbox.faults.all() == []


@pytest.mark.parametrize("path", ["/", "/_sandbox", "/_sandbox/", "/_sandbox/console"])
def test_what_people_type_leads_to_the_console(path: str, control: Control, client: httpx.Client) -> None:
    response = client.get(f"{control.sandbox.url}{path}")
    assert (response.status_code, response.headers["location"]) == (307, "/_sandbox/console/")


def test_a_path_of_no_vendor_gets_those_that_there_are(control: Control, client: httpx.Client) -> None:
    response = client.get(f"{control.sandbox.url}/amino/x")
    assert response.status_code == 404
    assert response.json()["error"] == {
        "message": "there is nothing at this path; the paths are "
        "/_sandbox, /cinchy, /CinchySSO, /connections, /athena-crm, /crmcom",
        "where": "/amino/x",
    }


def test_a_head_request_starts_no_stream(control: Control) -> None:
    response = control("HEAD", "/events")
    assert (response.status_code, response.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")


def test_a_disconnect_during_a_body_leaves_no_traceback(control: Control, caplog: pytest.LogCaptureFixture) -> None:
    head = (
        b"POST /_sandbox/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"
    )
    with socket.create_connection(("127.0.0.1", int(control.sandbox.url.rpartition(":")[2]))) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 100"), "the body is being read"
        connection.sendall(b'{"adv')
    control.sandbox.stop()  # waits until every request is over
    assert caplog.records == []


@pytest.mark.parametrize(
    ("headers", "where"),
    [
        ({"Host": "rebound.example"}, "Host"),
        ({"Host": "127.0.0.1.rebound.example:80"}, "Host"),
        ({"Host": ""}, "Host"),
        ({"Origin": "http://evil.example"}, "Origin"),
        ({"Origin": "null"}, "Origin"),
        ({"Origin": "http://localhost:3000"}, "Origin"),
        ({"Sec-Fetch-Site": "cross-site"}, "Sec-Fetch-Site"),
        ({"Sec-Fetch-Site": "same-site"}, "Sec-Fetch-Site"),
    ],
)
def test_pages_of_other_origins_get_nothing(headers: dict[str, str], where: str, control: Control) -> None:
    responses = [
        control("GET", "/requests", headers=headers),
        control("POST", "/reset", headers=headers),
        control("OPTIONS", "/faults", headers={**headers, "Access-Control-Request-Method": "POST"}),
    ]
    for response in responses:
        assert (response.status_code, response.json()["error"]["where"]) == (403, where)
        assert not [name for name in response.headers if name.startswith("access-control-")]


def test_the_consoles_own_pages_may_use_it(control: Control) -> None:
    origin = control.sandbox.url
    for headers in ({"Origin": origin, "Sec-Fetch-Site": "same-origin"}, {"Host": "localhost:9000"}, {"Host": "[::1]"}):
        response = control("GET", "/vendors", headers=headers)
        assert response.status_code == 200
        assert response.headers["content-security-policy"] == "frame-ancestors 'none'"


# --- the console


def test_the_front_page_redirects_to_the_console_if_installed(
    client: httpx.Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application, "CONSOLE", tmp_path)
    with Sandbox("cinchy") as sandbox:
        assert client.get(sandbox.url).headers["location"] == "/_sandbox/vendors"
        assert client.get(f"{sandbox.url}/_sandbox/console/").status_code == 404
    (tmp_path / "index.html").write_text("<title>Console</title>")
    with Sandbox("cinchy") as sandbox:
        assert client.get(sandbox.url).headers["location"] == "/_sandbox/console/"
        page = client.get(f"{sandbox.url}/_sandbox/console/", headers={"Sec-Fetch-Site": "cross-site"})
        assert (page.status_code, page.text) == (200, "<title>Console</title>")
        assert client.get(f"{sandbox.url}/_sandbox/console/../vendors").status_code == 200
