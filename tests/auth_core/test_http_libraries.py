"""The adapter is the one place that knows an HTTP library: it holds with the oldest httpx allowed, and with httpx2.

httpx2 continues httpx under another name. The two may be used side by side, and httpx2 may be imported as ``httpx``.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from auth_core import ForeignOrigin
from auth_core.httpx_auth import auth_class, http_classes, http_errors, library_of, with_bases
from auth_core.lifecycle import Placement
from auth_core_testing import BEARER, oauth_lifecycle

from support.repository import ROOT
from support.world import TLS

OF_THE_ADAPTER = ("httpx_auth", "replay", "origins", "late_401_keeps_the_newer_token", "no_secret_leaks")
ALIAS = 'import sys\n\nimport httpx2\n\nsys.modules["httpx"] = httpx2\n'


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("requirement", "plugin", "version"),
    [("httpx==0.27.0", None, "0.27.0"), ("httpx==0.28.1", None, "0.28.1"), ("httpx2==2.16.2", ALIAS, "2.16.2")],
)
def test_the_adapter_holds(requirement: str, plugin: str | None, version: str, tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(tmp_path), requirement]
    subprocess.run(pip, check=True, capture_output=True)
    (tmp_path / "http_library.py").write_text(plugin or "")
    (tmp_path / "http_library_version.py").write_text(f"import httpx\n\nassert httpx.__version__ == {version!r}\n")
    tests = [f"tests/auth_core/test_{name}.py" for name in OF_THE_ADAPTER]
    plugins = ["-p", "http_library", "-p", "http_library_version", "-p", "no:cacheprovider"]
    finished = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "-q", "-n0", *tests],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.returncode == 0, finished.stdout[-3000:] + finished.stderr[-1000:]
    assert " passed" in finished.stdout


@pytest.mark.parametrize(
    "placement",
    [BEARER, Placement("header", "X-Token"), *(Placement(kind, "token") for kind in ("query", "cookie", "body"))],
)
async def test_a_program_uses_both_at_once(make_world, placement):
    """The tokens of an httpx2 client are requested, placed, renewed and masked as those of an httpx client are."""
    httpx2 = pytest.importorskip("httpx2")
    world = make_world(sockets=True, lifecycle=oauth_lifecycle(placements=(placement,)))
    assert world.send("POST", "/things", json={}).status_code == 200
    world.new_client = lambda: httpx2.Client(verify=TLS)
    sources = world.new_authenticator().sources_for(((world.lifecycle.scheme,),), "writeThing")
    auth = auth_class(library_of(httpx2.Client))(sources, operation_id="writeThing", json_response=True)
    url = f"{world.url}/things"
    with world.new_client() as client:
        client.post(url, json={}, auth=auth)
        world.issuer.expire_access_tokens()
        response = client.post(url, json={}, auth=auth)
        foreign = client.build_request("GET", "http://other.example")
        with pytest.raises(ForeignOrigin):
            client.send(foreign, auth=auth)
    world.issuer.expire_access_tokens()
    async with httpx2.AsyncClient(verify=TLS) as async_client:
        awaited = await async_client.post(url, json={}, auth=auth)

    for seen in (response, *response.history, awaited, *awaited.history):
        shown = f"{seen.request.url} {seen.request.headers.raw} {seen.request.content!r}"
        assert not any(token.access_token in shown for token in world.provider.issued)
    assert (response.status_code, awaited.status_code, type(response.request)) == (200, 200, httpx2.Request)
    assert len(world.provider.api_requests) == 6


def test_a_library_is_that_of_the_class_and_none_is_loaded_for_a_question(monkeypatch):
    httpx2 = pytest.importorskip("httpx2")

    class Own(httpx2.Client): ...

    own = with_bases(Own, httpx2.URL)
    assert [library_of(one) for one in (httpx.URL("/"), httpx2.URL("/"), Own, own)] == [httpx, httpx2, httpx2, httpx2]
    assert http_classes("Client", "URL") == (httpx.Client, httpx.URL, httpx2.Client, httpx2.URL)
    with pytest.raises(TypeError, match=r"builtins\.str is a class of neither httpx nor httpx2"):
        library_of("a")
    monkeypatch.delitem(sys.modules, "httpx2")
    assert http_errors("ReadError") == (httpx.ReadError,)
    assert "httpx2" not in sys.modules
