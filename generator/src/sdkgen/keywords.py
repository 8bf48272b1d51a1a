"""The support of every keyword of OpenAPI 3.0 and 3.1: the table from which losses are reported.

``honoured``: the client implements or documents it. ``checked``: lint enforces it on the document, or the server on
requests; the client need not. ``documentation``: it informs readers of the document and has no effect on the client.
``unsupported``: the client would differ from the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from attrs import frozen

from sdkgen.structure import METHODS

__all__ = ["EXTENSIONS", "KEYWORDS", "NAMES", "UNKNOWN", "Fate", "Keyword", "keyword"]


class Fate(Enum):
    """How a keyword is supported."""

    HONOURED = "honoured"
    CHECKED = "checked"
    DOCUMENTATION = "documentation"
    UNSUPPORTED = "unsupported"


@frozen
class Keyword:
    """The fate of a keyword. ``reason``: of a checked one, what checks it; of an unsupported one, the consequence."""

    fate: Fate
    reason: str = ""


HONOURED: Final = Keyword(Fate.HONOURED)
DOCUMENTATION: Final = Keyword(Fate.DOCUMENTATION)
UNKNOWN: Final = Keyword(Fate.UNSUPPORTED, "it is not a keyword of OpenAPI")


def _lost(reason: str) -> Keyword:
    return Keyword(Fate.UNSUPPORTED, reason)


def _table(
    *,
    honoured: str = "",
    checked: Mapping[str, str] | None = None,
    documentation: str = "",
    unsupported: Mapping[str, str] | None = None,
) -> dict[str, Keyword]:
    """The keywords of one kind of object; ``checked`` maps checker to keywords, ``unsupported`` keyword to reason."""
    return {
        **dict.fromkeys(honoured.split(), HONOURED),
        **{name: Keyword(Fate.CHECKED, by) for by, names in (checked or {}).items() for name in names.split()},
        **dict.fromkeys(documentation.split(), DOCUMENTATION),
        **{name: _lost(reason) for name, reason in (unsupported or {}).items()},
    }


_CALLBACKS = "the client receives no requests"
_ENCODING = "parts of a body are written in the usual way"
_PLACE = "only references by JSON Pointer are followed"
_EXAMPLES = "lint holds them to their schemas; the tests, the READMEs and the sandbox use them"
_LIMITS = "lint holds examples and defaults to it, the server what is sent"

KEYWORDS: Mapping[str, Mapping[str, Keyword]] = {
    "openapi": _table(
        honoured="info servers paths components security tags",
        checked={"lint refuses other versions": "openapi"},
        documentation="externalDocs",
        unsupported={
            "webhooks": _CALLBACKS,
            "jsonSchemaDialect": "schemas are read in the dialect of OpenAPI",
        },
    ),
    "info": _table(honoured="title summary", documentation="description version termsOfService contact license"),
    "contact": _table(documentation="name url email"),
    "license": _table(documentation="name identifier url"),
    "server": _table(honoured="url variables description", documentation="name"),
    "server-variable": _table(honoured="default enum description"),
    "components": _table(
        honoured="schemas responses parameters requestBodies securitySchemes pathItems",
        documentation="examples headers links callbacks",
    ),
    "path-item": _table(honoured=" ".join((*METHODS, "servers parameters $ref")), documentation="summary description"),
    "operation": _table(
        honoured="tags summary description operationId parameters requestBody responses deprecated security servers",
        documentation="externalDocs",
        unsupported={"callbacks": _CALLBACKS},
    ),
    "external-docs": _table(documentation="description url"),
    "parameter": _table(
        honoured="$ref name in description required deprecated schema style explode"
        " content"  # where it is JSON; see losses
        " allowReserved",  # where it is one value of the query; see losses
        checked={_EXAMPLES: "example examples"},
        documentation="allowEmptyValue summary",
    ),
    "header": _table(
        documentation="$ref summary description required deprecated allowEmptyValue allowReserved style explode schema"
        " example examples content"
    ),
    "request-body": _table(honoured="$ref content required", documentation="description summary"),
    "media-type": _table(honoured="schema encoding", checked={_EXAMPLES: "example examples"}),
    "encoding": _table(
        honoured="contentType"  # where it is the default, or JSON in a form; see losses
        " style explode",  # in a form; see losses
        unsupported=dict.fromkeys(("headers", "allowReserved"), _ENCODING),
    ),
    "response": _table(
        honoured="$ref description content",
        documentation="headers summary",
        unsupported={"links": "no method calls the linked operation"},
    ),
    "example": _table(checked={_EXAMPLES: "value"}, documentation="$ref summary description externalValue"),
    "tag": _table(honoured="name description", documentation="externalDocs"),
    "security-scheme": _table(
        honoured="$ref type description name in scheme",
        documentation="bearerFormat summary flows openIdConnectUrl",
    ),
    "oauth-flow": _table(documentation="authorizationUrl tokenUrl refreshUrl scopes"),
    "link": _table(documentation="$ref operationRef operationId parameters requestBody body description server"),
    "discriminator": _table(honoured="propertyName mapping"),
    "xml": _table(documentation="name namespace prefix attribute wrapped"),
    "schema": _table(
        honoured="$ref type properties items additionalProperties required enum const allOf anyOf oneOf discriminator"
        " format nullable title description deprecated prefixItems contentEncoding contentMediaType readOnly writeOnly"
        " $defs dependentRequired",
        checked={
            _LIMITS: "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern"
            " minItems maxItems uniqueItems minProperties maxProperties contains minContains maxContains propertyNames",
            "lint holds it to its schema; the server applies it": "default",
            _EXAMPLES: "example examples",
        },
        documentation="externalDocs xml $comment contentSchema",
        unsupported={
            "not": "what it forbids is accepted",
            "if": "the type does not depend on a condition",
            "then": "the type does not depend on a condition",
            "else": "the type does not depend on a condition",
            "patternProperties": "members are not typed by the pattern of their names",
            "dependentSchemas": "the type does not depend on which members are there",
            "unevaluatedProperties": "members that are not named are kept as they are",
            "unevaluatedItems": "items that are not described are kept as they are",
            "$id": _PLACE,
            "$anchor": _PLACE,
            "$dynamicRef": _PLACE,
            "$dynamicAnchor": _PLACE,
            "$vocabulary": _PLACE,
            "$schema": "schemas are read in the dialect of OpenAPI",
        },
    ),
}


EXTENSIONS: Mapping[str, Keyword] = _table(
    honoured="x-additionalPropertiesName x-responses x-client x-default x-deprecation x-entries x-enum-varnames"
    " x-format x-idempotency x-itemSchema x-method x-name x-open x-pagination x-positional x-required x-result"
    " x-safe x-table x-terminator x-token-lifecycle",
    checked={
        "lint refuses an entry after which nothing is lost": "x-accepted-losses",
        "lint asks every operation for it; docstrings say it": "x-source",
    },
)
"""The fates of our own extensions; other extensions are documentation."""

NAMES: Final = frozenset({"callback", "oauth-flows", "paths", "responses", "security"})
"""Kinds of objects whose keys are not keywords, but names chosen by the author."""


def keyword(kind: str, name: str) -> Keyword:
    """Return the fate of a keyword of an object of this kind."""
    if name == "x-source" and kind != "operation":
        return DOCUMENTATION
    if name.startswith("x-") or kind not in KEYWORDS:
        return EXTENSIONS.get(name, DOCUMENTATION)
    return KEYWORDS[kind].get(name, UNKNOWN)
