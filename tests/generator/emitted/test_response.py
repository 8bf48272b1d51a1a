"""What came back becomes a value or an error, and no error shows a secret."""

from __future__ import annotations

import pickle
from typing import Any

import httpx
import pytest
from auth_core.contract import SHOWN_TOKENS, ResponseCondition, ResponseDetails, ValueCondition

from sdkgen.emitted import errors
from sdkgen.emitted._runtime.request import Operation
from sdkgen.emitted._runtime.response import ReceivedResponse


class Token:
    def reveal(self) -> str:
        return "t0k3n-t0k3n"


def responded(
    status: int = 200, body: bytes | str = b"", details: ResponseDetails | None = None, **operation: Any
) -> ReceivedResponse:
    request = httpx.Request(
        "POST",
        "https://a.example/things?api_key=qqqq-query",
        headers={"Authorization": "Bearer hhhh-header", "X-Api-Key": "kkkk-key"},
        content=b'{"password": "pppp-body"}',
        extensions={SHOWN_TOKENS: (Token(),)},
    )
    headers = {"Content-Type": "application/json; charset=utf-8", "X-Seen": "hhhh-header"}
    response = httpx.Response(status, headers=headers, content=body, request=request)
    return ReceivedResponse(
        Operation("sendThing", "POST", "/things", **operation),
        response,
        details or ResponseDetails(),
        server="`base_url` (or SHOP_BASE_URL), now https://a.example",
    )


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (302, errors.RedirectError),
        (400, errors.BadRequestError),
        (401, errors.AuthenticationError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (418, errors.ApiError),
        (422, errors.UnprocessableEntityError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_each_failure_has_its_class(status: int, kind: type[errors.ApiError]) -> None:
    with pytest.raises(errors.ApiError) as caught:
        responded(status).raise_for_failure(with_token=True)
    assert type(caught.value) is kind
    assert str(caught.value) == f"{status} from sendThing (POST /things)"
    assert caught.value.url == "https://a.example/things?api_key=****"


def test_a_failure_can_stand_in_the_body_of_a_success() -> None:
    details = ResponseDetails(
        failed=(ResponseCondition(body={"/code": ValueCondition(none_of=("OK",))}),),
        code=("$response.body#/code",),
        message=("$response.body#/text",),
    )
    responded(200, '{"code": "OK"}', details).raise_for_failure(with_token=True)
    with pytest.raises(errors.ApiError, match=r"^200 from sendThing .*: E7: too late$") as caught:
        responded(200, '{"code": "E7", "text": "too late"}', details).raise_for_failure(with_token=True)
    assert (caught.value.code, caught.value.message) == ("E7", "too late")


@pytest.mark.parametrize(
    ("security", "with_token", "lacks"),
    [
        ((("oauth",),), False, True),
        (((), ("oauth",)), False, True),
        ((("oauth",),), True, False),
        ((), False, False),
        (((),), False, False),
    ],
)
def test_a_refused_request_without_a_token_says_so(security: Any, with_token: bool, lacks: bool) -> None:
    with pytest.raises(errors.AuthenticationError) as caught:
        responded(401, security=security).raise_for_failure(with_token=with_token)
    assert caught.value.lacks_credentials is lacks


def test_a_documented_body_is_a_model_and_every_body_is_a_plain_value() -> None:
    read = {"404": lambda value: ("not found", value["id"]), "4XX": lambda value: ("other", value)}
    assert responded(404, '{"id": 7}', errors=read).failure().error == ("not found", 7)
    assert responded(409, "[]", errors=read).failure().error == ("other", [])
    for status, body, plain in (
        (404, "{}", {}),
        (500, '{"a": 1}', {"a": 1}),
        (500, "<p>\n</p>", "<p>\n</p>"),
        (500, "[a\nb", "[a\nb"),
        (500, "", None),
        (500, b"\0", "[1 bytes]"),
    ):
        error = responded(status, body, errors=read).failure()
        assert (error.error, error.body) == (None, plain)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"field": ["should be non-empty"]}', "field: should be non-empty"),
        ('{"code": "E7", "errors": [{"field": "a", "message": "b"}]}', "E7: a: b"),
        ('{"code": "E7", "text": "late", "errors": {"a": ["b"]}}', "E7: late: a: b"),
        ("<html>\n<title>Bad Gateway</title>", "<html> <title>Bad Gateway</title>"),
        ("x" * 999, "x" * 300),
        ('{"seen": ["hhhh-header"]}', "seen: ****"),
    ],
)
def test_the_text_of_a_failure_has_the_reason_on_one_line(body: str, said: str) -> None:
    details = ResponseDetails(code=("$response.body#/code",), message=("$response.body#/text",))
    assert str(responded(400, body, details).failure()) == f"400 from sendThing (POST /things): {said}"


def id_of(value: Any) -> object:
    return value["id"]


IDS: dict[str, Any] = {"errors": {"404": id_of}}


@pytest.mark.parametrize(
    ("status", "body", "content_type", "operation", "declared", "is_noted"),
    [
        (404, "<html>", "text/html", {}, False, True),
        (405, "<html>", "text/html", {}, False, True),
        (404, '{"other": 1}', "application/json", {}, True, True),
        (404, '{"code": "E7"}', "application/json", {}, True, False),
        (404, '{"other": 1}', "application/json", {}, False, False),
        (404, '{"other": 1}', "application/json", IDS, False, True),
        (404, '{"id": 1}', "application/json", IDS, False, False),
        (200, "<html>", "text/html", {}, True, True),
        (200, "[", "application/json", {}, True, False),
    ],
)
def test_a_response_of_another_server_is_noted(
    status: int, body: str, content_type: str, operation: dict[str, Any], declared: bool, is_noted: bool
) -> None:
    details = ResponseDetails(code=("$response.body#/code",)) if declared else None
    received = responded(status, body, details, **operation)
    received.response.headers["Content-Type"] = content_type

    def read() -> object:
        received.raise_for_failure(with_token=False)
        return received.read(ReceivedResponse.json)

    with pytest.raises(errors.ClientError) as caught:
        read()
    noted = [note for note in getattr(caught.value, "__notes__", ()) if "the path of `base_url`" in note]
    assert len(noted) == is_noted
    assert "qqqq" not in "".join(noted)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "got an empty body"),
        (b"<html>", r"got a body that is not JSON \(Content-Type: application/json"),
        (b"[" * 99_999, "got JSON that is nested too deeply"),
        (
            b'{"a": [1, 2',
            r"got a body that ends in the middle of a JSON value, after 11 bytes \(Content-Type: application",
        ),
        (b'{"a": "s3cr', "got a body that ends in the middle of a JSON value, after 11 bytes"),
        (b'{"a": 1}}', r"got a body that is not JSON from character 8 on \(Extra data\)"),
        (b'"\xff"', "got a body that is not JSON "),
    ],
)
def test_invalid_json_is_a_decode_error_with_its_position(body: bytes, reason: str) -> None:
    with pytest.raises(
        errors.DecodeError, match=rf"^sendThing \(POST /things\), \$: expected JSON, {reason}"
    ) as caught:
        responded(200, body).read(lambda response: response.json())
    assert (caught.value.status_code, caught.value.operation_id) == (200, "sendThing")


def test_an_undocumented_success_is_an_error() -> None:
    assert isinstance(responded(204).undocumented(), errors.UnexpectedResponseError)
    assert responded(200, "5").any_json() == 5
    assert responded(204).any_json() is None


SECRETS = ("t0k3n-t0k3n", "hhhh-header", "kkkk-key", "qqqq-query", "pppp-body")


@pytest.mark.parametrize("secret", SECRETS)
def test_an_error_shows_no_credential_of_its_request(secret: str) -> None:
    error = responded(500, f'{{"seen": "{secret}", "list": ["{secret}"]}}').failure()
    shown = f"{error} {vars(error)} {dict(error.headers)} {error.to_dict()}"
    assert secret not in shown
    assert "****" in error.excerpt


def test_binary_bodies_show_their_size_and_long_ones_their_beginning() -> None:
    assert responded(500, b"\0\1\2").failure().excerpt == "[3 bytes]"
    assert responded(500, "x" * 9000).failure().excerpt == "x" * 500


@pytest.mark.parametrize("charset", ["hex", "undefined", "idna", "no-such", "rot13"])
def test_an_unknown_charset_is_read_as_utf_8(charset: str) -> None:
    response = responded(500, "snow \N{SNOWMAN}".encode())
    response.response.headers["Content-Type"] = f"text/plain; charset={charset}"
    assert response.text() == "snow \N{SNOWMAN}"
    assert response.failure().excerpt == "snow \N{SNOWMAN}"


@pytest.mark.parametrize(("levels", "kept"), [(100, True), (101, False), (600, False), (100_000, False)])
def test_an_error_contains_its_body_up_to_a_depth(levels: int, kept: bool) -> None:
    error = responded(400, b"[" * levels + b"]" * levels).failure()
    assert isinstance(error.body, list) is kept
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def test_a_header_of_other_characters_stays_in_the_error() -> None:
    received = responded(400)
    received.response.headers = httpx.Headers([(b"X-A", b"\xc3\xbf"), (b"X-B", b"\xe2\x82\xac")])
    assert dict(received.failure().headers) == {"x-a": "\u00ff", "x-b": "\N{EURO SIGN}"}


def test_a_body_nested_too_deeply_is_an_explicit_error() -> None:
    def parse(response: ReceivedResponse) -> object:
        return parse(response)

    with pytest.raises(errors.DecodeError, match=r"sendThing .*, \$: is nested too deeply"):
        responded().read(parse)
