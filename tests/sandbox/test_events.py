"""The stream of events: who follows it knows what the lists say, and what was missed is said."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.support import NOON, events, stopped_clock, until_told
from support.examples import examples
from vendor_sandbox import Sandbox, journal
from vendor_sandbox.faults import ErrorStatus, parse_order
from vendor_sandbox.faults.rules import USED_UP_KEPT

VENDORS = ("cinchy", "athena-crm")


class Follower:
    """Somebody who read the lists once, and from then on knows only what the events say."""

    def __init__(self, sandbox: Sandbox, client: httpx.Client) -> None:
        self._sandbox = sandbox
        self._client = client
        self._last = sandbox.journal.last_id
        self.seen: list[dict[str, Any]] = []
        self._read_lists()

    def lists(self) -> dict[str, Any]:
        """What the lists say now."""
        return {
            "requests": [one["id"] for one in self._get("/requests")],
            "faults": self._get("/faults"),
            "settings": {vendor: self._get(f"/settings?vendor={vendor}") for vendor in VENDORS},
            "clock": self._get("/clock"),
            "tokens": sorted(self._get("/tokens"), key=str),
        }

    def catch_up(self) -> dict[str, Any]:
        """Reads the events that there are, and says what is known then."""
        for event in self._new_events():
            self._last = event["event_id"]
            self.seen.append(event)
            self._apply(event)
        faults = [self.rules[number] for number in sorted(self.rules)]
        return {**self.known, "faults": faults, "tokens": sorted(self.known["tokens"], key=str)}

    def _apply(self, event: dict[str, Any]) -> None:
        members = {name: value for name, value in event.items() if name not in ("type", "event_id", "at")}
        match event["type"]:
            case "request":
                self.known["requests"] = [*self.known["requests"], event["id"]]
            case "token":
                self.known["tokens"].append(members)
            case "tokens_expired":
                for token in self.known["tokens"]:
                    if token["vendor"] == event["vendor"] and token["kind"] == event["kind"]:
                        token["state"] = "expired"
            case "fault":
                self.rules[event["id"]] = members
            case "fault_removed":
                del self.rules[event["id"]]
            case "settings":
                self.known["settings"][event["vendor"]] = event["settings"]
            case "clock":
                assert event["now"] == self.known["clock"]["now"] + event["by"]
                self.known["clock"] = {"now": event["now"]}
            case "reset":
                self._read_lists()
            case other:
                raise AssertionError(f"an event of type {other}")

    def _read_lists(self) -> None:
        self.known = self.lists()
        self.rules = {rule["id"]: rule for rule in self.known["faults"]}

    def _new_events(self) -> list[dict[str, Any]]:
        newest = self._sandbox.journal.last_id
        return read(self._sandbox, self._client, self._last, newest) if newest > self._last else []

    def _get(self, path: str) -> Any:
        return self._client.get(f"{self._sandbox.url}/_sandbox{path}").raise_for_status().json()


def read(sandbox: Sandbox, client: httpx.Client, after: int = 0, last: int | None = None) -> list[dict[str, Any]]:
    """The events after an id, up to the last one that there is now."""
    last = sandbox.journal.last_id if last is None else last
    found: list[dict[str, Any]] = []
    with closing(events(sandbox, client, after)) as stream:
        for event in stream:
            found.append(event)
            if event["event_id"] == last:
                return found
    raise AssertionError(f"the stream ended after {len(found)} events")


Action = Callable[[Sandbox, httpx.Client], object]


def control(method: str, path: str, body: object = None) -> Action:
    def act(sandbox: Sandbox, client: httpx.Client) -> None:
        response = client.request(method, f"{sandbox.url}/_sandbox{path}", **({} if body is None else {"json": body}))
        assert response.status_code < 300 or (method, response.status_code) == ("DELETE", 404), response.text

    act.__name__ = f"{method} {path} {body}"
    return act


def call(sandbox: Sandbox, client: httpx.Client) -> None:
    before = sandbox.journal.last_id
    client.get(f"{sandbox['cinchy'].servers['base_url']}/healthcheck")
    until_told(sandbox, client, before)


def log_in(sandbox: Sandbox, client: httpx.Client) -> None:
    before = sandbox.journal.last_id
    credentials = {"grant_type": "password", **sandbox["athena-crm"].credentials["password"]}
    client.post(f"{sandbox['athena-crm'].servers['crm_url']}/oauth/token", data=credentials)
    until_told(sandbox, client, before)


RULES = [
    {"kind": "status", "status": 503, "vendor": "cinchy", "times": 1},
    {"kind": "status", "status": 500, "every": 2},
    {"kind": "html", "vendor": "athena-crm", "times": 2},
]
ACTIONS: list[Action] = [
    call,
    log_in,
    *(control("POST", "/faults", rule) for rule in RULES),
    *(control("DELETE", f"/faults/{number}") for number in (1, 2, 3)),
    control("DELETE", "/faults"),
    control("PATCH", "/settings?vendor=cinchy", {"token_lifetime": 60}),
    control("PATCH", "/settings?vendor=athena-crm", {"rotates": False, "clock_skew": -3}),
    control("POST", "/clock", {"advance": 90}),
    control("POST", "/clock", {"advance": -30.5}),
    control("POST", "/tokens/expire?kind=access"),
    control("POST", "/tokens/expire?kind=access&vendor=athena-crm"),
    control("POST", "/reset?vendor=cinchy"),
    control("POST", "/reset?vendor=athena-crm"),
    control("POST", "/reset"),
]


@settings(
    max_examples=examples(10),
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(actions=st.lists(st.sampled_from(ACTIONS), max_size=12))
def test_who_follows_the_events_knows_what_the_lists_say(
    following: tuple[Sandbox, httpx.Client], actions: list[Action]
) -> None:
    sandbox, client = following
    sandbox.reset()
    follower = Follower(sandbox, client)
    for action in actions:
        action(sandbox, client)
        assert follower.catch_up() == follower.lists(), action


@pytest.fixture
def following(client: httpx.Client) -> Any:
    """A sandbox with rules from the start, and somebody who talks to it."""
    start = [parse_order("cinchy:*:status=503,every=3"), parse_order("*:token:html,times=1")]
    with Sandbox(*VENDORS, clock=stopped_clock(), faults=start) as sandbox:
        yield sandbox, client


@pytest.fixture
def sandbox() -> Any:
    with Sandbox(*VENDORS, clock=stopped_clock()) as running:
        yield running


def types(sandbox: Sandbox, client: httpx.Client, after: int) -> list[str]:
    return [event["type"] for event in read(sandbox, client, after)]


def test_a_removed_rule_is_reported_by_its_id(sandbox: Sandbox, client: httpx.Client) -> None:
    rule = sandbox.faults.add(ErrorStatus(503), vendor="cinchy")
    sandbox.faults.remove(rule)
    sandbox.faults.remove(rule)
    added, removed = read(sandbox, client)
    assert (added["type"], removed["type"]) == ("fault", "fault_removed")
    assert removed["id"] == added["id"] == rule.id
    assert removed["at"] == NOON


def test_an_exhausted_rule_is_reported_when_it_leaves_the_list(sandbox: Sandbox, client: httpx.Client) -> None:
    rules = [sandbox.faults.add(ErrorStatus(503), vendor="cinchy") for _ in range(USED_UP_KEPT + 1)]
    for _ in rules:
        assert sandbox.faults.take("cinchy", "getHealth", token_request=False) is not None
    removed = [event for event in read(sandbox, client) if event["type"] == "fault_removed"]
    assert [(event["id"], event["applied"], event["times"]) for event in removed] == [(rules[0].id, 1, 1)]
    assert [rule.id for rule in sandbox.faults.all()] == [rule.id for rule in rules[1:]]


def test_settings_are_reported_only_when_changed_with_what_changed(sandbox: Sandbox, client: httpx.Client) -> None:
    sandbox["cinchy"].configure()
    with pytest.raises(ValueError, match="token_lifetime"):
        sandbox["cinchy"].configure(token_lifetime=-1)
    sandbox["cinchy"].configure(token_lifetime=60)
    (event,) = read(sandbox, client)
    assert (event["type"], event["vendor"], event["changed"]) == ("settings", "cinchy", ["token_lifetime"])
    assert event["settings"] == sandbox["cinchy"].settings.as_json()


def test_the_end_of_tokens_is_reported_for_each_vendor(sandbox: Sandbox, client: httpx.Client) -> None:
    client.post(f"{sandbox.url}/_sandbox/tokens/expire?kind=refresh").raise_for_status()
    sandbox["cinchy"].expire_tokens()
    told = [(event["type"], event["vendor"], event["kind"]) for event in read(sandbox, client)]
    assert told == [
        ("tokens_expired", "cinchy", "refresh"),
        ("tokens_expired", "athena-crm", "refresh"),
        ("tokens_expired", "cinchy", "access"),
    ]


def test_a_reset_is_reported_once_after_it_has_finished(sandbox: Sandbox, client: httpx.Client) -> None:
    log_in(sandbox, client)
    before = sandbox.journal.last_id
    sandbox.clock.advance(60)
    sandbox.reset()
    (event,) = read(sandbox, client, before)
    assert (event["type"], event["vendor"], event["at"]) == ("reset", None, NOON)
    assert event["event_id"] > before
    call(sandbox, client)
    log_in(sandbox, client)
    sandbox.reset("cinchy")
    told = [(event["type"], event["vendor"]) for event in read(sandbox, client, event["event_id"])]
    assert told[-2:] == [("request", "athena-crm"), ("reset", "cinchy")]
    assert ("request", "cinchy") not in told


def test_a_clock_that_was_not_moved_is_not_told_of(sandbox: Sandbox) -> None:
    told: list[tuple[float, float]] = []
    sandbox.clock.on_change(lambda now, by: told.append((now, by)))
    sandbox.clock.reset()
    sandbox.clock.advance(5)
    sandbox.clock.reset()
    assert told == [(NOON + 5, 5), (NOON, -5)]


def test_who_comes_too_late_is_reported_that_something_is_missing(
    sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    for _ in range(5):
        call(sandbox, client)
    first = sandbox.journal.last_id - 4
    assert types(sandbox, client, after=first) == ["missed", "request", "request", "request"]
    assert types(sandbox, client, after=first + 1) == ["request", "request", "request"]


def test_an_event_id_of_an_earlier_sandbox_gets_all_events(sandbox: Sandbox, client: httpx.Client) -> None:
    call(sandbox, client)
    assert types(sandbox, client, after=900) == ["missed", "request"]


def test_events_of_threads_arrive_in_the_order_of_occurrence(sandbox: Sandbox, client: httpx.Client) -> None:
    """A rule is not heard of again once it was removed, although it applies in one thread and goes in another."""
    for _ in range(50):
        rule = sandbox.faults.add(ErrorStatus(503), times=None)
        both = threading.Barrier(2)

        def strike(both: threading.Barrier = both) -> None:
            both.wait()
            for _ in range(5):
                sandbox.faults.take("cinchy", "getHealth", token_request=False)

        striking = threading.Thread(target=strike)
        striking.start()
        both.wait()
        sandbox.faults.remove(rule)
        striking.join()
    last: dict[int, str] = {}
    for event in read(sandbox, client):
        last[event["id"]] = event["type"]
    assert set(last.values()) == {"fault_removed"}


# --- the time line


def test_the_timeline_has_only_the_notable_events(sandbox: Sandbox, client: httpx.Client) -> None:
    log_in(sandbox, client)
    call(sandbox, client)
    sandbox["cinchy"].faults.add(ErrorStatus(503))
    call(sandbox, client)
    sandbox.clock.advance(60)
    timeline = client.get(f"{sandbox.url}/_sandbox/timeline").json()
    assert [(event["type"], event.get("fault")) for event in timeline] == [
        ("request", None), ("fault", None), ("request", "status"), ("clock", None),
    ]  # fmt: skip
    assert (timeline[0]["token_request"], timeline[-1]["by"], timeline[-1]["now"]) == ("password", 60, NOON + 60)
    known = {event["event_id"]: event for event in read(sandbox, client)}
    assert [known[event["event_id"]] for event in timeline] == timeline
    after = timeline[1]["event_id"]
    assert client.get(f"{sandbox.url}/_sandbox/timeline?after={after}").json() == timeline[2:]
    crm = client.get(f"{sandbox.url}/_sandbox/timeline?vendor=athena-crm").json()
    assert [event["type"] for event in crm] == ["request", "clock"]


def test_the_time_line_outlives_any_number_of_ordinary_requests(
    sandbox: Sandbox, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT", 3)
    sandbox.clock.advance(60)
    for _ in range(5):
        call(sandbox, client)
    assert [event["type"] for event in client.get(f"{sandbox.url}/_sandbox/timeline").json()] == ["clock"]
