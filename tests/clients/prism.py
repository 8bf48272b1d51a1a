"""Prism between a client and the sandbox: an independent judge of requests and responses by the vendor's document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from support.http_library import httpx
from support.mounted import as_mounted, origin_of
from support.repository import ROOT
from vendor_sandbox import Vendor

PRISM = [sys.executable, str(ROOT / "scripts" / "prism.py")]
CANNOT_RUN = 3
START_SECONDS = 60.0
STARTED = "Prism is listening on "


class Prism:
    """One running judge. It forwards everything and says in a header of the response what it has
    against either side.
    """

    def __init__(self, vendor: Vendor, origin: str) -> None:
        self.origin = origin
        self._vendor = vendor

    @property
    def servers(self) -> dict[str, str]:
        """Arguments of the vendor's client that make it call the judge."""
        return {name: f"{self.origin}{urlsplit(url).path}" for name, url in self._vendor.servers.items()}


def violations(response: httpx.Response) -> list[str]:
    """What Prism found in an exchange: ``request.body.name: must be string``."""
    found = json.loads(response.headers.get("sl-violations", "[]"))
    return [f"{'.'.join(map(str, one['location']))}: {one['message']}" for one in found]


@contextmanager
def judged_by_prism(vendor: Vendor, folder: Path) -> Generator[Prism]:
    """The judge of a running vendor. Where it cannot run the test is skipped, with the reason; in CI it fails."""
    _must_run()
    judged = folder / f"{vendor.name}.json"
    judged.write_text(json.dumps(_with_tuples_of_draft_7(as_mounted(vendor))))
    # The shell ends the judge when this process is gone, whatever ended it: its standard input is closed then.
    script = '"$0" "$@" </dev/null & cat; kill -9 $!'
    command = ["sh", "-c", script, *PRISM, "proxy", str(judged), origin_of(vendor), "--port", "0"]
    log = folder / f"{vendor.name}.log"
    with log.open("w") as output:
        guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT)
    try:
        yield Prism(vendor, _origin(log))
    finally:
        guard.communicate()


@cache
def _must_run() -> None:
    tried = subprocess.run([*PRISM, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode == CANNOT_RUN:
        reason = f"Prism cannot run: {tried.stderr.strip()}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    assert tried.returncode == 0, tried.stderr


def _origin(log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines(keepends=True):
            if STARTED in line and line.endswith("\n"):
                return line.partition(STARTED)[2].strip()
        time.sleep(0.05)
    raise RuntimeError(f"Prism did not start: {log.read_text()[-2000:]}")


def _with_tuples_of_draft_7(node: Any) -> Any:
    """The one keyword of JSON Schema 2020-12 in our documents that Prism does not know, as it was called before."""
    if isinstance(node, list):
        return [_with_tuples_of_draft_7(item) for item in node]
    if not isinstance(node, dict):
        return node
    read = {name: _with_tuples_of_draft_7(value) for name, value in node.items()}
    if "prefixItems" in read:
        read |= {"items": read.pop("prefixItems"), "additionalItems": read["items"]}
    return read
