"""Rules for operations: names, tags, security, sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.registry import Finding, rule
from sdkgen.media_types import media_kind
from sdkgen.pointers import as_list, as_object, child
from sdkgen.problems import did_you_mean
from sdkgen.references import destination
from sdkgen.structure import operations

_OPERATION_ID = re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*")
_SENTENCE = re.compile(r"[A-Z].* ")
_SINGLE_VERBS = frozenset({"login", "logout", "ping", "search"})
_METHOD_NAMES_TAKEN = frozenset({"with_raw_response"})


def snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@rule("operation-id")
def operation_id(whole: Bundle) -> Iterator[Finding]:
    """Every operation has an id made of a verb and a noun: ``createToken``."""
    for path, method, node in operations(whole.document):
        name = node.value.get("operationId")
        if not isinstance(name, str):
            yield (
                node.pointer,
                f"{method.upper()} {path} has no operationId",
                "Use a verb and a noun: `createToken`.",
            )
        elif not _OPERATION_ID.fullmatch(name) or (name.islower() and name not in _SINGLE_VERBS):
            step = "Use a verb and a noun in camel case: `createToken`."
            yield child(node.pointer, "operationId"), f"the operation id {shown(name)} is not a verb and a noun", step


@rule("unique-operation-id")
def unique_operation_id(whole: Bundle) -> Iterator[Finding]:
    """Operation ids are unique, ignoring case and underscores, since they name modules."""
    seen: dict[str, str] = {}
    for _, _, node in operations(whole.document):
        name = node.value.get("operationId")
        if not isinstance(name, str):
            continue
        pointer = child(node.pointer, "operationId")
        first = seen.setdefault(re.sub(r"[^a-z0-9]", "", name.lower()), pointer)
        if first != pointer:
            file, line = whole.position(first)
            yield pointer, f"the operation id {shown(name)} is already used in {file}:{line}", "Rename one of them."


@rule("one-tag")
def one_tag(whole: Bundle) -> Iterator[Finding]:
    """Every operation has exactly one tag: the resource that gets the method."""
    for path, method, node in operations(whole.document):
        tags = as_list(node.value.get("tags"))
        if len(tags) != 1:
            pointer = child(node.pointer, "tags") if tags else node.pointer
            step = "Give it exactly one tag: the resource that gets the method."
            yield pointer, f"{method.upper()} {path} has {len(tags) or 'no'} tag{'s' if len(tags) > 1 else ''}", step


@rule("described-tag")
def described_tag(whole: Bundle) -> Iterator[Finding]:
    """Every tag that is used is described at the root, and every described tag is used."""
    described = {str(as_object(tag).get("name")) for tag in as_list(whole.document.get("tags"))}
    used: set[str] = set()
    for _, _, node in operations(whole.document):
        for index, tag in enumerate(as_list(node.value.get("tags"))):
            used.add(str(tag))
            if str(tag) not in described:
                step = did_you_mean(str(tag), described) or "Add it to `tags` at the root."
                yield child(node.pointer, "tags", index), f"the tag {shown(tag)} is not described", step
    for index, tag in enumerate(as_list(whole.document.get("tags"))):
        pointer, name = child("/tags", index), as_object(tag).get("name")
        if not as_object(tag).get("description"):
            yield pointer, f"the tag {shown(name)} has no description", "Describe the resource in one sentence."
        if str(name) not in used:
            yield pointer, f"no operation has the tag {shown(name)}", "Remove it."


@rule("unique-method")
def unique_method(whole: Bundle) -> Iterator[Finding]:
    """The method names of a tag are unique."""
    seen: dict[tuple[str, str], str] = {}
    for _, _, node in operations(whole.document):
        name = str(node.value.get("x-method") or snake_case(str(node.value.get("operationId", ""))))
        pointer = child(node.pointer, "x-method" if "x-method" in node.value else "operationId")
        if name in _METHOD_NAMES_TAKEN:
            yield pointer, f"the method name {shown(name)} is reserved in every resource", "Choose another `x-method`."
        for tag in as_list(node.value.get("tags"))[:1]:
            first = seen.setdefault((str(tag), name), pointer)
            if first != pointer and name:
                file, line = whole.position(first)
                what = f"the method {shown(name)} of {shown(tag)} is already defined in {file}:{line}"
                yield pointer, what, "Choose another `x-method`."


@rule("stated-security")
def stated_security(whole: Bundle) -> Iterator[Finding]:
    """Every operation declares its security; a default at the root is easily overlooked."""
    for path, method, node in operations(whole.document):
        if "security" not in node.value:
            step = "Write `security: []` if it needs no token."
            yield node.pointer, f"{method.upper()} {path} does not state its security", step
    if "security" in whole.document:
        yield "/security", "the root has a default for security", "State it at every operation instead."


@rule("known-security-scheme")
def known_security_scheme(whole: Bundle) -> Iterator[Finding]:
    """Operations, and the root's default, name declared security schemes, and every declared scheme is used."""
    schemes = as_object(as_object(whole.document.get("components")).get("securitySchemes"))
    used: set[str] = set()
    holders = [("", whole.document), *((node.pointer, node.value) for _, _, node in operations(whole.document))]
    for holder, value in holders:
        for index, alternative in enumerate(as_list(value.get("security"))):
            for name in as_object(alternative):
                used.add(name)
                if name not in schemes:
                    pointer = child(holder, "security", index, name)
                    yield pointer, f"{shown(name)} is not a declared security scheme", did_you_mean(name, schemes)
    for name in schemes:
        if name not in used:
            pointer = child("/components/securitySchemes", name)
            yield pointer, f"no operation uses the security scheme {shown(name)}", "Remove it."


@rule("stated-source")
def stated_source(whole: Bundle) -> Iterator[Finding]:
    """Every operation has an ``x-source``."""
    for path, method, node in operations(whole.document):
        if "x-source" not in node.value:
            step = "Write `x-source: {kind: doc, url: …}`, or seed, observed, inferred."
            yield node.pointer, f"{method.upper()} {path} has no `x-source`", step


@rule("summary")
def summary(whole: Bundle) -> Iterator[Finding]:
    """Every operation has a summary of one line, the first line of its docstring."""
    for path, method, node in operations(whole.document):
        text = node.value.get("summary")
        if not isinstance(text, str) or not text.strip():
            yield node.pointer, f"{method.upper()} {path} has no summary", "Summarize the operation in one line."
        elif "\n" in text.strip() or len(text) > 100:
            step = "Keep it within 100 characters; the rest belongs in `description`."
            yield child(node.pointer, "summary"), f"the summary of {method.upper()} {path} is too long", step


@rule("success-response")
def success_response(whole: Bundle) -> Iterator[Finding]:
    """Every operation has a response with status 2xx: what the method returns."""
    for path, method, node in operations(whole.document):
        responses = as_object(node.value.get("responses"))
        if not any(status.startswith("2") for status in responses):
            step = "Describe it; omit the content if it is unknown."
            yield child(node.pointer, "responses"), f"{method.upper()} {path} has no response with status 2xx", step


@rule("one-media-type")
def one_media_type(whole: Bundle) -> Iterator[Finding]:
    """A request body and a response have one media type each, since a method has one type of argument and result."""
    for _, _, node in operations(whole.document):
        places = [child(node.pointer, "requestBody")] if "requestBody" in node.value else []
        places += [child(node.pointer, "responses", status) for status in as_object(node.value.get("responses"))]
        for place in places:
            pointer, value = destination(whole.document, place)
            content = as_object(as_object(value).get("content"))
            if len(content) > 1:
                listed = ", ".join(f"`{name}`" for name in content)
                yield child(pointer, "content"), f"there are {len(content)} media types: {listed}", "Keep the best one."


@rule("error-schema")
def error_schema(whole: Bundle) -> Iterator[Finding]:
    """The JSON of a failure has a named schema, shared by failures, so that ``error.error`` has few types."""
    seen: set[str] = set()
    for path, method, node in operations(whole.document):
        for status in as_object(node.value.get("responses")):
            if not (status == "default" or status.startswith(("4", "5"))):
                continue
            place, response = destination(whole.document, child(node.pointer, "responses", status))
            for name, media_type in as_object(as_object(response).get("content")).items():
                pointer = child(place, "content", name)
                named = "$ref" in as_object(as_object(media_type).get("schema"))
                if media_kind(name) == "json" and not named and pointer not in seen:
                    step = "Refer to one under `components/schemas`, which failures share."
                    yield pointer, f"the failure {status} of {method.upper()} {path} has no named schema", step
                seen.add(pointer)


@rule("deprecation")
def deprecation(whole: Bundle) -> Iterator[Finding]:
    """Deprecated operations, and only those, have ``x-deprecation``: since when, and the replacement."""
    known = {str(node.value.get("operationId")) for _, _, node in operations(whole.document)}
    for path, method, node in operations(whole.document):
        words, deprecated = f"{method.upper()} {path}", node.value.get("deprecated") is True
        if deprecated and "x-deprecation" not in node.value:
            step = "Write `x-deprecation: {since: R16, replacement: createToken}`; `since: unknown` if it is unknown."
            pointer = child(node.pointer, "deprecated")
            yield pointer, f"{words} is deprecated, but has no `x-deprecation` (since when, and the replacement)", step
        if not deprecated and "x-deprecation" in node.value:
            step = "Add `deprecated: true`, or remove it."
            yield child(node.pointer, "x-deprecation"), f"{words} is not deprecated", step
        replacement = as_object(node.value.get("x-deprecation")).get("replacement")
        pointer = child(node.pointer, "x-deprecation", "replacement")
        if replacement == node.value.get("operationId") is not None:
            yield (
                pointer,
                f"{shown(replacement)} is the operation itself",
                "Name another operation, or write a sentence.",
            )
        elif isinstance(replacement, str) and replacement not in known | {"unknown"}:
            step = "Name an operation, or write a sentence, `Use the export.`; `unknown` if it is unknown."
            if _OPERATION_ID.fullmatch(replacement):
                near = did_you_mean(replacement, known)
                step = near if near.startswith("Did") else step
                yield pointer, f"{shown(replacement)} is not an operation of this spec", step
            elif not _SENTENCE.match(replacement):
                yield pointer, f"{shown(replacement)} is neither an operation id nor a sentence", step
