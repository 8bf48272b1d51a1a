"""What the tests need from the system is installed where that may be, and named in plain words where it may not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.programs import program
from support.repository import ROOT

SCRIPT = ROOT / "scripts/install_system_packages.py"


class System:
    """A system of a few programs: shell scripts in a folder that is the whole PATH."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs = folder / "bin"
        self.programs.mkdir()
        self.list = folder / "system.txt"
        self.list.write_text("# the tests need\nsome-server  # of some kind\n\nother-tool\n")

    def has(self, name: str, script: str = "exit 0") -> None:
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_apt(self) -> Path:
        """An apt-get that writes down how it was called and makes the programs it is told to install."""
        calls = self.folder / "calls"
        make = f'printf "#!/bin/sh\\n" > {self.programs}/$package; /bin/chmod 755 {self.programs}/$package'
        loop = f"for package; do case $package in *-server|*-tool) {make};; esac; done"
        self.has("apt-get", f'echo "$@" >> {calls}\n{loop}')
        return calls

    def install(self, *, user: int = 0) -> subprocess.CompletedProcess[str]:
        program = (
            f"import os, runpy, sys; os.geteuid = lambda: {user}; sys.argv[1:] = [{str(self.list)!r}]; "
            f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
        )
        environment = {"PATH": str(self.programs)}
        command = [sys.executable, "-c", program]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


def test_nothing_is_reported_and_done_where_all_is_there(system: System) -> None:
    calls = system.has_apt()
    system.has("some-server")
    system.has("dpkg-query", "printf installed")
    finished = system.install()

    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")
    assert not calls.exists()


def test_only_what_is_missing_is_installed(system: System) -> None:
    calls = system.has_apt()
    system.has("some-server")
    finished = system.install()

    assert finished.returncode == 0, finished.stderr
    assert calls.read_text().splitlines()[-1].endswith("install --yes --no-install-recommends other-tool")


def test_an_ordinary_user_installs_with_passwordless_sudo(system: System) -> None:
    calls = system.has_apt()
    system.has("sudo", '[ "$2" = true ] || { shift 2; exec "$@"; }')
    finished = system.install(user=1000)

    assert finished.returncode == 0, finished.stderr
    assert len(calls.read_text().splitlines()) == 2


def test_an_ordinary_user_without_sudo_is_reported_what_to_run(system: System) -> None:
    calls = system.has_apt()
    system.has("sudo", "echo a password is required >&2; exit 1")
    finished = system.install(user=1000)

    assert finished.returncode == 1
    assert finished.stderr.strip().endswith("Run: sudo apt-get install some-server other-tool")
    assert not calls.exists()


def test_apt_get_that_fails_is_quoted(system: System) -> None:
    system.has("apt-get", "echo no network >&2; exit 100")
    finished = system.install()

    assert finished.returncode == 1
    assert "no network" in finished.stderr
    assert "some-server other-tool" in finished.stderr


def test_another_system_is_reported_what_is_missing(system: System) -> None:
    finished = system.install()

    assert finished.returncode == 1
    assert "Missing for the tests: some-server other-tool" in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(("ci", "outcome"), [("", "skipped"), ("true", "failed")])
def test_a_missing_program_skips_tests_and_fails_in_ci(monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str) -> None:
    monkeypatch.setenv("CI", ci)
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception), match="no-such-program is not") as raised:
        program("no-such-program")

    assert isinstance(raised.value, {"skipped": pytest.skip.Exception, "failed": pytest.fail.Exception}[outcome])


def test_every_listed_package_is_one_of_debian() -> None:
    """The list is read by the script: a typing error in it would be found in CI only."""
    names = [line.partition("#")[0].strip() for line in (ROOT / "requirements/system.txt").read_text().splitlines()]
    assert "redis-server" in names
    assert all(name.replace("-", "").replace(".", "").isalnum() for name in names if name)
