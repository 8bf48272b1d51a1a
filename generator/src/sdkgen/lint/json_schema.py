"""Errors of a JSON Schema validator, as messages for the author of a spec."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from attrs import frozen
from jsonschema.exceptions import ValidationError

from sdkgen.pointers import as_list, as_object
from sdkgen.problems import did_you_mean

__all__ = ["Fault", "faults", "shown"]

_KINDS = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true", "tru"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}


@frozen
class Fault:
    """One fault of a value."""

    path: tuple[str | int, ...]
    """The path from the validated value."""
    what: str
    next_step: str = ""


def shown(value: object) -> str:
    """A value as it appears in a message: JSON, short."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return f"`{text if len(text) <= 60 else text[:57] + '…'}`"


def faults(errors: Iterable[ValidationError], subject: str) -> Iterator[Fault]:
    """The faults behind a validator's errors.

    Args:
        errors: The errors of one value.
        subject: The name of the value in messages: ``x-token-lifecycle``.
    """
    for error in sorted(errors, key=lambda error: [str(part) for part in error.absolute_path]):
        yield from _explain(error, subject)


def _explain(error: ValidationError, subject: str) -> Iterator[Fault]:
    path = tuple(error.absolute_path)
    schema: dict[str, Any] = as_object(cast(object, error.schema))
    value: object = error.instance
    if "propertyNames" in error.absolute_schema_path:
        expected = schema.get("x-expects")
        step = "" if expected or error.validator != "pattern" else f"It must match {error.validator_value}."
        what = f"the key {shown(value)} is not {expected}" if expected else f"the key {shown(value)} is not allowed"
        yield Fault((*path, str(value)), what, step)
        return
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            for key in _surplus(schema, value):
                yield Fault((*path, key), f"`{key}` is not a key of {_title(schema, subject)}", _hint(key, schema))
        case "required":
            missing = [key for key in as_list(error.validator_value) if key not in as_object(value)]
            for key in missing:
                described = as_object(as_object(schema.get("properties")).get(str(key))).get("description")
                yield Fault(
                    path, f"`{key}` is missing in {_title(schema, subject)}", f"{described}" if described else ""
                )
        case "dependentRequired":
            given = as_object(value)
            for name, others in as_object(cast(object, error.validator_value)).items():
                for key in as_list(others) if name in given else ():
                    if key not in given:
                        yield Fault(path, f"`{key}` is missing in {_title(schema, subject)}", f"`{name}` requires it.")
        case "type":
            kinds = _types(error.validator_value)
            what = f"{_quoted(value)} is not {kinds}" if value is not None else f"a value is missing: {kinds}"
            yield Fault(path, what, _step(error.validator_value, value))
        case "enum" | "const":
            allowed = as_list(error.validator_value) if error.validator == "enum" else [error.validator_value]
            expected = schema.get("x-expects") or _one_of(allowed)
            yield Fault(path, f"{shown(value)} is not {expected}", _near(value, allowed))
        case "minItems" | "minProperties" | "minLength":
            yield Fault(path, f"{_title(schema, subject)} is empty" if not value else _plain(error))
        case "anyOf" | "oneOf":
            yield from _explain_union(error, subject, schema, path)
        case _:
            expected = schema.get("x-expects")
            yield Fault(path, f"{shown(value)} is not {expected}" if expected else _plain(error))


def _explain_union(
    error: ValidationError, subject: str, schema: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[Fault]:
    """Explain only the branch of a union that the author probably meant: the one whose type matches."""
    alternatives = [as_object(branch).get("required") for branch in as_list(error.validator_value)]
    names = [str(as_list(alternative)[0]) for alternative in alternatives if alternative]
    if names and len(names) == len(alternatives):
        given = [name for name in names if name in as_object(error.instance)]
        listed = ", ".join(f"`{name}`" for name in given or names)
        title = _title(schema, subject)
        if given:
            yield Fault((*path, given[-1]), f"{listed} are mutually exclusive in {title}", "Keep one of them.")
        elif not _surplus(
            schema, error.instance
        ):  # an unknown key, probably a misspelling of one of them, is reported already
            yield Fault(path, f"one of {listed} is missing in {title}")
        return
    branches: dict[object, list[ValidationError]] = {}
    for inner in error.context or ():
        branches.setdefault(inner.schema_path[0], []).append(inner)
    fitting = [inner for inner in branches.values() if not any(_is_type_error(item) for item in inner)]
    if fitting and "x-expects" not in schema:
        for inner in min(fitting, key=len):
            yield from _explain(inner, subject)
    else:
        yield Fault(path, f"{shown(error.instance)} is not {_expected(schema, error)}")


def _is_type_error(error: ValidationError) -> bool:
    return error.validator in ("type", "const", "enum") and not error.path


def _title(schema: Mapping[str, Any], subject: str) -> str:
    title = schema.get("title")
    return f"{title} in {subject}" if isinstance(title, str) and title != subject else subject


def _surplus(schema: Mapping[str, Any], value: object) -> list[str]:
    known = as_object(schema.get("properties"))
    patterns = [re.compile(pattern) for pattern in as_object(schema.get("patternProperties"))]
    allowed = "x-source" not in known  # OpenAPI objects may have extensions, our own extensions may not
    return [
        key
        for key in as_object(value)
        if key not in known
        and not any(pattern.search(key) for pattern in patterns)
        and not (allowed and key.startswith("x-"))
    ]


def _hint(key: str, schema: Mapping[str, Any]) -> str:
    if " " in key:
        return "Put quotes around a string that contains a comma or a colon."
    return did_you_mean(key, as_object(schema.get("properties")))


def _expected(schema: Mapping[str, Any], error: ValidationError) -> str:
    expects = schema.get("x-expects")
    if isinstance(expects, str):
        return expects
    branches = [as_object(branch) for branch in as_list(error.validator_value)]
    named = [str(branch.get("title") or _types(branch.get("type", "value"))) for branch in branches]
    return " or ".join(dict.fromkeys(named)) or _plain(error)


def _types(declared: object) -> str:
    names = as_list(declared) or [declared]
    return " or ".join(_KINDS.get(str(name), str(name)) for name in names)


def _quoted(value: object) -> str:
    """The value, in quotes if it is a string that looks like another type."""
    looks = isinstance(value, str) and re.fullmatch(r"-?[0-9.]+|true|false|null", value)
    return f"the string `'{value}'`" if looks else shown(value)


def _step(declared: object, value: object) -> str:
    types = as_list(declared) or [declared]
    if "string" in types:
        if value is None:
            return "Put quotes around a string that starts with `#`, and write `''` for an empty one."
        if isinstance(value, dict):
            return "Put quotes around a string that starts with a brace."
        return "Put quotes around it." if isinstance(value, int | float) else ""
    if isinstance(value, str):
        if "boolean" in types and value.lower() in _BOOLEANS:
            return f"Write `{_BOOLEANS[value.lower()]}`."
        if {"integer", "number"} & set(types) and re.fullmatch(r"-?[0-9.]+", value):
            return "Remove the quotes."
    if "array" in types and value is not None:
        return "Start each entry with `- `, or put brackets around it."
    return ""


def _one_of(allowed: list[Any]) -> str:
    listed = ", ".join(shown(value) for value in allowed[:12])
    return listed if len(allowed) == 1 else f"one of {listed}"


def _near(value: object, allowed: list[Any]) -> str:
    if not isinstance(value, str) or len(allowed) < 2:
        return ""
    hint = did_you_mean(value, [str(one) for one in allowed])
    return hint if hint.startswith("Did") else ""


def _plain(error: ValidationError) -> str:
    text = " ".join(str(error.message).split())
    return text if len(text) <= 160 else f"{text[:157]}…"
