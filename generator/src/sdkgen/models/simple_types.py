"""Types that contain no other types: scalars, constants, enumerations, models."""

from __future__ import annotations

import re

from attrs import frozen

from sdkgen.code import Code, joined, literal
from sdkgen.models.type_base import WITHOUT_UNSET, ClassName, Imports, SchemaType, encoder, helper

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
    "ConstType",
    "EnumType",
    "FormattedText",
    "ModelType",
    "Scalar",
]

_NO_SUFFIX = Code("")
_TEXTS = frozenset({"date", "date_time", "local_date_time", "uuid"})
"""Decoders of values that are strings in JSON."""


@frozen
class Scalar(SchemaType):
    """A value of one Python type, checked or converted by one helper."""

    name: Code
    decoder_name: Code
    encoder_name: Code | None = None
    """A function, or a method with a leading dot."""
    name_imports: Imports = frozenset()
    suffix: Code = _NO_SUFFIX
    """The suffix of the helpers that decode a member of this type: ``str`` of ``required_str``."""

    @property
    def annotation(self) -> Code:
        return self.name

    @property
    def annotation_imports(self) -> Imports:
        return self.name_imports

    def accepted(self, *, text: bool = False) -> Code:
        if self == FILE:
            return Code("FileInput")
        return Code(f"{self.name} | str") if text and self.decoder_name in _TEXTS else self.name

    @property
    def accepted_imports(self) -> Imports:
        return frozenset({(".types", "FileInput")}) if self == FILE else self.name_imports

    @property
    def decode_imports(self) -> Imports:
        if self.decoder_name == "file_to_send":
            return frozenset({("._given", "file_to_send")})
        return helper(self.decoder_name)

    @property
    def encode_imports(self) -> Imports:
        if self.encoder_name is None or not self.encoder_name.isidentifier() or self.encoder_name == "str":
            return frozenset()
        if self.encoder_name == "as_file":
            return frozenset({(".types", "as_file")})
        return encoder(self.encoder_name)

    def decode(self, value: Code) -> Code:
        return value if self.decoder_name == "anything" else Code(f"{self.decoder_name}({value})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        if self.encoder_name is None:
            return value
        if self.encoder_name.startswith("."):
            return Code(f"{value}{self.encoder_name}()")
        return Code(f"{self.encoder_name}({value})")

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        if self == FILE:
            return Code(""), (Code("file_in(data)"),)
        return (self.suffix, ()) if self.suffix else (Code(""), (self.decoder_name,))

    @property
    def reader_imports(self) -> Imports:
        if self == FILE:
            return frozenset({("._given", "file_in")})
        return frozenset() if self.suffix else self.decode_imports


ANY = Scalar(Code("Any"), Code("anything"), None, frozenset({("typing", "Any")}), Code("any"))
NOT_NULL = Scalar(Code("Any"), Code("not_null"), None, frozenset({("typing", "Any")}))
NULL = Scalar(Code("None"), Code("null"))
STRING = Scalar(Code("str"), Code("string"), suffix=Code("str"))
INTEGER = Scalar(Code("int"), Code("integer"), suffix=Code("int"))
NUMBER = Scalar(Code("float"), Code("number"), suffix=Code("float"))
BOOLEAN = Scalar(Code("bool"), Code("boolean"), suffix=Code("bool"))
_DATETIME = frozenset({("datetime", "")})
DATE_TIME = Scalar(Code("datetime.datetime"), Code("date_time"), Code("format_date_time"), _DATETIME)
LOCAL_DATE_TIME = Scalar(Code("datetime.datetime"), Code("local_date_time"), Code("format_local_date_time"), _DATETIME)
DATE = Scalar(Code("datetime.date"), Code("date"), Code(".isoformat"), _DATETIME)
UUID = Scalar(Code("UUID"), Code("uuid"), Code("str"), frozenset({("uuid", "UUID")}))
BYTES = Scalar(Code("bytes"), Code("base64_bytes"), Code("format_base64"))
FILE = Scalar(Code("File"), Code("file_to_send"), Code("as_file"), frozenset({(".types", "File")}))


_OF_A_DAY = re.compile("(?:[^%]|%[Yymdj%])*")
_OF_A_MOMENT = re.compile("(?:[^%]|%[YymdjHMSfz%])*")


@frozen
class FormattedText(SchemaType):
    """A date, or a date and time, in the format that the spec declares (``x-format``); any other text stays a text."""

    format: str

    @staticmethod
    def can_have(format: object) -> bool:
        """Whether a format has only directives that do not depend on a language. Another tool may mean other things."""
        return isinstance(format, str) and "%" in format and _OF_A_MOMENT.fullmatch(format) is not None

    @property
    def _is_date(self) -> bool:
        return _OF_A_DAY.fullmatch(self.format) is not None

    @property
    def _decoder(self) -> Code:
        return Code("formatted_date" if self._is_date else "formatted_date_time")

    @property
    def annotation(self) -> Code:
        return Code("datetime.date | str" if self._is_date else "datetime.datetime | str")

    @property
    def annotation_imports(self) -> Imports:
        return _DATETIME

    @property
    def decode_imports(self) -> Imports:
        return frozenset({("._formats", self._decoder)})

    @property
    def encode_imports(self) -> Imports:
        return frozenset({("._formats", "format_as")})

    @property
    def has_own_format(self) -> bool:
        return True

    def decode(self, value: Code) -> Code:
        return Code(f"{self._decoder}({value}, {literal(self.format)})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        return Code(f"format_as({value}, {literal(self.format)})")


@frozen
class ConstType(SchemaType):
    """One of a few constant values (``Literal``)."""

    values: tuple[str | int | bool, ...]

    @property
    def annotation_imports(self) -> Imports:
        return frozenset({("typing", "Literal")})

    @property
    def annotation(self) -> Code:
        return Code(f"Literal[{joined(', ', map(literal, self.values))}]")

    @property
    def decode_imports(self) -> Imports:
        return helper("constant")

    def decode(self, value: Code) -> Code:
        return Code(f"constant({value}, {joined(', ', map(literal, self.values))})")

    @property
    def reader(self) -> tuple[Code, tuple[Code, ...]]:
        if len(self.values) == 1:
            return Code("const"), (literal(self.values[0]),)
        return Code(""), (self.decoder,)

    @property
    def reader_imports(self) -> Imports:
        return frozenset() if len(self.values) == 1 else self.decode_imports


@frozen
class EnumType(SchemaType):
    """An enumeration; an open one keeps undocumented values as they are."""

    enum: ClassName
    value: Code
    """``str`` or ``int``."""
    open: bool

    @property
    def annotation(self) -> Code:
        return Code(f"{self.enum.name} | {self.value}") if self.open else self.enum.name

    @property
    def annotation_imports(self) -> Imports:
        return self.enum.imports

    def accepted(self, *, text: bool = False) -> Code:
        return Code(f"{self.enum.name} | {self.value}") if text else self.annotation

    @property
    def decode_imports(self) -> Imports:
        return self.enum.imports

    def decode(self, value: Code) -> Code:
        return Code(f"{self.enum.name}.from_json({value})")

    def classes(self) -> frozenset[ClassName]:
        return frozenset({self.enum})


@frozen
class ModelType(SchemaType):
    """An object with declared members."""

    model: ClassName

    @property
    def annotation(self) -> Code:
        return self.model.name

    @property
    def annotation_imports(self) -> Imports:
        return self.model.imports

    def accepted(self, *, text: bool = False) -> Code:
        return Code(f"{self.model.name} | {self.model.dict_name}")

    @property
    def accepted_imports(self) -> Imports:
        return self.model.imports | {(f".models.{self.model.module}", self.model.dict_name)}

    @property
    def decode_imports(self) -> Imports:
        return self.model.imports

    def decode(self, value: Code) -> Code:
        return Code(f"{self.model.name}.from_dict({value})")

    def encode(self, value: Code, *, exclude_unset: Code = WITHOUT_UNSET) -> Code:
        return Code(f"{value}.to_dict(exclude_unset={exclude_unset})")

    def classes(self) -> frozenset[ClassName]:
        return frozenset({self.model})
