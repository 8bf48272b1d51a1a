"""Run every test, including the slow ones, on every installed Python from 3.11 up; those of the clients on httpx2 too.

Each version has its own environment under ``.venvs/``. Versions that are not installed are listed in the output.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from setup_environment import ROOT

VERSIONS = ("3.11", "3.12", "3.13", "3.14")
MORE_EXAMPLES = {"TIMES_AS_MANY_EXAMPLES": "4"}
"""See ``tests/support/examples.py``."""
HTTPX2 = {"CLIENTS_HTTP": "httpx2"}
"""See ``tests/support/http_library.py``."""
ON_HTTPX2 = ("-m", "not slow", "tests/clients")


def interpreter(version: str) -> Path | None:
    """The interpreter of one minor version: on the PATH, else from pyenv."""
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(pyenv.glob(f"{version}.*/bin/python"), reverse=True)
    for candidate in candidates:  # pyenv's shims of inactive versions are on the PATH too, and fail
        response = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        if response.returncode == 0 and response.stdout.startswith(f"Python {version}."):
            return candidate
    return None


def main() -> int:
    results: dict[str, str] = {}
    for version in VERSIONS:
        python = interpreter(version)
        if python is None:
            results[version] = "not on this machine"
            continue
        environment = ROOT / ".venvs" / version
        setup = subprocess.run([python, ROOT / "scripts" / "setup_environment.py", environment], check=False)
        if setup.returncode:
            results[version] = "could not be set up"
            continue
        print(f"Python {version}", flush=True)
        command = [str(environment / "bin" / "python"), "-m", "pytest", "-n", "3", "--dist", "loadgroup"]
        tested = subprocess.run(command, env=os.environ | MORE_EXAMPLES, cwd=ROOT, check=False)
        print(f"Python {version}, clients on httpx2", flush=True)
        clients = subprocess.run([*command, *ON_HTTPX2], env=os.environ | HTTPX2, cwd=ROOT, check=False)
        results[version] = "passed" if tested.returncode == clients.returncode == 0 else "FAILED"
    for version, result in results.items():
        print(f"  {version}  {result}")
    tested_any = "passed" in results.values()
    return 0 if tested_any and set(results.values()) <= {"passed", "not on this machine"} else 1


if __name__ == "__main__":
    sys.exit(main())
