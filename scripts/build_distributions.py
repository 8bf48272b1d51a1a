"""Build a wheel and a source distribution of every package under ``packages/``. The generator is not distributed.

What the wheels need from other projects is downloaded into ``third-party/`` next to them. Both folders together are
enough for ``pip install --no-index``: the names of our packages are looked up in no index, where anybody could
register them.
"""

import os
import shutil
import subprocess
import sys
import zipfile
from email import message_from_bytes
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from setup_environment import ROOT

THIRD_PARTY = "third-party"

REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "1577836800", "PYTHONHASHSEED": "0"}
"""Makes builds of the same tree byte-identical: zip entries have this date (2020-01-01)."""


def requirements(wheels: list[Path]) -> list[str]:
    """What the wheels and all their extras require of other projects."""
    ours: set[str] = set()
    found: set[str] = set()
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
            metadata = message_from_bytes(archive.read(name))
        ours.add(canonicalize_name(metadata["Name"]))
        for line in metadata.get_all("Requires-Dist", []):
            requirement = Requirement(line)
            extras = ["", *metadata.get_all("Provides-Extra", [])]
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": one}) for one in extras):
                requirement.marker = None
                found.add(str(requirement))
    return sorted(one for one in found if canonicalize_name(Requirement(one).name) not in ours)


def download(destination: Path) -> int:
    """Download what the wheels need, as wheels for this Python; returns pip's exit code."""
    print("downloading what they need", flush=True)
    constraints = ROOT / "requirements" / "constraints.txt"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--only-binary", ":all:", "--constraint"]
    command += [str(constraints), "--dest", str(destination / THIRD_PARTY)]
    return subprocess.run([*command, *requirements(sorted(destination.glob("*.whl")))], check=False).returncode


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
    if (code := download(destination)) != 0:
        return code
    for path in sorted(path for path in destination.iterdir() if path.is_file()):
        print(f"  {path.stat().st_size / 1024:7.1f} KiB  {path.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["dist"]))
