"""No two modules import each other, and rooms stand in the order that docs/architecture.md gives them.

An import inside a function counts like any other: it hides a cycle, it does not break it. An import below
``if TYPE_CHECKING:`` is not there at run time, but the reader of one module has to know the other: a cycle that
needs one is a cycle too. The models of a client may import each other: a document's schemas do. And the errors name
the models of their bodies to type checkers, while the models raise errors.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from support.module_graph import Import, cycles_of, graph_of, imports_of, rooms_of
from support.repository import CLIENTS, ROOT

pytestmark = pytest.mark.xdist_group(__name__)  # every module is read once, by one worker

PACKAGES = {
    path.parent.name: path.parent
    for folder in ("generator/src/*", "packages/*/src/*", "bench")
    for path in sorted(ROOT.glob(f"{folder}/__init__.py"))
}
PROGRAMS = {name: ROOT / name for name in ("scripts", "tests")}
CLIENT_NAMES = [client.import_name for client in CLIENTS]

_OF_A_CLIENT = [{"client"}, {"resources"}, {"operations"}, {"_runtime", "models"}, {"types"}, {"errors"}]
LAYERS: dict[str, list[set[str]]] = {
    "sdkgen": [
        {"cli"},
        {"commands"},
        {"pipeline"},
        {"render"},
        {"facts", "lint"},
        {"models", "losses"},
        {"bundle"},
        {"references", "source", "structure"},
        {"code", "pointers", "problems"},
    ],
    "auth_core": [
        {"command"},
        {"authenticator"},
        {"source"},
        {"renewal"},
        {"policy"},
        {"token"},
        {"errors", "lifecycle"},
    ],
    "vendor_sandbox": [{"cli"}, {"sandbox"}, {"control"}, {"vendor"}, {"quirks"}, {"document"}, {"json_values"}],
    **dict.fromkeys(CLIENT_NAMES, _OF_A_CLIENT),
}
"""Rooms from the top of the house to the ground: none imports from a room above it or next to it."""


@cache
def _imports(name: str) -> list[Import]:
    if name not in PACKAGES:
        return imports_of(PROGRAMS[name], base=PROGRAMS[name])
    return [one for one in imports_of(PACKAGES[name]) if not _types_an_error(one, name)]


def _types_an_error(one: Import, package: str) -> bool:
    return (one.importer, one.imported) == (f"{package}.errors", f"{package}._error_bodies")


def _cycles(imports: list[Import]) -> set[str]:
    """Each as the names of its modules below the package, sorted."""
    groups = cycles_of(graph_of(imports))
    return {" ".join(sorted(name.partition(".")[2] or name for name in group)) for group in groups}


def _between_models(one: Import, package: str) -> bool:
    inside = f"{package}.models."
    return one.importer.startswith(inside) and one.imported.startswith(inside)


@pytest.mark.parametrize("name", [*PACKAGES, *PROGRAMS])
def test_the_import_graph_has_no_cycles(name: str) -> None:
    imports = _imports(name)
    assert imports
    if name in CLIENT_NAMES:
        imports = [one for one in imports if not _between_models(one, name)]
    if name == "tests":
        imports = [one for one in imports if not one.importer.startswith("generator.golden.")]  # files of clients
    assert _cycles(imports) == set()


@pytest.mark.parametrize("name", PACKAGES)
def test_rooms_do_not_import_each_other(name: str) -> None:
    assert _cycles(rooms_of(_imports(name))) == set()


@pytest.mark.parametrize("name", LAYERS)
def test_no_room_imports_from_above(name: str) -> None:
    layers = LAYERS[name]
    height = {room: index for index, layer in enumerate(layers) for room in layer}
    rooms = rooms_of(_imports(name))
    assert set(height) <= {room for one in rooms for room in (one.importer, one.imported)}, "a room has another name"
    upwards = {
        (one.importer, one.imported)
        for one in rooms
        if one.importer in height and one.imported in height and height[one.imported] <= height[one.importer]
    }
    assert upwards == set()


# --- the graph itself ------------------------------------------------------------------------------------------------


def _package(folder: Path, **modules: str) -> list[Import]:
    for name, text in modules.items():
        path = folder / "house" / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    return imports_of(folder / "house")


@pytest.mark.parametrize(
    ("statement", "for_types"),
    [
        ("import house.b", False),
        ("from house import b", False),
        ("from house.b import thing", False),
        ("from .b import thing", False),
        ("from . import b", False),
        ("def later():\n    from house.b import thing", False),
        ("if TYPE_CHECKING:\n    from house.b import thing", True),
        ("if typing.TYPE_CHECKING:\n    from house.b import thing", True),
        ("if not TYPE_CHECKING:\n    from house.b import thing", False),
        ("if TYPE_CHECKING:\n    pass\nelse:\n    from house.b import thing", False),
    ],
)
def test_a_cycle_is_found_however_it_is_written(tmp_path: Path, statement: str, for_types: bool) -> None:
    imports = _package(tmp_path, a=statement, b="from house.a import other")
    assert Import("house.a", "house.b", for_types) in imports
    assert _cycles(imports) == {"a b"}


def test_a_subfolder_is_a_package_whose_imports_count_for_it(tmp_path: Path) -> None:
    imports = _package(
        tmp_path, facts__pages="from ..models.fields import x", models__fields="from ..facts import pages"
    )
    assert {(one.importer, one.imported) for one in rooms_of(imports)} == {("facts", "models"), ("models", "facts")}
    assert _cycles(rooms_of(imports)) == {"facts models"}


def test_a_package_that_lists_its_modules_is_no_cycle(tmp_path: Path) -> None:
    imports = _package(tmp_path, a="from house.b import x", b="")
    (tmp_path / "house/__init__.py").write_text("from house.a import x\n")
    imports = imports_of(tmp_path / "house")
    assert {(one.importer, one.imported) for one in imports} == {("house", "house.a"), ("house.a", "house.b")}
    assert _cycles(imports) == set()
