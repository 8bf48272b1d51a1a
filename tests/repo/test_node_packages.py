"""What the repository installs with npm is installed once, and wholly or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

WANTED = "axe-core"
NPM = """
import pathlib, sys
log, prefix = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[sys.argv.index("--prefix") + 1])
with log.open("a") as file:
    file.write("installed\\n")
(prefix / "node_modules" / "axe-core").mkdir(parents=True)
sys.exit(int(sys.argv[2]))
"""


class Repository:
    """A copy of the script with a folder of its own, and an npm that writes down how often it ran."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "npm.log"
        self.log.touch()
        (folder / "npm.py").write_text(NPM)

    def start(self, npm_ends_with: int = 0) -> subprocess.Popen[str]:
        program = f"""
import sys
sys.path.insert(0, {str(ROOT / "scripts")!r})
import pathlib, node_packages
npm = [sys.executable, {str(self.folder / "npm.py")!r}, {str(self.log)!r}, {str(npm_ends_with)!r}]
node_packages.TOOLS = pathlib.Path({str(self.folder / "tools")!r})
node_packages.node_and_npm = lambda: (["node"], npm)
print("ready", flush=True)
sys.stdin.readline()
sys.exit(node_packages.main([{WANTED!r}]))
"""
        pipe = subprocess.PIPE
        return subprocess.Popen([sys.executable, "-c", program], stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    @property
    def runs_of_npm(self) -> int:
        return len(self.log.read_text().splitlines())

    @property
    def packages(self) -> list[Path]:
        return [path for path in (self.folder / "tools").iterdir() if path.is_dir()]


@pytest.fixture
def repo(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_processes_requesting_a_package_simultaneously_install_it_once(repo: Repository) -> None:
    processes = [repo.start() for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    responses = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0] * 4, responses
    assert {Path(printed.strip()).is_dir() for printed, _ in responses} == {True}
    assert repo.runs_of_npm == 1
    assert len(repo.packages) == 1


def test_a_package_that_could_not_be_installed_leaves_nothing_behind(repo: Repository) -> None:
    printed, complaint = repo.start(npm_ends_with=1).communicate("\n")
    assert printed == "ready\n"
    assert "npm could not install axe-core@" in complaint
    assert repo.packages == []
