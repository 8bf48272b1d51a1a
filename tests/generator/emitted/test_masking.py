"""What looks like a secret, in text, JSON and headers, and what the request showed to be let in."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from time import process_time
from urllib.parse import quote

import httpx
import pytest

from sdkgen.emitted._runtime.masking import SEARCHED_SECRETS, Masking, masked

URL = "https://a.example"
PASSWORD = 'p/ä "&%41+s3cret\U0001f600'
PLAIN = Masking(httpx.Request("GET", URL))


@pytest.mark.parametrize(
    "text",
    [
        'password: "a s3cret"',
        "client_secret=s3cret&x=1",
        '{"refreshToken": "s3cret"}',
        '{"PASSWORD" : "s3cret", "tokens": 5}',
        '{"apiKey": ["s3cret"]}',
        "token: s3cret",
        "Authorization: Bearer s3cret",
        "Basic s3cret==",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJyciJ9.s3cret",
        "\N{LATIN CAPITAL LETTER I WITH DOT ABOVE}\u00c4: password=s3cret",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    shown = PLAIN.text(text)
    assert "s3cret" not in shown
    assert "****" in shown


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "Ada", "count": 5}',
        "Custom bearer token is not valid",
        "Basic authentication is required",
        'Bearer realm="api", error="invalid_token", error_description="The token: expired"',
        "Invalid token: expired",
        '{"password": ["This field is required."]}',
        '{"password": "must have at least 8 characters", "token": null, "api_key": true}',
        "Password: at least 8 characters",
        '{"token_type": "bearer", "max_tokens": 4096, "error": "invalid_token"}',
        "Secret: The Game, now with api_key: none",
    ],
)
def test_an_ordinary_text_stays(text: str) -> None:
    assert PLAIN.text(text) == text


def test_what_is_not_secret_stays_in_json_and_headers() -> None:
    assert PLAIN.json({"a": [1, None, {"b": "c"}]}) == {"a": [1, None, {"b": "c"}]}
    assert PLAIN.headers(httpx.Headers({"A": "b"})) == httpx.Headers({"A": "b"})


SPELLINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "percent": lambda text: quote(text, safe=""),
    "all of it in percent": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": lambda text: quote(text, safe=" ").replace(" ", "+"),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "all of it in \\u": lambda text: "".join(
        f"\\u{unit:04X}" for unit in memoryview(text.encode("utf-16-le")).cast("H").tolist()
    ),
    "HTML": html.escape,
    "all of it as HTML": lambda text: "".join(f"&#x{ord(character):x};" for character in text),
    "HTML of JSON": lambda text: html.escape(json.dumps(text)[1:-1]),
    "JSON of percent": lambda text: json.dumps(quote(text, safe=""))[1:-1].replace("%", "\\u0025"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("sent", ["JSON", "form"])
def test_a_password_of_the_request_is_masked_in_every_encoding(spelling: str, sent: str) -> None:
    members = {"user": "ada", "password": PASSWORD}
    form = sent == "form"
    request = httpx.Request("POST", URL, data=members if form else None, json=None if form else members)
    shown = masked(f"no user ada with {SPELLINGS[spelling](PASSWORD)} here", request)
    assert shown == "no user ada with **** here"
    assert Masking(request).json([{SPELLINGS[spelling](PASSWORD): 1}]) == [{"****": 1}]


def test_credentials_in_headers_are_masked_with_what_they_encode() -> None:
    request = httpx.Request("GET", URL, headers={"Cookie": "a=first-one; b=second-one"})
    assert masked("first-one second-one", request) == "**** ****"
    request = httpx.Request("GET", URL, headers={"Authorization": "Basic YWRhOmNvcnJlY3QtaG9yc2U="})
    assert masked("no user ada with correct-horse", request) == "no user ada with ****"
    headers = Masking(request).headers(httpx.Headers({"Set-Cookie": "sid=1", "Location": "/?to=correct-horse&token=x"}))
    assert dict(headers) == {"set-cookie": "****", "location": "/?to=****&token=****"}


def test_a_short_secret_is_masked_as_a_word() -> None:
    request = httpx.Request("POST", URL, data={"password": "test"})
    assert masked("the latest test, test_1 and (test)", request) == "the latest ****, ****_1 and (****)"


@pytest.mark.parametrize("spelling", ["plain", "all of it in percent"])
def test_no_part_of_a_secret_is_left_by_the_cut(spelling: str) -> None:
    secret = "0123456789-" * 3
    masking = Masking(httpx.Request("GET", URL, headers={"X-Api-Key": secret}))
    for blanks in range(3900, 5000, 7):
        shown = masking.beginning("x" + " " * blanks + SPELLINGS[spelling](secret) * 20, 500)
        assert set(shown) <= set("x *")


def test_a_request_with_very_many_secrets_has_no_text_of_its_response_shown() -> None:
    many = "&".join(f"password={number:06}-{number}" for number in range(SEARCHED_SECRETS + 1))
    assert masked("seen 000005-5", httpx.Request("POST", URL, content=many.encode())) == "****"


@pytest.mark.parametrize(
    "unit", ["a", "token", "pass_", "token ", "token=a,", "eyJ", "Bearer ", '"', "\\", "%41", "&amp;", 'token="']
)
def test_work_grows_with_the_text_and_not_with_its_square(unit: str) -> None:
    """The same amount of text, in one piece and in sixteen, takes about as long."""

    def work(length: int, times: int) -> float:
        text = (unit * length)[:length]
        started = process_time()
        for _ in range(times):
            request = httpx.Request("POST", URL, headers={"X-Api-Key": "0123456789"}, content=text.encode())
            Masking(request).text(text)
        return process_time() - started

    pieces, whole = (min(work(length, times) for _ in range(3)) for length, times in ((4_000, 16), (64_000, 1)))
    assert whole < 6 * pieces
