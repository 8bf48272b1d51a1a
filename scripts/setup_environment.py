"""Create the virtual environment: the tools of requirements/dev.txt and every package of this repository, editable.

Runs on the system's Python, so it imports only the standard library. Prints what is missing when it fails. A second run
with the same inputs does nothing.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 11)


def package_folders() -> list[Path]:
    """Every folder with the ``pyproject.toml`` of a distribution: the generator and ``packages/*``."""
    return [ROOT / "generator", *sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml"))]


def inputs_digest(requirements: list[Path]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for path in [*requirements, *(folder / "pyproject.toml" for folder in package_folders())]:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def main(arguments: list[str]) -> int | str:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(map(str, sys.version_info[:3]))
        return f"Python 3.11 or newer is required, and {sys.executable} is {found}. Try: make PYTHON=python3.12 ..."
    environment = (ROOT / arguments[0]).resolve()
    requirements = [ROOT / "requirements" / name for name in ("constraints.txt", "dev.txt")]
    stamp = environment / ".inputs"
    digest = inputs_digest(requirements)
    if stamp.is_file() and stamp.read_text() == digest:
        return 0

    if stamp.is_file():
        print(f"Updating {environment.name}: packages or requirements have changed", flush=True)
    else:
        print(f"Setting up {environment.name} (once; a minute or two)", flush=True)
    if not (environment / "bin" / "python").exists():
        try:
            subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        except subprocess.CalledProcessError:
            return "Python could not create a virtual environment. On Debian and Ubuntu: apt-get install python3-venv"
    pip: list[str | Path] = [
        environment / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--constraint",
        requirements[0],
    ]
    editable: list[str | Path] = [part for folder in package_folders() for part in ("--editable", folder)]
    steps: list[list[str | Path]] = [["--requirement", requirements[1]], ["--no-build-isolation", *editable]]
    for step in steps:
        if subprocess.run([*pip, *step]).returncode:
            return "pip could not install the requirements. See its output above, then run the same command again."
    stamp.write_text(digest)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [".venv"]))
