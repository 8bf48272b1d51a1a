"""Distributions and the sixth vendor's package, built once per test run, and environments that install them."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.repository import ROOT


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what ``make dist`` builds."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, str(ROOT / "scripts/build_distributions.py"), str(folder)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return folder


@pytest.fixture(scope="session")
def install(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """``install("auth_core", "cinchy_client")``: create an environment with them and return its Python."""
    made: dict[tuple[str, ...], Path] = {}

    def install_wheels(*packages: str) -> Path:
        if packages not in made:
            folder = tmp_path_factory.mktemp("environment")
            venv.create(folder, with_pip=False)  # making pip takes longer than all the rest
            python = folder / "bin" / "python"
            wheels = [str(next(distributions.glob(f"{package}-*.whl"), package)) for package in packages]
            command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python)]
            command += ["install", "--quiet", *wheels]
            installed = subprocess.run(command, capture_output=True, text=True, check=False)
            assert installed.returncode == 0, installed.stderr
            made[packages] = python
        return made[packages]

    return install_wheels


@pytest.fixture(scope="session")
def harbour_package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package that ``sdkgen generate`` makes of the sixth vendor's folder, imported."""
    root = tmp_path_factory.mktemp("repository")
    (root / "specs/harbour").mkdir(parents=True)
    shutil.copytree(ROOT / "specs/schemas", root / "specs/schemas")
    shutil.copy(Path(__file__).parent / "sixth_vendor/openapi.yaml", root / "specs/harbour")
    command = [sys.executable, "-m", "sdkgen", "generate", "--root", str(root)]
    generated = subprocess.run(command, capture_output=True, text=True, check=False)
    assert generated.returncode == 0, generated.stdout + generated.stderr
    source = str(root / "packages/harbour-client/src")
    sys.path.insert(0, source)
    yield importlib.import_module("harbour_client")
    sys.path.remove(source)
