"""The fixtures that the package brings: a server for each test, with a client wired to it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from auth_core import LoginRefused

from cinchy_client import PasswordCredentials
from clients.vendors import SUBJECTS
from vendor_sandbox import WrongSetting, bundled_vendors
from vendor_sandbox.faults import ErrorStatus
from vendor_sandbox.testing import vendor_sandbox

if TYPE_CHECKING:
    from vendor_sandbox.testing import VendorSandbox


def test_it_is_there_where_the_package_is_installed() -> None:
    assert [point.value for point in entry_points(group="pytest11", name="vendor_sandbox")] == [
        "vendor_sandbox.pytest_plugin"
    ]


@pytest.mark.parametrize("vendor", bundled_vendors())
def test_every_vendor_has_a_fixture_with_a_client_that_calls(vendor: str, request: pytest.FixtureRequest) -> None:
    sandbox: VendorSandbox = request.getfixturevalue(f"{vendor.replace('-', '_')}_sandbox")
    SUBJECTS[vendor].call(sandbox.client())
    assert sandbox.vendor.token_requests.total() > 0
    assert [recorded.status for recorded in sandbox.requests] == [200] * len(sandbox.requests)
    assert all(url.startswith(f"{sandbox.url}/") for url in sandbox.servers.values())
    assert set(sandbox.environment.values()) >= set(sandbox.servers.values())


async def test_the_awaited_client_is_wired_too(cinchy_sandbox: VendorSandbox) -> None:
    async with cinchy_sandbox.async_client() as cinchy:
        await cinchy.queries.run("HR", "Employees")
    assert cinchy_sandbox.vendor.token_requests == {"password": 1}


def test_a_client_logs_in_by_the_requested_grant(cinchy_sandbox: VendorSandbox) -> None:
    cinchy_sandbox.client("personal_access_token").queries.run("HR", "Employees")
    assert cinchy_sandbox.vendor.token_requests == {}
    with pytest.raises(ValueError, match="no grant 'device_code'; it has password, saml2"):
        cinchy_sandbox.client("device_code")


def test_faults_strike_and_are_seen_in_the_requests(cinchy_sandbox: VendorSandbox) -> None:
    rule = cinchy_sandbox.faults.add(ErrorStatus(503), operation="getHealth", every=2, times=None)
    cinchy = cinchy_sandbox.client(max_retries=0)
    cinchy.health.get()
    with pytest.raises(Exception, match="503"):
        cinchy.health.get()
    assert rule.hits == 1
    assert [(one.status, one.fault) for one in cinchy_sandbox.requests] == [(200, None), (503, "status")]


def test_server_and_client_share_the_clock(cinchy_sandbox: VendorSandbox) -> None:
    cinchy = cinchy_sandbox.client()
    cinchy.queries.run("HR", "Employees")
    cinchy_sandbox.clock.advance(3601)
    cinchy.queries.run("HR", "Employees")
    assert cinchy_sandbox.vendor.token_requests == {"password": 2}
    assert cinchy_sandbox.vendor.refused == 0, "the client knew that the token had ended"


def test_a_login_refused_in_one_test_is_retried_later() -> None:
    """Though its server may have got the same port, and nothing else tells the two from each other."""
    with vendor_sandbox("cinchy") as first:
        port = int(first.url.rpartition(":")[2])
    for _ in range(2):
        with vendor_sandbox("cinchy", port=port) as cinchy_sandbox:
            wrong = {**cinchy_sandbox.credentials["password"], "password": "wrong"}
            client = cinchy_sandbox.client(credentials=PasswordCredentials(**wrong))
            for _ in range(2):
                with pytest.raises(LoginRefused):
                    client.queries.run("HR", "Employees")
            assert cinchy_sandbox.vendor.token_requests == {"password": 1}


def test_settings_can_be_changed(amino_sandbox: VendorSandbox) -> None:
    amino_sandbox.configure(token_lifetime=60)
    assert amino_sandbox.settings.token_lifetime == 60
    with pytest.raises(WrongSetting):
        amino_sandbox.configure(token_lifetime=0)


def test_a_client_that_is_not_installed_is_reported(
    cinchy_sandbox: VendorSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "cinchy_client", None)
    with pytest.raises(ImportError, match=r"install cinchy-client, or use \.url, \.servers and \.credentials"):
        cinchy_sandbox.client()


def test_its_import_costs_nothing() -> None:
    """It is loaded in every test run of everybody who has the package."""
    program = (
        "import sys, pytest, pathlib; before = set(sys.modules); import vendor_sandbox.pytest_plugin; "
        "print(*sorted(set(sys.modules) - before - set(sys.stdlib_module_names)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["vendor_sandbox", "vendor_sandbox.pytest_plugin"]


TESTS_OF_A_USER = """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_each_finds_what_it_made_and_nothing_else(athena_crm_sandbox, number):
    athena = athena_crm_sandbox.client()
    before = athena.blacklist.list().body.count
    athena.blacklist.create(name="Person", reference_id="C-1", list_name="RESTRICTED")
    assert (before, athena.blacklist.list().body.count) == (1, 2)
    assert len(athena_crm_sandbox.requests) == 4

def test_what_was_changed_in_one(cinchy_sandbox):
    cinchy_sandbox.configure(token_lifetime=60, clock_skew=10)
    cinchy_sandbox.clock.advance(1000)

def test_is_not_seen_in_the_next(cinchy_sandbox):
    import time
    assert cinchy_sandbox.settings.token_lifetime == 3600
    assert abs(cinchy_sandbox.clock.time() - time.time()) < 500
"""


@pytest.mark.parametrize("workers", ["0", "2"])
def test_tests_do_not_disturb_each_other(workers: str, tmp_path: Path) -> None:
    (tmp_path / "test_somebody.py").write_text(TESTS_OF_A_USER)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:schemathesis",
        "-n",
        workers,
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
    ]
    command += ["-p", "xdist.plugin", "-p", "vendor_sandbox.pytest_plugin"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # the other plugins of this environment take long to load
    finished = subprocess.run(
        [*command, str(tmp_path)], capture_output=True, text=True, check=False, cwd=tmp_path, env=environment
    )
    assert finished.returncode == 0, finished.stdout
    assert "10 passed" in finished.stdout
