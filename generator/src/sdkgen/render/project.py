"""openapi-python-client's project of a package, with sdkgen's facts as its input."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from attrs import frozen
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.parser.properties import Class
from openapi_python_client.schema.untrusted_string import UntrustedString

from sdkgen.models.class_names import FIELD_PREFIX
from sdkgen.models.enum_facts import EnumFacts
from sdkgen.models.generated import ModelsFacts
from sdkgen.models.model_facts import ModelFacts
from sdkgen.render.environment import TEMPLATES, prepare_environment

if TYPE_CHECKING:
    from openapi_python_client.parser.properties import EnumProperty, LiteralEnumProperty, ModelProperty
    from openapi_python_client.strings import ClassName, PythonIdentifier

    from sdkgen.code import Code

__all__ = ["ClientProject"]


@frozen
class _Model:
    """A model as the project and our ``model.py.jinja`` expect it."""

    class_info: Class
    facts: ModelFacts


@frozen
class _Enum:
    """An enumeration as the project and our templates expect it; its type of value selects the template."""

    class_info: Class
    facts: EnumFacts
    value_type: type[str] | type[int]


class ClientProject(Project):
    """A project without openapi-python-client's parser.

    Its environment renders every file of a package: our folder of templates before upstream's. Its loop writes the
    models and enumerations, each with the template for its kind.
    """

    def __init__(self, spec: str, models: ModelsFacts, package: Path) -> None:
        """A project for one import package.

        Args:
            spec: The document as named in generated files.
            models: The classes of the package.
            package: The folder of the import package.
        """
        super().__init__(openapi=_data(spec, models), config=_config(package), custom_template_path=TEMPLATES)
        self.spec = spec
        self.models = models
        prepare_environment(self.env, spec, model_modules=models.modules)

    def build(self) -> Sequence[GeneratorError]:
        """Write ``models/``. There is no error to return: nothing is parsed."""
        self.package_dir.mkdir(parents=True, exist_ok=True)
        self._build_models()
        return []

    def _build_models(self) -> None:
        """Write the models and enumerations as upstream does, and the unions, which upstream has no files for."""
        super()._build_models()
        template = self.env.get_template("model_union.py.jinja")
        for union in self.models.unions:
            path = self.package_dir / "models" / f"{union.facts.module}.py"
            path.write_text(template.render(union=union.facts, imports=union.imports), encoding="utf-8")


def _data(spec: str, models: ModelsFacts) -> GeneratorData:
    """The result of the parser as the project expects it, made from our facts."""

    def class_info(name: Code) -> Class:
        """The names are made already, with openapi-python-client's functions (``models/class_names.py``)."""
        return Class(name=cast("ClassName", name), module_name=cast("PythonIdentifier", models.modules[name]))

    found = [_Model(class_info(facts.name), facts) for facts in models.models]
    enums = [_Enum(class_info(facts.name), facts, int if facts.value == "int" else str) for facts in models.enums]
    return GeneratorData(
        title=UntrustedString(spec),
        description=None,
        version=UntrustedString(""),
        models=cast("list[ModelProperty]", found),
        enums=cast("list[EnumProperty | LiteralEnumProperty]", enums),
        errors=[],
        endpoint_collections_by_tag={},
    )


def _config(package: Path) -> Config:
    """No metadata and no hooks: packaging and formatting are ours."""
    return Config.from_sources(
        ConfigFile(package_name_override=package.name, field_prefix=FIELD_PREFIX, post_hooks=[]),
        MetaType.NONE,
        document_source=package,
        file_encoding="utf-8",
        overwrite=True,
        output_path=package,
    )
