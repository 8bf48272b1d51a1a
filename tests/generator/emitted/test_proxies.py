"""The way to servers on this machine."""

from __future__ import annotations

import httpx
import pytest
from auth_core.contract import proxy_for

from sdkgen.emitted._runtime.proxies import direct_mounts, require_direct
from sdkgen.emitted.errors import InsecureServer

HERE = ("http://127.0.0.1:8080/a", "http://[::1]:8080/a", "https://localhost/", "http://a.localhost:1")
ELSEWHERE = ("http://10.0.0.1/", "https://api.example/", "http://localhost.example/", "http://127.0.0.1.example/")


def test_an_environment_of_proxies_is_for_other_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://u:s3cret@proxy.example:3128")
    with httpx.Client(mounts=direct_mounts([*HERE, *ELSEWHERE])) as client:
        assert [proxy_for(client, url) for url in HERE] == [None] * 4
        assert [proxy_for(client, url) for url in ELSEWHERE] == ["proxy.example:3128"] * 4


def test_clear_text_to_this_machine_goes_through_no_proxy() -> None:
    require_direct(HERE, lambda url: None)
    require_direct((*ELSEWHERE, "https://localhost/"), lambda url: "proxy.example")
    for url in ("http://127.0.0.1/", "http://[::1]:1/", "http://localhost/"):
        with pytest.raises(InsecureServer, match=r"would go to the proxy proxy\.example, which"):
            require_direct([url], lambda url: "proxy.example")
