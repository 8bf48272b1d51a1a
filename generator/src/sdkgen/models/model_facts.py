"""The facts of object classes for the templates, one value per class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.models import schema_types as types
from sdkgen.models.cycles import strongly_connected
from sdkgen.models.descriptions import class_doc, docstring
from sdkgen.models.fields import UNSET, FieldFacts, fields_of
from sdkgen.models.hoist import component_reference, is_enumeration
from sdkgen.models.imports import ImportLine, import_lines
from sdkgen.models.reader import SchemaTypes
from sdkgen.models.schema_types import ClassName, Imports, SchemaType
from sdkgen.models.sent import DictFacts, dict_facts, sent_classes
from sdkgen.models.tables import TableFacts, table_facts
from sdkgen.pointers import as_list, as_object

__all__ = ["ModelFacts", "model_facts"]

_UNKNOWN = "Members that the API's description does not have."
_MODELS = ".models."


@frozen
class ModelFacts:
    """The class of an object."""

    name: Code
    module: Code
    doc: Code
    fields: tuple[FieldFacts, ...]
    additional: SchemaType
    """The type of the additional members."""
    additional_doc: Code
    imports: tuple[ImportLine, ...]
    multipart: bool
    table: TableFacts | None
    sent: DictFacts | None
    """The ``TypedDict`` of the class, if requests can contain it."""
    open: bool
    """Whether the schema declares that there may be additional members."""
    checks: tuple[Code, ...] = ()
    """Calls that check, before an object is sent, which members exclude or require each other."""

    @property
    def read_only(self) -> Code:
        """The attributes of ``readOnly`` members, which are not sent."""
        return Code(", ".join(literal(field.attribute) for field in self.fields if field.read_only))

    @property
    def secret(self) -> bool:
        """Whether a member is a secret; undocumented members may then be secrets too."""
        return any(field.secret for field in self.fields)

    @property
    def nullable(self) -> Code:
        """The members that requests may send as ``null`` or not at all; ``None`` for another one is not sent."""
        names = [field.name for field in self.fields if field.default == UNSET and field.admits_null]
        return Code(", ".join(map(literal, names)) if self.sent is not None else "")

    @property
    def attributes(self) -> Code:
        """The mapping from member to attribute."""
        return Code(", ".join(f"{literal(field.name)}: {literal(field.attribute)}" for field in self.fields))

    @property
    def read_additional(self) -> Code:
        name = "unknown_members" if self.sent is None or self.open else "only_documented"
        source = Code(f"{name}(data, _MEMBERS)")
        return source if self.additional == types.ANY else types.MapType(self.additional).decode(source)

    @property
    def write_additional(self) -> Code:
        source = Code("self.additional_properties")
        return types.MapType(self.additional).encode(source, exclude_unset=Code("exclude_unset"))


def model_facts(
    document: Mapping[str, Any], reader: SchemaTypes, multipart: frozenset[str], received: frozenset[str]
) -> tuple[dict[str, ModelFacts], dict[str, frozenset[str]]]:
    """The facts of every object class, by class name, and the modules in a cycle with each module.

    Args:
        document: The prepared document.
        reader: Its types.
        multipart: Components that are the body of a multipart request.
        received: Components that a response may contain; objects from a server are not checked.
    """
    drafts = [_draft(reader, component) for component in reader.names if _has_members(reader.schema(component))]
    cycles = strongly_connected({**{draft.name.module: draft.modules for draft in drafts}, **_union_modules(reader)})
    held = {draft.name: [*(field.type for field in draft.fields), draft.additional] for draft in drafts}
    sent = sent_classes(document, reader, held)
    facts: dict[str, ModelFacts] = {
        draft.name.name: _facts(
            reader,
            draft,
            cycles[draft.name.module],
            multipart=draft.component in multipart,
            checks=() if draft.component in received else tuple(_checks(draft)),
            sent=draft.name in sent,
        )
        for draft in drafts
    }
    return facts, cycles


@frozen
class _Draft:
    """A class before import cycles are known."""

    component: str
    name: ClassName
    schema: Mapping[str, Any]
    fields: tuple[FieldFacts, ...]
    additional: SchemaType
    imports: Imports

    @property
    def modules(self) -> set[str]:
        """The modules of models that it imports."""
        return {module.removeprefix(_MODELS) for module, _ in self.imports if module.startswith(_MODELS)}


def _has_members(schema: Mapping[str, Any]) -> bool:
    return not is_enumeration(schema) and bool(as_object(schema.get("properties")))


def _draft(reader: SchemaTypes, component: str) -> _Draft:
    schema = reader.schema(component)
    fields = fields_of(reader, schema)
    values = schema.get("additionalProperties")
    additional = types.ANY if values is None or isinstance(values, bool) else reader.of(as_object(values))
    imports = additional.annotation_imports | additional.encode_imports
    if additional != types.ANY:
        imports |= types.MapType(additional).decode_imports
    for field in fields:
        imports |= field.imports
    return _Draft(component, reader.names[component], schema, fields, additional, imports)


def _union_modules(reader: SchemaTypes) -> dict[str, set[str]]:
    """The modules that the module of each union of objects imports."""
    found: dict[str, set[str]] = {}
    for component, name in reader.names.items():
        kind = reader.of({"$ref": component_reference(component)})
        inner = kind.inner if isinstance(kind, types.NullableType) else kind
        if isinstance(inner, types.TaggedUnion):
            found[name.module] = {one.module for member in inner.members for one in member.classes()}
    return found


def _checks(draft: _Draft) -> Iterator[Code]:
    """Source of the checks for combinations of members that the schema forbids."""
    model = literal(str(draft.name.name))
    alternatives = [as_object(alternative) for alternative in as_list(draft.schema.get("oneOf"))]
    if alternatives and all(set(one) <= {"required", "description", "title"} for one in alternatives):
        groups = [as_list(one.get("required")) for one in alternatives]
        tuples = (Code(f"({_names(group)}{',' * (len(group) == 1)})") for group in groups)
        yield Code(f"one_alternative(result, {model}, {joined(', ', tuples)})")
    for name, others in as_object(draft.schema.get("dependentRequired")).items():
        yield Code(f"needs(result, {model}, {_names([name, *as_list(others)])})")


def _names(values: list[Any]) -> Code:
    return joined(", ", (literal(str(value)) for value in values))


def _facts(
    reader: SchemaTypes, draft: _Draft, cycle: frozenset[str], *, multipart: bool, sent: bool, checks: tuple[Code, ...]
) -> ModelFacts:
    imports, module = draft.imports, draft.name.module
    imports |= {("._model", name) for name in ("Model", "blank", "filled", "model")}
    imports |= {imported for check in checks for imported in types.encoder(check.partition("(")[0])}
    table = table_facts(reader, draft.schema, draft.fields)
    if table is not None:
        imports |= {("._tables", "TableParts"), ("._tables", "Tabular")} | table.cell.annotation_imports
    if multipart:
        imports |= {(".types", "RequestFiles"), (".types", "multipart")}
    if sent:
        accepted = types.imports_of((field.type for field in draft.fields), "accepted_imports")
        imports |= accepted | {("._given", "members_of")}
        imports |= {("typing", "NotRequired"), ("typing", "TypedDict")}
    values = draft.schema.get("additionalProperties")
    is_open = values is True or isinstance(values, dict)
    imports |= {("._given", "only_documented")} if sent and not is_open else types.helper("unknown_members")
    additional_doc = as_object(draft.schema.get("additionalProperties")).get("description") or _UNKNOWN
    return ModelFacts(
        name=draft.name.name,
        module=module,
        doc=class_doc(draft.schema, draft.component),
        fields=draft.fields,
        additional=draft.additional,
        additional_doc=docstring(str(additional_doc)),
        imports=import_lines((line for line in imports if line[0] != f"{_MODELS}{module}"), "..", cycle - {module}),
        multipart=multipart,
        table=table,
        checks=checks,
        sent=dict_facts(draft.name, draft.fields) if sent else None,
        open=is_open,
    )
