"""Drives openapi-python-client as a library: it makes the models, with our templates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError

from sdkgen.models import Prepared, extra_modules, model_globals
from sdkgen.render.environment import TEMPLATES

__all__ = ["write_models"]


def write_models(prepared: Prepared, package: Path) -> Sequence[GeneratorError]:
    """Write ``models/``.

    Args:
        prepared: The document.
        package: Folder of the import package.

    Returns:
        What openapi-python-client could not read.
    """
    config = _config(package)
    # The operations are ours: all classes are components here, whoever uses them.
    data = GeneratorData.from_dict({**prepared.stock, "paths": {}}, config=config)
    if isinstance(data, GeneratorError):
        return [data]
    project = _ModelsProject(openapi=data, config=config, custom_template_path=TEMPLATES)
    project.env.globals.update(model_globals(prepared))
    return project.build()


def _config(package: Path) -> Config:
    """No metadata and no hooks: packaging and formatting are ours."""
    return Config.from_sources(
        ConfigFile(package_name_override=package.name, post_hooks=[]),
        MetaType.NONE,
        document_source=package,
        file_encoding="utf-8",
        overwrite=True,
        output_path=package,
    )


class _ModelsProject(Project):
    """A project that has models only."""

    def build(self) -> Sequence[GeneratorError]:
        self.package_dir.mkdir(parents=True, exist_ok=True)
        self._build_models()
        for path, text in extra_modules(self.env):
            (self.package_dir / path).write_text(text, encoding="utf-8")
        return self._get_errors()
