"""The command line: ``sdkgen generate``, ``sdkgen check``, ``sdkgen lint``."""

from __future__ import annotations

import re
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from sdkgen._version import __version__
from sdkgen.commands import check_vendors, generate_foreign, generate_vendors, lint_vendors, read_vendors_twice
from sdkgen.placing import vendors_without_spec
from sdkgen.problems import ProblemsFound
from sdkgen.release import FIRST_VERSION, foreign_release
from sdkgen.report import report
from sdkgen.workspace import Workspace, vendor_name

__all__ = ["app", "main"]

PROBLEMS, USAGE = 1, 2
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")  # a path has one of the two slashes

app = typer.Typer(
    name="sdkgen",
    help="Typed Python clients from the OpenAPI documents below specs/.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Vendors = Annotated[list[str] | None, typer.Argument(metavar="[VENDOR]...", help="Default: every folder below specs/.")]
Root = Annotated[
    Path | None, typer.Option("--root", help="The repository; default: the nearest folder upwards with specs/.")
]
Spec = Annotated[Path | None, typer.Option("--spec", help="Any OpenAPI 3.0 or 3.1 document instead of our own.")]
Output = Annotated[Path | None, typer.Option("--output", help="With --spec: the folder of the new package.")]
Name = Annotated[str | None, typer.Option("--name", help="With --spec: the vendor's name; default: the file's.")]
PackageVersion = Annotated[
    str | None, typer.Option("--package-version", help="With --spec: the version of the package; default: 0.1.0.")
]
Force = Annotated[bool, typer.Option("--force", help="Render even where nothing has changed.")]


def _workspace(root: Path | None) -> Workspace:
    with _usage():
        return Workspace.find(Path.cwd()) if root is None else Workspace.at(root)


def _chosen(workspace: Workspace, vendors: list[str] | None) -> list[str]:
    if not vendors and not workspace.vendors() and vendors_without_spec(workspace):
        return []  # the last spec was removed, but its output remains
    with _usage():
        return workspace.select(vendors or [])


@contextmanager
def _usage() -> Generator[None]:
    """Report problems with arguments, not with a spec, as usage errors."""
    try:
        yield
    except ProblemsFound as found:
        report(found.problems)
        raise typer.Exit(USAGE) from None


@app.command()
def generate(
    vendors: Vendors = None,
    root: Root = None,
    spec: Spec = None,
    output: Output = None,
    name: Name = None,
    package_version: PackageVersion = None,
    force: Force = False,
) -> None:
    """Write the packages of the vendors, or of any other OpenAPI document."""
    if spec is not None:
        if vendors or root:
            raise typer.BadParameter("--spec names one document; it goes with its own options only")
        if output is None:
            raise typer.BadParameter("--spec needs --output, the folder of the new package")
        if _URL.match(spec.as_posix()):
            raise typer.BadParameter("--spec names a file; nothing is fetched: save the document first")
        with _usage():
            vendor = vendor_name(spec, name)
            release = foreign_release(package_version or FIRST_VERSION)
        raise typer.Exit(generate_foreign(spec, output, vendor, release))
    if any(option is not None for option in (output, name, package_version)):
        raise typer.BadParameter("--output, --name and --package-version go with --spec")
    workspace = _workspace(root)
    raise typer.Exit(generate_vendors(workspace, _chosen(workspace, vendors), force=force, whole=not vendors))


@app.command()
def check(vendors: Vendors = None, root: Root = None) -> None:
    """Report differences between the packages and the output for their specs; write nothing."""
    workspace = _workspace(root)
    raise typer.Exit(check_vendors(workspace, _chosen(workspace, vendors), whole=not vendors))


@app.command()
def lint(vendors: Vendors = None, root: Root = None) -> None:
    """Report the problems of the specs; write nothing."""
    workspace = _workspace(root)
    raise typer.Exit(lint_vendors(workspace, _chosen(workspace, vendors)))


@app.command()
def second_reading(vendors: Vendors = None, root: Root = None) -> None:
    """Compare how sdkgen and openapi-python-client's parser read the specs; write nothing."""
    workspace = _workspace(root)
    raise typer.Exit(read_vendors_twice(workspace, _chosen(workspace, vendors)))


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"sdkgen {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show it.")] = False,
) -> None:
    """Typed Python clients from the OpenAPI documents below specs/."""


def main() -> None:
    """Run the command line; errors of the user end in a message, not in a traceback."""
    try:
        app()
    except ProblemsFound as found:
        report(found.problems)
        sys.exit(PROBLEMS)
    except OSError as error:
        typer.echo(f"{error.filename or 'sdkgen'}: {error.strerror or error}", err=True)
        sys.exit(PROBLEMS)
