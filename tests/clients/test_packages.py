"""Five packages, one product: what each can be imported as, and that they are alike."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import subprocess
import sys
import typing
from pathlib import Path
from typing import Any

import pytest

from clients.methods import methods_of
from clients.vendors import SUBJECTS, Subject
from support.module_graph import modules_of
from support.repository import CLIENTS, VENDORS, Client
from support.verdicts import all_pass

every_client = pytest.mark.parametrize("client", CLIENTS, ids=lambda client: client.vendor)
every_vendor = pytest.mark.parametrize("vendor", VENDORS)


def python(program: str, *arguments: str) -> str:
    """What a new interpreter prints, warnings being errors."""
    command = [sys.executable, "-W", "error", "-c", program, *arguments]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


# --- imports ---------------------------------------------------------------------------------------------------------


@every_client
def test_importing_a_package_imports_no_httpx_model_or_policy(client: Client) -> None:
    imported = python(f"import sys, {client.import_name}; print(*sorted(sys.modules))").split()
    assert client.import_name in imported
    assert not {"httpx", "attr", "auth_core", "asyncio"}.intersection(imported)
    assert [name for name in imported if name.startswith(f"{client.import_name}.")] == []


@every_client
def test_constructing_a_client_imports_no_resource_and_no_model(client: Client) -> None:
    subject = SUBJECTS[client.vendor]
    addresses = {
        server: "https://api.example" for server in inspect.signature(subject.client).parameters if "url" in server
    }
    program = (
        f"import sys; from {client.import_name} import {subject.client.__name__} as Made; "
        f"Made(credentials=(), **{addresses!r}); print(*sorted(sys.modules))"
    )
    imported = python(program).split()
    loaded = [name for name in imported if name.startswith((f"{client.import_name}.models", f"{client.import_name}.r"))]
    assert loaded == []
    assert "httpcore" not in imported


@every_client
def test_every_module_can_be_imported(client: Client) -> None:
    program = "import importlib, sys\nfor name in sys.argv[1:]: importlib.import_module(name)"
    assert python(program, *modules_of(client.package)) == ""


@pytest.mark.slow
@every_client
def test_every_module_can_be_the_first_that_is_imported(client: Client) -> None:
    """Each in a process of its own, forked from one that has loaded the libraries."""
    program = """
import attrs, httpx, importlib, os, sys, traceback
import auth_core.httpx_auth
failed = []
for name in sys.argv[1:]:
    if (child := os.fork()) == 0:
        try:
            importlib.import_module(name)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        failed.append(name)
print(*failed)
"""
    assert python(program, *modules_of(client.package)).split() == []


@every_vendor
def test_all_is_sorted_complete_and_there(vendor: str) -> None:
    package = SUBJECTS[vendor].package
    models = importlib.import_module(f"{package.__name__}.models")
    for module in (package, models):
        names = module.__all__
        assert sorted(names, key=lambda name: (not name.isupper(), not name[0].isupper(), name)) == names
        assert len(set(names)) == len(names)
        assert set(names) <= set(dir(module))
        for name in names:
            assert getattr(module, name) is not None


@every_vendor
def test_the_names_of_a_package_are_what_a_user_needs(vendor: str) -> None:
    """Every error, every credentials class, both clients, and no model, which live in ``models``."""
    subject = SUBJECTS[vendor]
    errors = importlib.import_module(f"{subject.package.__name__}.errors")
    wanted = {name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, Exception)}
    wanted |= {kind.__name__ for kind in subject.auth.CREDENTIALS}
    wanted |= {subject.client.__name__, subject.async_client.__name__}
    wanted |= {"DEFAULT_TIMEOUT", "RequestOptions", "Response", "UNSET", "Unset", "__version__"}
    wanted |= {"Hooks", "Observer", "OpenTelemetryHooks", "RequestContext"}
    wanted |= {"AsyncPage", "AsyncPaginator", "Page"}
    wanted |= {"AsyncItemStream", "AsyncStreamedResponse", "ItemStream", "ServerSentEvent", "StreamedResponse"}
    assert set(subject.package.__all__) == wanted


@every_vendor
def test_every_model_can_be_imported_from_models(vendor: str) -> None:
    models = importlib.import_module(f"{SUBJECTS[vendor].package.__name__}.models")
    folder = Path(models.__file__ or "").parent
    defined: set[str] = set()
    for path in folder.glob("*.py"):
        if path.stem != "__init__":
            tree = ast.parse(path.read_text())
            defined |= {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
            defined |= {
                ast.unparse(node.targets[0])
                for node in tree.body
                if isinstance(node, ast.Assign) and ast.unparse(node.value).startswith("TypedDict(")
            }
            defined |= {
                n.target.id
                for n in tree.body
                if isinstance(n, ast.AnnAssign)
                and "TypeAlias" in ast.unparse(n.annotation)
                and isinstance(n.target, ast.Name)
            }
    assert defined == set(models.__all__)


@every_vendor
@pytest.mark.parametrize("where", ["", ".models"])
def test_a_misspelt_name_is_an_attribute_error(vendor: str, where: str) -> None:
    module = importlib.import_module(f"{SUBJECTS[vendor].package.__name__}{where}")
    with pytest.raises(AttributeError, match="Resopnse"):
        _ = module.Resopnse
    with pytest.raises(ImportError, match="Resopnse"):
        exec(f"from {module.__name__} import Resopnse")


# --- one product -----------------------------------------------------------------------------------------------------


def parameters(kind: Any) -> list[str]:
    """The arguments of a constructor without those that are addresses."""
    return [str(found) for name, found in inspect.signature(kind).parameters.items() if not name.endswith("_url")]


@pytest.mark.parametrize("which", ["client", "async_client"])
def test_the_constructors_differ_in_addresses_only(which: str) -> None:
    first, *others = [parameters(getattr(subject, which)) for subject in SUBJECTS.values()]
    assert all(other == first for other in others)
    assert all("=" in parameter for parameter in first), "nothing but addresses and credentials may have to be given"


def test_blocking_and_awaited_constructors_differ_in_the_http_client_only() -> None:
    for subject in SUBJECTS.values():
        sync, async_ = (inspect.signature(kind).parameters for kind in (subject.client, subject.async_client))
        assert [name for name in sync if str(sync[name]) != str(async_[name])] == ["http_client"]


def members(kind: Any) -> set[str]:
    """Public names of a client that are no resources."""
    return {name for name, value in inspect.getmembers(kind) if not name.startswith("_") and callable(value)}


def test_the_clients_have_the_same_methods() -> None:
    for subject in SUBJECTS.values():
        assert (
            members(subject.client)
            == members(subject.async_client)
            == {"close", "explain_tokens", "forget_failures", "forget_tokens", "logout", "request", "with_options"}
        )


def tree(subject: Subject) -> dict[str, list[str]]:
    """The errors of a package and their bases, the vendor's own name taken out."""
    base = f"{subject.client.__name__}Error"
    errors = importlib.import_module(f"{subject.package.__name__}.errors")
    return {
        name.replace(base, "BaseError"): [parent.__name__.replace(base, "BaseError") for parent in kind.__mro__]
        for name, kind in vars(errors).items()
        if inspect.isclass(kind) and issubclass(kind, Exception)
    }


def test_the_trees_of_errors_are_the_same() -> None:
    first, *others = [tree(subject) for subject in SUBJECTS.values()]
    assert all(other == first for other in others)


@every_vendor
def test_every_method_takes_the_same_options_last(vendor: str) -> None:
    client = SUBJECTS[vendor].client(**addresses(vendor), credentials=())
    with all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                *_, options = inspect.signature(method.of(client)).parameters.values()
                assert str(options) == "**request_options: 'Unpack[RequestOptions]'"


@every_vendor
def test_return_hints_resolve_without_optional_values_and_errors(vendor: str) -> None:
    package = SUBJECTS[vendor].package
    client = SUBJECTS[vendor].client(**addresses(vendor), credentials=())
    with all_pass() as check:
        for method in methods_of(vendor):
            with check(method):
                returned = typing.get_type_hints(method.of(client))["return"]
                kinds = typing.get_args(returned) or (returned,)
                assert len(kinds) == 1 or type(None) not in kinds
                errors = (package.ApiError, Exception)
                assert not [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, errors)]
                assert not re.search("Error|Failure|Problem", str(returned))


def addresses(vendor: str) -> dict[str, str]:
    """Arguments for the addresses of a client."""
    names = inspect.signature(SUBJECTS[vendor].client).parameters
    return {name: "https://api.example/base" for name in names if name.endswith("_url")}


@every_vendor
def test_the_repr_of_a_client_shows_only_its_addresses(vendor: str) -> None:
    subject = SUBJECTS[vendor]
    shown = ", ".join(f"{name}='https://api.example/base'" for name in addresses(vendor))
    for kind in (subject.client, subject.async_client):
        assert repr(kind(**addresses(vendor), credentials=())) == f"{kind.__name__}({shown})"


@every_client
def test_every_package_has_the_same_files(client: Client) -> None:
    def files(one: Client) -> set[str]:
        found = {str(path.relative_to(one.package)) for path in one.package.rglob("*.py")}
        return {path for path in found if not path.startswith(("models/", "resources/", "operations/"))} | {
            path.name for path in one.folder.iterdir() if path.is_file()
        }

    assert files(client) == files(CLIENTS[0])
