"""The Python type of a schema: its annotation, and the expressions that decode it from JSON and encode it.

A type is independent of the document it came from; :mod:`sdkgen.models.reader` makes types from schemas. Expressions
call the helpers of the generated ``_decoding.py`` and ``_encoding.py``; one that changes nothing is the value itself.
"""

from sdkgen.models.compound_types import (
    ListType,
    MapType,
    NullableType,
    TaggedUnion,
    TupleType,
    UnionType,
    nullable,
    union,
)
from sdkgen.models.simple_types import (
    ANY,
    BOOLEAN,
    BYTES,
    DATE,
    DATE_TIME,
    FILE,
    INTEGER,
    LOCAL_DATE_TIME,
    NOT_NULL,
    NULL,
    NUMBER,
    STRING,
    UUID,
    ConstType,
    EnumType,
    FormattedText,
    ModelType,
    Scalar,
)
from sdkgen.models.type_base import ClassName, Imports, SchemaType, encoder, helper, imports_of

__all__ = [
    "ANY",
    "BOOLEAN",
    "BYTES",
    "DATE",
    "DATE_TIME",
    "FILE",
    "INTEGER",
    "LOCAL_DATE_TIME",
    "NOT_NULL",
    "NULL",
    "NUMBER",
    "STRING",
    "UUID",
    "ClassName",
    "ConstType",
    "EnumType",
    "FormattedText",
    "Imports",
    "ListType",
    "MapType",
    "ModelType",
    "NullableType",
    "Scalar",
    "SchemaType",
    "TaggedUnion",
    "TupleType",
    "UnionType",
    "encoder",
    "helper",
    "imports_of",
    "nullable",
    "union",
]
