"""Build a wheel and a source distribution of every package under ``packages/``. The generator is not distributed."""

import os
import shutil
import subprocess
import sys

from setup_environment import ROOT

REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}
"""Makes builds of the same tree byte-identical: zip entries have this date (2020-01-01)."""


def main(arguments: list[str]) -> int:
    destination = (ROOT / arguments[0]).resolve()
    shutil.rmtree(destination, ignore_errors=True)
    for folder in sorted(path.parent for path in ROOT.glob("packages/*/pyproject.toml")):
        print(f"building {folder.name}", flush=True)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(destination), str(folder)]
        built = subprocess.run(command, env=os.environ | REPRODUCIBLE, capture_output=True, text=True, check=False)
        if built.returncode:
            print(built.stdout + built.stderr, file=sys.stderr)
            return built.returncode
    for path in sorted(destination.iterdir()):
        print(f"  {path.stat().st_size / 1024:7.1f} KiB  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["dist"]))
