"""Lint the bundled specs with a public linter, Redocly CLI, and the rules of ``redocly.yaml``."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

from node_packages import CannotInstall, command_of
from setup_environment import ROOT

CANNOT_RUN = 3
OFFLINE = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "CI": "true"}
"""Disables telemetry and the check for a newer version."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("documents", nargs="*", type=Path, metavar="DOCUMENT", help="default: those of the sandbox")
    parser.add_argument("--config", type=Path, default=ROOT / "redocly.yaml", help="default: redocly.yaml")
    parser.add_argument("--format", default="codeframe", help="of the report: codeframe, stylish, json, …")
    arguments = parser.parse_args()
    documents = arguments.documents or sorted(ROOT.glob("packages/vendor-sandbox/src/vendor_sandbox/specs/*.json"))
    try:
        linter = command_of("@redocly/cli", "bin/cli.js")
    except CannotInstall as error:
        print(error, file=sys.stderr)
        return CANNOT_RUN
    options = ["--config", str(arguments.config), "--format", arguments.format, "--max-problems", "10000"]
    command = [*linter, "lint", *options, *map(str, documents)]
    return 1 if subprocess.run(command, env=os.environ | OFFLINE, check=False).returncode else 0


if __name__ == "__main__":
    sys.exit(main())
