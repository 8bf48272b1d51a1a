"""Generating the five clients, compared with five runs of the stock generator on the same documents."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

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


def closed_tuple_opened(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without ``items: false``, which the stock generator rejects."""
    return {name: value for name, value in schema.items() if (name, value) != ("items", False)}


def stock(documents: list[Path], root: Path) -> None:
    """One run of the stock generator for each document, with its defaults."""
    for document in documents:
        arguments = ["generate", "--path", str(document), "--output-path", str(root / document.stem), "--overwrite"]
        command = [str(Path(sys.executable).with_name("openapi-python-client")), *arguments]
        subprocess.run(command, check=True, capture_output=True)


def run() -> list[Contest]:
    with copy_of_the_repository() as fresh, copy_of_the_repository() as done, tempfile.TemporaryDirectory() as other:
        sdkgen(done)
        documents = [Path(other) / document.name for document in DOCUMENTS]
        for document, original in zip(documents, DOCUMENTS, strict=True):
            opened = json.loads(original.read_text("utf-8"), object_hook=closed_tuple_opened)
            document.write_text(json.dumps(opened), "utf-8")

        def cold() -> None:
            shutil.rmtree(fresh / "packages")
            (fresh / "packages/vendor-sandbox/src/vendor_sandbox").mkdir(parents=True)
            sdkgen(fresh)

        contestants = {
            f"stock generator, {len(documents)} runs": lambda: stock(documents, Path(other)),
            "sdkgen generate, cold": cold,
            "sdkgen generate, nothing to do": lambda: sdkgen(done),
        }
        return [contest("Generating every client", contestants, rounds=5)]
