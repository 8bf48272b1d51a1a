"""The first call of a reference runs as it is printed: with the credentials that this call needs."""

from __future__ import annotations

import contextlib
import io
import re

import pytest

from support.http_server import Server
from support.packages import generate

SPEC = """
security: [{first: []}]
paths:
  /hooks:
    post:
      operationId: addHook
      tags: [t]
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {'204': {description: Nothing.}}
  /things:
    get:
      operationId: listThings
      tags: [t]
      security: SECURITY
      responses: {'200': {description: All., content: {application/json: {schema: {type: object}}}}}
components:
  securitySchemes:
    first: {type: apiKey, in: header, name: X-First}
    second: {type: apiKey, in: header, name: X-Second}
    third: {type: http, scheme: bearer}
"""


@pytest.mark.parametrize(
    ("security", "sent"),
    [
        ("[{second: []}, {first: []}]", {"x-second": "SECOND_API_KEY"}),
        ("[{}, {second: [], third: []}]", {"x-second": "SECOND_API_KEY", "authorization": "Bearer TOKEN"}),
        ("[]", {}),
    ],
)
def test_the_first_call_has_the_credentials_that_it_needs(
    security: str, sent: dict[str, str], server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = generate(SPEC.replace("SECURITY", security))
    blocks = re.findall(r"```python\n(.*?)```", (package.folder / "reference.md").read_text("utf-8"), re.DOTALL)
    explicit = [block for block in blocks if "credentials=" in block]
    monkeypatch.setenv("SHOP_BASE_URL", server.url)
    for name in ("FIRST_API_KEY", "SECOND_API_KEY", "TOKEN"):
        monkeypatch.setenv(f"SHOP_{name}", name)
    for block in explicit:
        with contextlib.redirect_stdout(io.StringIO()):
            exec(block, {})
    headers = [
        {name: one.headers.get(name) for name in ("x-second", "x-first", "authorization")} for one in server.requests
    ]
    assert headers == ([{"x-second": None, "x-first": None, "authorization": None, **sent}] if sent else [])
