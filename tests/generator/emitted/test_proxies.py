"""The proxies of the environment: read for the client's servers, and named when they cannot be used."""

from __future__ import annotations

import socket
import traceback

import httpx
import pytest
from auth_core.contract import TokenHttpRequest, TokenSendError

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.connection import tls
from sdkgen.emitted._runtime.proxies import is_excepted, proxy_for, require_direct
from sdkgen.emitted._runtime.request import Operation, RequestParts
from sdkgen.emitted._runtime.send import AsyncSender, Sender
from sdkgen.emitted.errors import ConfigurationError, InsecureServer, TransportError

VARIABLES = [f"{name}_proxy" for name in ("http", "https", "all", "no")]
OPERATION = Operation("read", "GET", "/things")


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*VARIABLES, *map(str.upper, VARIABLES), "SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE"]:
        monkeypatch.delenv(name, raising=False)


EXCEPTIONS = """
https://api.example    *                            yes
https://api.example    api.example                  yes
https://api.example    .example                     yes
https://api.example    *.example                    yes
https://api.example    example                      yes
https://api.example    'api.example'                yes
https://api.example    API.Example:443              yes
https://api.example    https://api.example          yes
https://api.example    all://api.example            yes
https://api.example    http://api.example           no
https://api.example    api.example:8443             no
https://api.example    pi.example                   no
https://api.example    other.example                no
https://10.1.2.3       10.0.0.0/8                   yes
https://10.1.2.3       10.1.2.3                     yes
https://10.1.2.3       11.0.0.0/8                   no
https://[fd07::1]      fd07:b51a:cc66:f0::/16       yes
https://[fd07::1]      [fd07::1]                    yes
https://[fd07::1]      [fd07::1]:443                yes
https://[fd07::1]      fd07::1                      yes
https://[fd07::1]      [fd07::]/16                  yes
https://[fd07::1]      [fd07::1]:80                 no
https://[fd07::1]      fe80::/10                    no
https://10.1.2.3       fd07::/16                    no
https://api.example    fd07:b51a:cc66:f0::/64       no
https://api.example    [::1                         no
https://api.example    ::::                         no
https://api.example    999.1.1.1/99                 no
https://api.example    api.example:99999999999999   no
https://api.example    localhost                    no
"""


def test_each_exception_is_read_as_it_is_written_in_practice() -> None:
    wrong = []
    for line in EXCEPTIONS.strip().splitlines():
        url, entry, expected = line.split()
        if is_excepted(httpx.URL(url), entry) != (expected == "yes"):
            wrong.append(line)
    assert wrong == []
    assert not is_excepted(httpx.URL("https://api.example"), "")


@pytest.mark.parametrize(
    ("url", "settings", "environ", "named"),
    [
        ("https://api.example", {"https": "p:1", "http": "q:1"}, {"HTTPS_PROXY": "p:1"}, "HTTPS_PROXY"),
        ("http://api.example", {"all": "p:1"}, {"all_proxy": "p:1", "ALL_PROXY": "q:1"}, "all_proxy"),
        ("https://api.example", {"https": "p:1"}, {}, "the system's settings"),
        ("https://api.example", {"http": "p:1"}, {"HTTP_PROXY": "p:1"}, None),
        ("https://api.example", {"https": "p:1", "no": "::1, example"}, {"HTTPS_PROXY": "p:1"}, None),
        ("http://127.0.0.1:8080", {"http": "p:1"}, {"HTTP_PROXY": "p:1"}, None),
        ("http://[::1]", {"all": "p:1"}, {"ALL_PROXY": "p:1"}, None),
        ("http://localhost", {"http": "p:1"}, {"HTTP_PROXY": "p:1"}, None),
    ],
)
def test_the_proxy_of_a_server_has_the_name_of_its_variable(
    url: str, settings: dict[str, str], environ: dict[str, str], named: str | None
) -> None:
    found = proxy_for(httpx.URL(url), settings, environ)
    assert (found and found.named) == named
    assert found is None or found.url == "http://p:1"


async def failure(kind: type[Sender] | type[AsyncSender], **options: object) -> Exception:
    made = connection("http://api.invalid", allow_http=True, **options)
    sender = kind(made, None)
    try:
        found = sender.exchange(OPERATION, RequestParts("/things"), {})
        if not isinstance(sender, Sender):
            await found
    except (ConfigurationError, TransportError) as error:
        return error
    finally:
        await sender.close() if isinstance(sender, AsyncSender) else sender.close()
    raise AssertionError


@pytest.mark.parametrize("kind", [Sender, AsyncSender])
@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("HTTP_PROXY", "'http://user:s3cret@p.example'", "begins or ends with white space or a quotation mark"),
        ("ALL_PROXY", "http://user:s3cr#t@p.example:1", "is not the URL of a proxy"),
        ("HTTP_PROXY", "ftp://user:s3cret@p.example", "is not the URL of a proxy"),
        ("ALL_PROXY", "socks5://user:s3cret@p.example", 'pip install "httpx[socks]"'),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_named_and_not_shown(
    kind: type[Sender] | type[AsyncSender], name: str, value: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    error = await failure(kind)
    assert isinstance(error, ConfigurationError)
    assert str(error).startswith(f"nothing was sent to http://api.invalid: {name}, which names the proxy for it, ")
    assert told in str(error)
    assert "s3cr" not in "".join(traceback.format_exception(error))


@pytest.mark.parametrize("kind", [Sender, AsyncSender])
@pytest.mark.parametrize("given", [True, False])
async def test_a_dead_proxy_is_named(
    kind: type[Sender] | type[AsyncSender], *, given: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        dead = f"http://127.0.0.1:{gone.getsockname()[1]}"
    monkeypatch.setenv("HTTP_PROXY", dead)
    error = await failure(kind, **({"proxy": dead} if given else {}))
    named = "`proxy`" if given else "HTTP_PROXY"
    assert isinstance(error, TransportError)
    assert f"no response from http://api.invalid through the proxy that {named} names: ConnectError" in str(error)
    assert not error.request_sent

    made = connection("http://api.invalid", allow_http=True, **({"proxy": dead} if given else {}))
    request = TokenHttpRequest(operation_id="t", method="POST", url="http://api.invalid/token", shown_url="here")
    with pytest.raises(TokenSendError, match=f"through the proxy that {named} names") as caught:
        made.token_sender(request)
    made.close()
    assert caught.value.request_sent is False


def test_a_socks_proxy_without_its_package_is_refused_at_construction() -> None:
    from sdkgen.emitted._runtime.arguments import check_http_clients
    from sdkgen.emitted._runtime.options import Options

    with pytest.raises(ConfigurationError, match=r"`proxy` is a SOCKS proxy, .* pip install"):
        check_http_clients("Shop", httpx.Client, None, None, Options(base_urls={}, proxy="socks5://p.example:1"))


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSLKEYLOGFILE"])
def test_a_certificate_file_that_cannot_be_used_is_named_where_it_is_needed(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sdkgen.emitted._runtime.connection._TLS_CONTEXTS", {})
    monkeypatch.setenv(name, "/nowhere/s3cret.pem")
    with pytest.raises(ConfigurationError, match=f"what {name} names cannot be used: No such file") as caught:
        tls(True)
    assert "s3cret" not in str(caught.value)
    connection("http://127.0.0.1:1").new_client().close()


HERE = ("http://127.0.0.1:8080/a", "http://[::1]:8080/a", "https://localhost/", "http://a.localhost:1")
ELSEWHERE = ("http://10.0.0.1/", "https://api.example/", "http://localhost.example/", "http://127.0.0.1.example/")


def test_clear_text_to_this_machine_goes_through_no_proxy() -> None:
    require_direct(HERE, lambda url: None)
    require_direct((*ELSEWHERE, "https://localhost/"), lambda url: "proxy.example")
    for url in ("http://127.0.0.1/", "http://[::1]:1/", "http://localhost/"):
        with pytest.raises(InsecureServer, match=r"would go to the proxy proxy\.example, which"):
            require_direct([url], lambda url: "proxy.example")
