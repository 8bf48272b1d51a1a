"""Variables of a server: their defaults, arguments and environment variables make the URL that a request goes to."""

from __future__ import annotations

import copy
import pickle

import pytest

from support.http_server import Reply, Server
from support.packages import Package, generate

HEAD = """
openapi: 3.0.3
info: {title: Test, version: "1"}
x-client: {class: Shop, environment: SHOP}
servers:
  - url: "{scheme}://127.0.0.1:{port}/{basePath}"
    variables:
      scheme: {default: http, enum: [http, https], description: How to call.}
      port: {default: "9"}
      basePath: {default: v2}
"""
SPEC = """
paths:
  /a: {get: {operationId: getA, tags: [t], responses: {'204': {description: Nothing.}}}}
  /b:
    get:
      operationId: getB
      tags: [t]
      servers:
        - url: "http://127.0.0.1:{port}/{httpx}/{http}"
          variables: {port: {default: "9"}, httpx: {default: x}, http: {default: h}}
      responses: {'204': {description: Nothing.}}
"""


@pytest.fixture(scope="module")
def package() -> Package:
    made = generate(SPEC, head=HEAD)
    assert made.problems == ()
    return made


def paths(package: Package, server: Server, **arguments: str) -> list[str]:
    server.response = Reply(204, b"")
    with package.Shop(**arguments) as client:
        client.t.get_a()
        client.t.get_b()
    return [request.target for request in server.requests]


def test_defaults_arguments_and_environment_make_the_url(
    package: Package, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PORT", str(server.port))
    monkeypatch.setenv("SHOP_HTTP", "httpx")  # the client's own variable
    assert paths(package, server) == ["/v2/a", "/x/h/b"]
    monkeypatch.setenv("SHOP_PORT", "9")
    monkeypatch.setenv("SHOP_BASE_PATH", "of-environment")
    assert paths(package, server, port=str(server.port))[2:] == ["/of-environment/a", "/x/h/b"]
    assert paths(package, server, port=str(server.port), base_path="a b", httpx_of_server_127="y")[4:] == [
        "/a%20b/a",
        "/y/h/b",
    ]


def test_a_url_that_is_given_needs_no_variable(package: Package, server: Server) -> None:
    assert paths(package, server, base_url=server.url, port=str(server.port)) == ["/a", "/x/h/b"]
    with pytest.raises(
        package.ConfigurationError, match=r"^`scheme` has no effect, since `base_url` .* give one of them"
    ):
        package.Shop(base_url=server.url, scheme="http")


def test_a_value_that_the_enum_does_not_have_is_refused(package: Package, monkeypatch: pytest.MonkeyPatch) -> None:
    message = r"^`scheme` \(or SHOP_SCHEME\) must be one of `http`, `https`$"
    with pytest.raises(package.ConfigurationError, match=message):
        package.Shop(scheme="ftp")
    monkeypatch.setenv("SHOP_SCHEME", "s3cret")
    with pytest.raises(package.ConfigurationError, match=message):
        package.Shop()
    with pytest.raises(package.ConfigurationError, match=r"`port` .* must be a str, not int"):
        package.Shop(port=8443, scheme="http")


def test_variables_are_documented_copied_and_typed(package: Package) -> None:
    client = package.Shop(port="10")
    assert "http://127.0.0.1:10/v2" in repr(pickle.loads(pickle.dumps(client))) == repr(copy.copy(client))
    assert "scheme: How to call. One of ``http``, ``https``. Environment: ``SHOP_SCHEME``. Default: ``http``." in (
        package.Shop.__doc__ or ""
    )
    reference = (package.folder / "reference.md").read_text("utf-8")
    assert "| `scheme` | `SHOP_SCHEME` | `http` | How to call; one of `http`, `https` |" in reference
