"""Generating the five clients, over five runs of the stock generator on the same documents."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from bench.measure import Contest, contest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted((ROOT / "packages/vendor-sandbox/src/vendor_sandbox/specs").glob("*.json"))


@contextmanager
def copy_of_the_repository() -> Generator[Path]:
    """A tree with the specs and nothing generated, to generate into."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        shutil.copytree(ROOT / "specs", root / "specs")
        (root / "packages/vendor-sandbox/src/vendor_sandbox").mkdir(parents=True)
        yield root


def sdkgen(root: Path) -> None:
    """One run of our generator over the whole tree."""
    subprocess.run([sys.executable, "-m", "sdkgen", "generate"], cwd=root, check=True, capture_output=True)


def stock(root: Path) -> None:
    """One run of the stock generator for each document, with its defaults."""
    for document in DOCUMENTS:
        arguments = ["generate", "--path", str(document), "--output-path", str(root / document.stem), "--overwrite"]
        command = [str(Path(sys.executable).with_name("openapi-python-client")), *arguments]
        subprocess.run(command, check=True, capture_output=True)


def run() -> list[Contest]:
    with copy_of_the_repository() as fresh, copy_of_the_repository() as done, tempfile.TemporaryDirectory() as other:
        sdkgen(done)

        def cold() -> None:
            shutil.rmtree(fresh / "packages")
            (fresh / "packages/vendor-sandbox/src/vendor_sandbox").mkdir(parents=True)
            sdkgen(fresh)

        contestants = {
            f"stock generator, {len(DOCUMENTS)} runs": lambda: stock(Path(other)),
            "sdkgen generate, cold": cold,
            "sdkgen generate, nothing to do": lambda: sdkgen(done),
        }
        return [contest("Generating every client", contestants, rounds=5)]
