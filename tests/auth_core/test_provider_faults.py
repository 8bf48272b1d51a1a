"""Every fault of the scripted provider does what it says, over a transport and over a real socket alike."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import httpx
import pytest
from auth_core_testing import (
    FAULTS,
    DateOffset,
    ExpiresInAbsent,
    ExpiresInAsText,
    ExpiresInWrong,
    FakeClock,
    HalfABody,
    Hang,
    HtmlPage,
    IdentityProvider,
    LockOut,
    MalformedJson,
    ProviderResponse,
    RefusedAs,
    ResetConnection,
    SameTokenAgain,
    SlowDrip,
    TokenIssuer,
    TooManyRequests,
)

PAGE = Path(__file__).parents[2] / "docs" / "testing.md"


class Caller:
    """Asks a provider for tokens."""

    def __init__(self, provider: IdentityProvider, client: httpx.Client, url: str) -> None:
        self.provider = provider
        self.client = client
        self.url = url

    def login(self, username: str = "alice", password: str = "correct horse") -> httpx.Response:
        return self.token(grant_type="password", username=username, password=password)

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self.token(grant_type="refresh_token", refresh_token=refresh_token)

    def token(self, **form: str) -> httpx.Response:
        return self.client.post(f"{self.url}/token", data=form)

    def wrong(self, username: str = "alice") -> int:
        return self.login(username, "wrong").status_code


@pytest.fixture(params=[False, True], ids=["transport", "socket"])
def caller(request: pytest.FixtureRequest) -> Iterator[Callable[..., Caller]]:
    with ExitStack() as stack:

        def make(**options) -> Caller:
            provider = IdentityProvider(
                issuer=TokenIssuer(clock=FakeClock()), users={"alice": "correct horse", "bob": "staple"}, **options
            )
            if request.param:
                return Caller(provider, stack.enter_context(httpx.Client()), stack.enter_context(provider.serve()))
            client = stack.enter_context(httpx.Client(transport=provider.transport()))
            return Caller(provider, client, "https://provider.example")

        yield make


# --- in place of a response ------------------------------------------------------------------------------------------


def test_a_page_of_html(caller):
    asked = caller()
    asked.provider.respond_next(HtmlPage(503))
    response = asked.login()

    assert (response.status_code, response.headers["content-type"]) == (503, "text/html")
    assert asked.provider.issued == []
    assert asked.login().status_code == 200


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [
        (7, "7"),
        ("soon", "soon"),
        (None, None),
        (datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), "Wed, 02 Jan 2030 03:04:05 GMT"),
    ],
)
def test_too_many_requests(caller, retry_after, header):
    asked = caller()
    asked.provider.respond_next(TooManyRequests(retry_after))
    response = asked.login()

    assert (response.status_code, response.headers.get("retry-after")) == (429, header)


def test_faults_are_played_once_each_in_order_or_always(caller):
    asked = caller(faults=[ExpiresInAsText()])
    asked.provider.respond_next(ProviderResponse(status=503), lambda request: ProviderResponse(status=504))
    assert [asked.login().status_code for _ in range(3)] == [503, 504, 200]
    assert asked.login().json()["expires_in"] == "3600"

    asked.provider.respond_always()
    assert asked.login().json()["expires_in"] == 3600


# --- credentials ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_that_gets_500(caller):
    asked = caller(faults=[RefusedAs(500, {"Message": "no such account"})])

    assert (asked.login(password="wrong").status_code, asked.login().status_code) == (500, 200)
    assert asked.refresh("unknown").json() == {"Message": "no such account"}


def test_an_account_is_locked_after_consecutive_refusals(caller):
    asked = caller(faults=[LockOut(after=3)])
    assert [asked.wrong(), asked.wrong(), asked.login().status_code] == [400, 400, 200]
    assert [asked.wrong(), asked.wrong()] == [400, 400]
    assert asked.provider.locked() == set()
    assert asked.wrong() == 400

    assert asked.provider.locked() == {"alice"}
    assert asked.login().status_code == 400
    assert asked.login("bob", "staple").status_code == 200
    asked.provider.unlock()
    assert asked.login().status_code == 200


def test_a_locked_account_responds_as_configured(caller):
    locked = ProviderResponse.json({"error": "account_locked"}, 423)
    asked = caller(faults=[LockOut(after=1, response=locked)])

    assert (asked.wrong(), asked.login().status_code) == (400, 423)


# --- tokens and their life ------------------------------------------------------------------------------------------


def test_an_access_token_is_reissued_until_shortly_before_its_end(caller):
    asked = caller(faults=[SameTokenAgain(until_seconds_before_end=600)])
    clock = asked.provider.issuer.clock
    first = asked.login().json()
    clock.advance(2999)
    second = asked.refresh(first["refresh_token"]).json()
    assert (second["access_token"], second["expires_in"]) == (first["access_token"], 601)
    assert second["refresh_token"] != first["refresh_token"]

    clock.advance(1)
    third = asked.login().json()
    assert third["access_token"] != first["access_token"]
    assert third["expires_in"] == 3600


def test_a_revoked_token_is_not_handed_out_again(caller):
    asked = caller(faults=[SameTokenAgain()])
    first = asked.login().json()
    asked.provider.issuer.expire_access_tokens()

    assert asked.login().json()["access_token"] != first["access_token"]


@pytest.mark.parametrize(
    ("fault", "stated"),
    [
        (ExpiresInAbsent(), None),
        (ExpiresInAsText(), "3600"),
        (ExpiresInWrong(-1), -1),
        (ExpiresInWrong(10**9), 10**9),
        (ExpiresInWrong("soon"), "soon"),
        (ExpiresInWrong(True), True),
    ],
)
def test_what_is_stated_as_the_lifetime(caller, fault, stated):
    asked = caller()
    asked.provider.respond_next(fault)
    response = asked.login()

    assert response.json().get("expires_in") == stated
    assert ("expires_in" in response.json()) == (stated is not None)


@pytest.mark.parametrize("offset", [0, -420, 7200])
def test_the_date_header_has_a_clock_of_its_own(caller, offset):
    asked = caller(faults=[DateOffset(offset)] if offset else [])
    response = asked.login()

    assert len(response.headers.get_list("date")) == 1
    date = parsedate_to_datetime(response.headers["date"]).timestamp()
    assert date - asked.provider.issuer.clock.wall() == offset


# --- on the way -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("processed", [False, True])
def test_a_reset_before_and_after_the_request_took_effect(caller, processed):
    asked = caller()
    refresh_token = asked.login().json()["refresh_token"]
    asked.provider.respond_next(ResetConnection(processed=processed))
    with pytest.raises(httpx.ReadError):
        asked.refresh(refresh_token)

    assert len(asked.provider.issued) == 1 + processed
    assert asked.refresh(refresh_token).status_code == (400 if processed else 200)
    assert asked.provider.issuer.reuse_events == processed


def test_a_client_with_a_timeout_leaves_a_hanging_provider(caller):
    asked = caller()
    asked.provider.respond_next(Hang(seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        asked.client.post(f"{asked.url}/token", timeout=0.05)


def test_a_hanging_provider_breaks_the_connection_in_the_end(caller):
    asked = caller()
    asked.provider.respond_next(Hang(seconds=0.05, processed=True))
    with pytest.raises(httpx.ReadError):
        asked.login()

    assert len(asked.provider.issued) == 1


def test_a_hanging_provider_can_be_released(caller):
    asked = caller()
    asked.provider.respond_next(Hang(seconds=60))
    threading.Thread(
        target=lambda: asked.provider.token_arrived.acquire(timeout=30) and asked.provider.release(), daemon=True
    ).start()
    with pytest.raises(httpx.ReadError):
        asked.login()


def test_half_a_body(caller):
    asked = caller()
    asked.provider.respond_next(HalfABody())
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        asked.login()

    assert len(asked.provider.issued) == 1
    assert asked.login().status_code == 200


def test_a_slow_drip_arrives_whole_and_byte_by_byte(caller):
    asked = caller()
    asked.provider.respond_next(SlowDrip(pause_seconds=0.0001))
    with asked.client.stream("POST", f"{asked.url}/token", data={"grant_type": "client_credentials"}) as response:
        pieces = list(response.iter_raw())

    assert len(pieces) > 10
    assert len(b"".join(pieces)) == int(response.headers["content-length"])


def test_malformed_json_is_a_complete_message(caller):
    asked = caller()
    asked.provider.respond_next(MalformedJson())
    response = asked.login()

    assert response.status_code == 200
    with pytest.raises(ValueError):
        response.json()


@pytest.mark.parametrize("fault", [HalfABody(), SlowDrip(0.0001), Hang(0.01), ResetConnection(), MalformedJson()])
async def test_tasks_see_the_same(fault):
    provider = IdentityProvider()
    provider.respond_next(fault)
    outcomes = []
    with provider.serve() as url:
        for client in (httpx.AsyncClient(), httpx.AsyncClient(transport=provider.transport())):
            async with client:
                try:
                    response = await client.post(f"{url}/token", data={"grant_type": "client_credentials"})
                    outcomes.append(len(response.content) == int(response.headers["content-length"]))
                except httpx.HTTPError as error:
                    outcomes.append(type(error))
            provider.respond_next(fault)

    assert outcomes[0] == outcomes[1]


def test_the_api_plays_faults_on_the_way_too(caller):
    asked = caller()
    bearer = {"Authorization": f"Bearer {asked.login().json()['access_token']}"}
    asked.provider.respond_next_api(HalfABody(), HtmlPage(502))
    with pytest.raises(httpx.RemoteProtocolError):
        asked.client.get(f"{asked.url}/things", headers=bearer)

    statuses = [asked.client.get(f"{asked.url}/things", headers=bearer).status_code for _ in range(2)]
    assert statuses == [502, 200]


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_documented_table_of_faults_lists_all_with_their_docstrings():
    rows = dict(re.findall(r"^\| `(\w+)(?:\([^|]*\))?` \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
    documented = {fault.__name__: " ".join(fault.__doc__.split("\n\n")[0].split()).rstrip(".") for fault in FAULTS}

    assert {name: rows.get(name, "").replace("`", "") for name in documented} == {
        name: text.replace("`", "") for name, text in documented.items()
    }
