"""Install what the tests need from the system: the Debian packages of ``requirements/system.txt`` that are missing.

Prints nothing when all are installed. Runs on the system's Python, so it imports only the standard library. Where it
cannot install packages (no root, no sudo without a password, no apt-get) it prints what is missing and exits with 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "requirements" / "system.txt"
QUIET_APT = {"DEBIAN_FRONTEND": "noninteractive"}


def listed(path: Path) -> list[str]:
    """The packages in a list file: one per line, ``#`` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def is_there(package: str) -> bool:
    """Whether a program of the package's name can be run (on any system), or dpkg lists the package as installed."""
    if shutil.which(package):
        return True
    if not shutil.which("dpkg-query"):
        return False
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}", package]
    response = subprocess.run(query, capture_output=True, text=True, check=False)
    return response.returncode == 0 and response.stdout == "installed"


def becoming_root() -> list[str] | None:
    """The prefix that runs a command as root; ``None`` where that requires a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and not subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode:
        return ["sudo", "-n", "--preserve-env=" + ",".join(QUIET_APT)]
    return None


def install(packages: list[str], prefix: list[str]) -> bool:
    """Install packages with apt-get and return whether it succeeded. Its output is printed when it fails."""
    environment = {**os.environ, **QUIET_APT}
    for step in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        command = [*prefix, "apt-get", "--quiet", *step]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print((done.stdout + done.stderr).strip(), file=sys.stderr)
            return False
    return True


def main(arguments: list[str]) -> int | str:
    missing = [package for package in listed(Path(arguments[0]) if arguments else LIST) if not is_there(package)]
    if not missing:
        return 0
    names = " ".join(missing)
    if not shutil.which("apt-get"):
        return f"Missing for the tests: {names} (names of Debian packages). Install them with this system's own tools."
    prefix = becoming_root()
    if prefix is None:
        return f"Missing for the tests, and only root can install them. Run: sudo apt-get install {names}"
    print(f"Installing for the tests: {names}", flush=True)
    if not install(missing, prefix) or not all(map(is_there, missing)):
        return f"apt-get could not install {names}, which the tests need. See its output above."
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
