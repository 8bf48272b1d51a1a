"""Rendering of one client package into an empty folder."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.code import Code, one_line
from sdkgen.facts.names import imported_classes
from sdkgen.facts.package import PackageFacts, package_facts
from sdkgen.models import models_facts, prepare
from sdkgen.problems import Problem
from sdkgen.release import FOREIGN, Release
from sdkgen.release_file import LICENCE
from sdkgen.render.calls import client_calls
from sdkgen.render.emitted import write_emitted
from sdkgen.render.environment import header_line
from sdkgen.render.operations import operation_variables
from sdkgen.render.package import auth_variables, client_variables, error_bodies_variables, package_variables
from sdkgen.render.project import ClientProject
from sdkgen.render.readme import readme_variables
from sdkgen.render.reference import reference_variables
from sdkgen.render.resources import resource_variables
from sdkgen.render.testing import testing_variables

__all__ = ["Rendered", "render_client"]

RUFF_CONFIG = Path(__file__).parent / "ruff.toml"
PACKAGING = Path(__file__).parent.parent / "packaging"
NOTICES = "THIRD-PARTY-NOTICES.txt"
BUILD_HOOK = "hatch_build.py"


@frozen
class Rendered:
    """The result of rendering a client."""

    problems: list[Problem]
    """Losses of the client, and files that could not be formatted. The package is written nevertheless."""
    methods: Mapping[str, str]
    """``resource.method`` by operation id."""
    calls: str
    """The names of methods and arguments (``client_calls``)."""


def render_client(bundle: Bundle, destination: Path, release: Release = FOREIGN) -> Rendered:
    """Write the client of a bundled spec.

    Args:
        bundle: The spec.
        destination: An empty folder; it becomes the folder of the distribution.
        release: Its version and licence.
    """
    prepared = prepare(bundle, reserved=imported_classes(bundle.document))
    facts, losses = package_facts(bundle, prepared)
    project = ClientProject(bundle.name, models_facts(prepared), destination / "src" / facts.names.package)
    project.build()
    _write(project, facts, prepared.document, destination, release)
    unformatted = _format(bundle, destination)
    _write_as_it_is(destination, release)
    calls = client_calls(facts, prepared.document)
    return Rendered([*prepared.problems, *losses, *unformatted], facts.methods, calls)


def _write(
    project: ClientProject, facts: PackageFacts, document: Mapping[str, Any], destination: Path, release: Release
) -> None:
    package = destination / "src" / facts.names.package

    def write(path: Path, template: str, **variables: Any) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        name = f"client/{template}"
        text = project.env.get_template(name).render(header=header_line(name, facts.spec), **variables)
        path.write_text(text, encoding="utf-8")

    names = facts.names
    write_emitted(names, package)
    write(package / "_version.py", "version.py.jinja", release=release)
    write(package / "auth.py", "auth.py.jinja", **auth_variables(facts))
    write(package / "_error_bodies.py", "error_bodies.py.jinja", **error_bodies_variables(facts))
    write(package / "client.py", "client.py.jinja", **client_variables(facts))
    write(package / "testing.py", "testing.py.jinja", **testing_variables(facts))
    write(package / "__main__.py", "main.py.jinja", names=names)
    write(package / "__init__.py", "package_init.py.jinja", **package_variables(facts))
    write(
        package / "resources" / "__init__.py",
        "folder.py.jinja",
        text="One module per resource: its methods, sync and async.",
    )
    write(
        package / "operations" / "__init__.py",
        "folder.py.jinja",
        text="One module per operation, which builds its request and decodes its response. No I/O.",
    )
    for resource in facts.resources:
        write(
            package / "resources" / f"{resource.attribute}.py",
            "resource.py.jinja",
            **resource_variables(resource, facts.names, facts.methods),
        )
        folder = package / "operations" / resource.attribute
        write(folder / "__init__.py", "folder.py.jinja", text=f"Operations of `{resource.tag}`.")
        for operation in resource.operations:
            write(folder / f"{operation.module}.py", "operation.py.jinja", **operation_variables(operation))
    (package / "py.typed").write_text("", encoding="utf-8")
    write(destination / "pyproject.toml", "pyproject.toml.jinja", names=names, facts=facts, release=release)
    spec = Code(one_line(facts.spec))
    readme = readme_variables(facts, document, ours=release.ours)
    write(destination / "README.md", "README.md.jinja", spec=spec, **readme)
    write(destination / "reference.md", "reference.md.jinja", spec=spec, **reference_variables(facts, document))


def _write_as_it_is(destination: Path, release: Release) -> None:
    """Copy the files that are identical in every package."""
    shutil.copyfile(PACKAGING / NOTICES, destination / NOTICES)
    if release.ours:
        shutil.copyfile(PACKAGING / BUILD_HOOK, destination / BUILD_HOOK)
    if release.licence is not None:
        (destination / LICENCE).write_text(release.licence, encoding="utf-8")


def _format(bundle: Bundle, destination: Path) -> list[Problem]:
    """Run ruff with our own configuration: remove unused imports, sort the others, format."""
    found: list[Problem] = []
    for arguments in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *arguments, "--config", str(RUFF_CONFIG), "--no-cache", "."]
        run = subprocess.run(command, cwd=destination, capture_output=True, text=True, check=False)
        if run.returncode:
            found.append(
                bundle.problem("", one_line(f"ruff could not format what was generated: {run.stderr or run.stdout}"))
            )
    return found
