"""What every built distribution says of itself: whose it is, under which terms, what it is, for whom."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import openapi_python_client
import pytest

from support.repository import CLIENTS, ROOT

pytestmark = pytest.mark.xdist_group("distributions")  # built once, by one worker

OURS = sorted(path.parent.name for path in ROOT.glob("packages/*/pyproject.toml"))
WITH_NOTICE = {"sdkgen", *(client.folder.name for client in CLIENTS)}
LICENCE = (ROOT / "LICENSE").read_text()
NOTICES = "THIRD-PARTY-NOTICES.txt"
STOCK = Path(openapi_python_client.__file__).parent / "templates"
UPSTREAM = next(
    Path(openapi_python_client.__file__).parents[1].glob("openapi_python_client-*.dist-info/licenses/LICENSE")
)
SURVIVES = 3
"""So many telling lines of upstream's templates in one file are no coincidence."""


@pytest.fixture(scope="session")
def wheels(distributions: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, zipfile.ZipFile]:
    """The wheel of every package, the generator's too, by the name of the distribution."""
    folder = tmp_path_factory.mktemp("generator")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT / "generator"]
    subprocess.run(command, capture_output=True, check=True)
    found = [*distributions.glob("*.whl"), *folder.glob("*.whl")]
    return {path.name.partition("-")[0].replace("_", "-"): zipfile.ZipFile(path) for path in found}


def in_dist_info(wheel: zipfile.ZipFile, name: str) -> str:
    """A file of the wheel's own metadata."""
    (path,) = (each for each in wheel.namelist() if each.endswith(f".dist-info/{name}"))
    return wheel.read(path).decode()


def metadata(wheel: zipfile.ZipFile) -> Message:
    return Parser().parsestr(in_dist_info(wheel, "METADATA"))


@pytest.mark.parametrize("name", [*OURS, "sdkgen"])
def test_a_wheel_is_under_the_licence_of_the_repository(wheels: dict[str, zipfile.ZipFile], name: str) -> None:
    assert in_dist_info(wheels[name], "licenses/LICENSE") == LICENCE
    assert metadata(wheels[name])["License-Expression"] == "MIT"


@pytest.mark.parametrize("name", OURS)
def test_a_source_distribution_holds_what_its_wheel_needs(distributions: Path, name: str) -> None:
    (path,) = distributions.glob(f"{name.replace('-', '_')}-*.tar.gz")
    with tarfile.open(path) as archive:
        top = path.name.removesuffix(".tar.gz")
        reference = ["reference.md"] if name.endswith("-client") else []
        for member in ("LICENSE", "README.md", "hatch_build.py", "pyproject.toml", *reference):
            packed = archive.extractfile(f"{top}/{member}")
            assert packed is not None
            assert packed.read() == (ROOT / "packages" / name / member).read_bytes()


@pytest.mark.parametrize("name", [*OURS, "sdkgen"])
def test_a_wheel_says_what_it_is_and_for_whom(wheels: dict[str, zipfile.ZipFile], name: str) -> None:
    found = metadata(wheels[name])
    classifiers = found.get_all("Classifier", [])
    assert {"Intended Audience :: Developers", "Typing :: Typed"} <= set(classifiers)
    assert any(one.startswith("Topic :: ") for one in classifiers)
    assert not any(one.startswith("License :: ") for one in classifiers)  # the expression says it, and once
    assert len(found["Keywords"].split(",")) >= 3
    assert re.fullmatch(r"[A-Z].{20,150}\.", found["Summary"])
    assert found["Author"] == "The sdkgen authors"


@pytest.mark.parametrize("name", [*OURS, "sdkgen"])
def test_the_description_of_a_wheel_begins_with_the_product(wheels: dict[str, zipfile.ZipFile], name: str) -> None:
    """What people read first is its name and what it is for; where it comes from stands at the end."""
    first, second = [line for line in str(metadata(wheels[name]).get_payload()).splitlines() if line][:2]
    assert first == f"# {name}"
    assert re.match(r"[A-Z]\w+", second)


def telling(text: str) -> set[str]:
    """The lines of a text that one author wrote: no imports, nothing short."""
    lines = {" ".join(line.split()) for line in text.splitlines()}
    return {line for line in lines if len(line) > 25 and not line.startswith(("from ", "import ", "#"))}


def holds_upstream_text(wheel: zipfile.ZipFile) -> bool:
    """Whether a file of the wheel shares telling lines with one of openapi-python-client's templates."""
    stock = [telling(path.read_text()) for path in STOCK.rglob("*.jinja")]
    texts = [telling(wheel.read(name).decode()) for name in wheel.namelist() if name.endswith((".py", ".jinja"))]
    return any(len(lines & theirs) >= SURVIVES for lines in texts for theirs in stock)


@pytest.mark.parametrize("name", [*OURS, "sdkgen"])
def test_openapi_python_clients_notice_accompanies_its_surviving_text(
    wheels: dict[str, zipfile.ZipFile], name: str
) -> None:
    noticed = any(path.endswith(f"/licenses/{NOTICES}") for path in wheels[name].namelist())
    assert noticed == (name in WITH_NOTICE)
    assert noticed or not holds_upstream_text(wheels[name])
    if noticed:
        assert UPSTREAM.read_text().strip() in in_dist_info(wheels[name], f"licenses/{NOTICES}")


def test_upstream_text_is_found() -> None:
    """The search can find something: a wheel with one of their templates, moved and cut."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as wheel:
        wheel.writestr("module.py", "\n".join((STOCK / "types.py.jinja").read_text().splitlines()[10:]))
        assert holds_upstream_text(wheel)


def test_copies_of_the_licence_are_copies() -> None:
    copies = [*ROOT.glob("packages/*/LICENSE"), ROOT / "generator/LICENSE"]
    assert len(copies) == len(OURS) + 1
    assert [path for path in copies if path.read_text() != LICENCE] == []
    emitted = ROOT / "generator/src/sdkgen/packaging" / NOTICES
    assert (ROOT / "generator" / NOTICES).read_bytes() == emitted.read_bytes()
