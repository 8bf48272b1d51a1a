"""Losses: features of a document that the generated client would not support, and which of them the spec accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from attrs import evolve

from sdkgen.bundle import Bundle
from sdkgen.keywords import KEYWORDS, UNKNOWN, Fate, keyword
from sdkgen.media_types import FORM, media_kind, unread
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import Problem, Severity, did_you_mean
from sdkgen.references import destination, follow, object_at
from sdkgen.structure import Node, walk

__all__ = ["ACCEPTED", "losses", "settle"]

_Loss: TypeAlias = tuple[str, str, str, str]
"""Identifier, pointer, what is lost, how to fix it."""

ACCEPTED = "x-accepted-losses"
KEYWORD = "unsupported-keyword"
ENCODING = "unsupported-encoding"
SCHEME = "unsupported-security"
MEDIA_TYPE = "unsupported-media-type"

_WITHOUT_EFFECT: Mapping[tuple[str, str], tuple[object, ...]] = {
    ("openapi", "jsonSchemaDialect"): ("https://spec.openapis.org/oas/3.1/dialect/base",),
    ("schema", "$schema"): (
        "https://spec.openapis.org/oas/3.1/dialect/base",
        "https://json-schema.org/draft/2020-12/schema",
    ),
    ("schema", "not"): ({},),
    ("schema", "unevaluatedProperties"): (True,),
    ("schema", "unevaluatedItems"): (True,),
}
_ENCODING = "parts of a body are written in the usual way"
_EMPTY: tuple[object, ...] = ({}, [])
_NOT_ENTERED = frozenset({"/webhooks", "/components/callbacks", "/components/links", "/components/examples"})


def losses(whole: Bundle) -> list[Problem]:
    """Every loss that can be found without rendering."""
    return [
        whole.problem(pointer, what, step, rule=rule, severity=Severity.LOSS)
        for node in _nodes(whole)
        for rule, pointer, what, step in (
            *_keywords(node),
            *_reserved(whole, node),
            *_contents(node),
            *_schemes(node),
            *_encodings(whole, node),
            *_media_types(whole, node),
        )
    ]


def _nodes(whole: Bundle) -> Iterator[Node]:
    """The nodes that the client uses: not those inside an object that is lost as a whole."""
    for node in walk(whole.document):
        inside_callback = node.kind in ("callback", "link") or "/callbacks/" in node.pointer
        if not inside_callback and not any(node.pointer.startswith(f"{place}/") for place in _NOT_ENTERED):
            yield node


def _keywords(node: Node) -> Iterator[_Loss]:
    for name, value in node.value.items():
        found = keyword(node.kind, name)
        if found.fate is Fate.UNSUPPORTED and value not in _EMPTY + _WITHOUT_EFFECT.get((node.kind, name), ()):
            near = did_you_mean(name, KEYWORDS[node.kind]) if found is UNKNOWN else ""
            step = near if near.startswith("Did") else ""
            yield KEYWORD, child(node.pointer, name), f"`{name}` is not honoured: {found.reason}", step


def _reserved(whole: Bundle, node: Node) -> Iterator[_Loss]:
    if node.kind != "parameter" or node.value.get("allowReserved") is not True:
        return
    schema = object_at(whole.document, child(node.pointer, "schema"))
    if node.value.get("in") != "query" or schema.get("type") in ("array", "object"):
        what = "`allowReserved` is not honoured: only one value in the query keeps reserved characters"
        yield KEYWORD, child(node.pointer, "allowReserved"), what, ""


def _contents(node: Node) -> Iterator[_Loss]:
    if node.kind != "parameter":
        return
    for name in as_object(node.value.get("content")):
        if media_kind(name) not in ("json", "text"):
            what = f"no value is written as `{name}`"
            yield MEDIA_TYPE, child(node.pointer, "content", name), what, ""


def _schemes(node: Node) -> Iterator[_Loss]:
    if node.kind != "security-scheme" or "x-token-lifecycle" in node.value or "$ref" in node.value:
        return
    kind, scheme = node.value.get("type"), str(node.value.get("scheme", "")).lower()
    if kind in ("oauth2", "openIdConnect"):
        what = f"the flows of `{kind}` are not implemented: the client accepts a token"
        yield SCHEME, child(node.pointer, "type"), what, ""
    elif kind == "mutualTLS":
        step = "Pass an SSL context with the certificate."
        yield SCHEME, child(node.pointer, "type"), "`mutualTLS` is not set up by the client", step
    elif kind == "http" and scheme not in ("bearer", "basic"):
        what = f"the authentication scheme `{scheme}` is not supported: a token is sent"
        yield SCHEME, child(node.pointer, "scheme"), what, ""


def _encodings(whole: Bundle, node: Node) -> Iterator[_Loss]:
    if node.kind != "media-type":
        return
    place, _ = destination(whole.document, child(node.pointer, "schema"))
    is_form = node.pointer.endswith(child("", FORM))
    for name, encoding in as_object(node.value.get("encoding")).items():
        for key in ("style", "explode") if not is_form else ():
            if key in as_object(encoding):
                what = f"`{key}` is not honoured: {_ENCODING}"
                yield KEYWORD, child(node.pointer, "encoding", name, key), what, ""
        declared = as_object(encoding).get("contentType")
        if is_form and (media_kind(str(declared)) == "json" or "style" in encoding or "explode" in encoding):
            continue  # written as JSON, or in its style: OpenAPI then ignores the content type
        schema = object_at(whole.document, child(place, "properties", name))
        if declared is not None and declared != _default_content_type(whole, schema):
            what = f"the content type `{declared}` of the part `{name}` is not honoured: {_ENCODING}"
            yield ENCODING, child(node.pointer, "encoding", name, "contentType"), what, ""


def _media_types(whole: Bundle, node: Node) -> Iterator[_Loss]:
    if node.kind in ("request-body", "response"):
        content = as_object(node.value.get("content"))
        for pointer, what in unread(whole.document, node.kind, node.pointer, content):
            yield MEDIA_TYPE, pointer, what, ""


def _default_content_type(whole: Bundle, schema: Mapping[str, Any]) -> str:
    """The content type that OpenAPI defines for a part of a body without a declared one."""
    if schema.get("type") == "array":
        items = as_object(schema.get("items"))
        return _default_content_type(whole, follow(whole.document, items))
    if schema.get("type") == "string":
        return "application/octet-stream" if schema.get("format") == "binary" else "text/plain"
    if schema.get("type") in ("integer", "number", "boolean"):
        return "text/plain"
    return "application/json"


def settle(whole: Bundle, problems: list[Problem], *, complete: bool) -> list[Problem]:
    """Apply the accepted losses of one of our specs: other losses are errors, and so are entries without a loss.

    Args:
        whole: The spec.
        problems: Everything that was found.
        complete: Whether ``problems`` includes those of rendering; if not, unused entries for rendering are no errors.
    """
    entries = [as_object(entry) for entry in as_list(whole.document.get(ACCEPTED))]
    used: set[int] = set()
    settled: list[Problem] = []
    for problem in problems:
        if problem.severity is not Severity.LOSS:
            settled.append(problem)
            continue
        accepting = {index for index, entry in enumerate(entries) if _accepts(entry, problem)}
        used |= accepting
        if not accepting:
            step = f"{problem.next_step} Change the spec, or list it under `{ACCEPTED}` with a reason.".strip()
            settled.append(evolve(problem, severity=Severity.ERROR, next_step=step))
    for index, entry in enumerate(entries):
        if index not in used and (complete or entry.get("loss") in (KEYWORD, SCHEME, ENCODING, MEDIA_TYPE)):
            what = f"no loss `{entry.get('loss')}` at `{entry.get('at')}`"
            pointer = child("", ACCEPTED, index)
            settled.append(whole.problem(pointer, what, "Remove the entry.", rule="accepted-loss"))
    return settled


def _accepts(entry: Mapping[str, Any], problem: Problem) -> bool:
    place = entry.get("at")
    return entry.get("loss") == problem.rule and (problem.pointer == place or problem.pointer.startswith(f"{place}/"))
