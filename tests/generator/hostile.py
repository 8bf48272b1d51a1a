"""Text that would like to be code: names, descriptions and values for documents that a generator must survive."""

from __future__ import annotations

from typing import Any

__all__ = ["NAMES", "RESERVED_CLASSES", "TEXTS", "hostile_schemas", "python_traps"]

TEXTS = (
    'ends a docstring """ and goes on',
    '"""',
    '""""""',
    'quote at the end"',
    "apostrophes ''' and ' alone",
    "a backslash at the end \\",
    "\\u0041 \\x41 \\N{BULLET} \\ \\\\",
    "\\" * 201 + '"""',
    "line one\nline two\r\nline three\rline four\u2028five\u2029six\x85seven",
    "null \0 bell \a escape \x1b[31m delete \x7f",
    "bidi \u202e\u2066 override \u2069\u202c and a mark \u200f \u061c",
    "zero width \u200b\u200d\ufeff",
    "lone surrogate \ud800 here",
    "{{ 7 * 7 }} {% raw %} {# comment #} {%- endraw -%}",
    "{7 * 7} {self.__class__} %(name)s %s ${HOME} $(id)",
    "'''\nimport os\nos.abort()\n'''",
    '"""\nimport os\nos.abort()\n"""',
    '" + __import__("os").abort() + "',
    "# noqa # type: ignore # fmt: off",
    "x" * 500,
    "ワイド 文字 🎉 é combining e\u0301",
    "  leading and trailing  ",
    "\n\n\n",
    "",
)
"""For descriptions, titles, examples, enumeration values, constants and defaults."""

NAMES = (
    "class",
    "from",
    "None",
    "True",
    "async",
    "match",
    "type",
    "self",
    "cls",
    "data",
    "result",
    "value",
    "list",
    "dict",
    "str",
    "datetime",
    "print",
    "__init__",
    "__class__",
    "__slots__",
    "__dict__",
    "__weakref__",
    "_private",
    "_ATTRIBUTES",
    "_MEMBERS",
    "from_dict",
    "to_dict",
    "to_multipart",
    "rows",
    "additional_properties",
    "additionalProperties",
    "field",
    "define",
    "unknown_members",
    "UNSET",
    "Any",
    "2fa",
    "a-b",
    "a_b",
    "aB",
    "A b",
    "a.b",
    "a/b",
    "a~1b",
    "$ref",
    "@id",
    "#",
    "ünïcödé",
    "ﬁligature",
    "filigature",
    "名前",
    'quote"inside',
    "apostrophe'inside",
    "backslash\\inside",
    "new\nline",
    "tab\there",
    "null\0byte",
    "bidi\u202ename",
    "{braces}",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%s",
    " ",
    "   spaced   ",
    '"""',
    '": __import__("os").abort(), "',
)
"""For members of objects, parameters and tags."""

RESERVED_CLASSES = (
    "Any",
    "AsyncClient",
    "BaseException",
    "Callable",
    "Class",
    "Client",
    "DecodeError",
    "Exception",
    "File",
    "IntEnum",
    "Iterator",
    "List",
    "Literal",
    "Mapping",
    "None",
    "Object",
    "Response",
    "Self",
    "StrEnum",
    "Type",
    "TypeAlias",
    "UNSET",
    "UUID",
    "Unset",
    "ValueError",
    "bool",
    "date",
    "datetime",
    "dict",
    "field",
    "import",
    "int",
    "list",
    "object",
    "str",
    "string",
    "types",
)
"""Names of schemas that a generated module uses itself, or Python does."""


def python_traps() -> dict[str, Any]:
    """Schemas whose names are taken, each with members of every kind that uses the name it could shadow."""
    members: dict[str, Any] = {
        "any": {},
        "moment": {"type": "string", "format": "date-time"},
        "day": {"type": "string", "format": "date"},
        "id": {"type": "string", "format": "uuid"},
        "kind": {"const": "x"},
        "texts": {"type": "array", "items": {"type": "string"}},
        "map": {"type": "object", "additionalProperties": {"type": "integer"}},
        "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "boolean"}], "items": False},
        "flag": {"type": "string", "enum": ["a", "b"]},
    }
    others = {f"to {name}": {"$ref": f"#/components/schemas/{name}"} for name in RESERVED_CLASSES}
    return {name: {"type": "object", "properties": {**members, **others}} for name in RESERVED_CLASSES}


def hostile_schemas() -> dict[str, Any]:
    """Schemas that say every hostile text in every place, and have every hostile name."""
    schemas: dict[str, Any] = {
        "Members": {
            "type": "object",
            "required": [*NAMES[::2]],
            "properties": {name: {"type": "string", "description": f"The member {name}"} for name in NAMES},
        },
        "Values": {"type": "string", "description": "Every text is a value.", "enum": [*TEXTS, *NAMES]},
    }
    for index, text in enumerate(TEXTS):
        schemas[f"Text{index}"] = {
            "type": "object",
            "title": text,
            "description": text,
            "required": ["described", "defaulted", "constant"],
            "deprecated": index % 2 == 0,
            "properties": {
                "described": {"type": "string", "description": text, "example": text, "title": text},
                "defaulted": {"type": "string", "default": text},
                "optional": {"type": "string", "default": text},
                "constant": {"const": text},
                "choice": {
                    "type": "string",
                    "enum": [text, "other"],
                    "description": text,
                    "x-enum-varnames": [text, text],
                },
                "same": {"oneOf": [{"type": "string"}, {"type": "integer"}], "description": text},
            },
        }
        schemas[f"Tagged{index}"] = {
            "description": text,
            "oneOf": [{"$ref": f"#/components/schemas/Text{index}"}, {"$ref": "#/components/schemas/Members"}],
            "discriminator": {
                "propertyName": NAMES[index],
                "mapping": {text: f"#/components/schemas/Text{index}", "other": "#/components/schemas/Members"},
            },
        }
    return schemas
