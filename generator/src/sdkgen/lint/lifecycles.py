"""Rules for ``x-token-lifecycle`` that its JSON Schema cannot express: grants, credentials, token responses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, TypeAlias, cast

from attrs import frozen

from sdkgen.bundle import Bundle
from sdkgen.lint.json_schema import shown
from sdkgen.lint.registry import Finding, rule
from sdkgen.lint.servers import server_arguments
from sdkgen.pointers import as_list, as_object, child, split
from sdkgen.problems import did_you_mean

__all__ = ["Lifecycle", "Request", "Value", "lifecycles", "values"]

SCHEMES = "/components/securitySchemes"
EXTENSION = "x-token-lifecycle"
STANDARD_PARTS = frozenset({"access_token", "refresh_token"})
PARTS = ("body", "query", "headers", "cookies", "path", "basic")

Role: TypeAlias = Literal["login", "refresh", "logout"]


@frozen
class Request:
    """One token request of a lifecycle."""

    pointer: str
    value: dict[str, Any]
    role: Role
    grant: str = ""
    step: int = 0


@frozen
class Lifecycle:
    """The ``x-token-lifecycle`` of one security scheme."""

    scheme: str
    pointer: str
    value: dict[str, Any]

    @property
    def grants(self) -> dict[str, dict[str, Any]]:
        return {name: as_object(grant) for name, grant in as_object(self.value.get("grants")).items()}

    def requests(self) -> Iterator[Request]:
        """Every token request, in the order of the document."""
        for name, grant in self.grants.items():
            for step, request in enumerate(as_list(grant.get("requests"))):
                pointer = child(self.pointer, "grants", name, "requests", step)
                yield Request(pointer, as_object(request), "login", name, step)
        if "refresh" in self.value:
            yield Request(child(self.pointer, "refresh"), as_object(self.value["refresh"]), "refresh")
        if "logout" in self.value:
            yield Request(child(self.pointer, "logout"), as_object(self.value["logout"]), "logout")

    def optional_credentials(self, request: Request) -> set[str]:
        """The optional credentials, which may be missing when a request is made."""
        grants = [self.grants.get(request.grant, {})] if request.grant else list(self.grants.values())
        credentials = [item for grant in grants for item in as_object(grant.get("credentials")).items()]
        return {name for name, definition in credentials if as_object(definition).get("required") is False}

    def parts_of_token(self, grant: str = "") -> set[str]:
        """Names of the token parts in the responses of one grant's requests, or of all requests."""
        names = {"access_token", "refresh_token", "extras", "expires"}
        responses = [as_object(self.value.get("token"))]
        responses += [
            as_object(request.value.get("token")) for request in self.requests() if request.grant == grant or not grant
        ]
        found = {key for response in responses for key in response if key in names - {"extras"}}
        return found | {extra for response in responses for extra in as_object(response.get("extras"))}


@frozen
class Value:
    """One value that a token request sends."""

    pointer: str
    kind: Literal["credential", "token", "plain"]
    content: Any


def lifecycles(whole: Bundle) -> Iterator[Lifecycle]:
    """Every declared lifecycle."""
    for name, scheme in as_object(as_object(whole.document.get("components")).get("securitySchemes")).items():
        declared = as_object(scheme).get(EXTENSION)
        if isinstance(declared, dict):
            yield Lifecycle(name, child(SCHEMES, name, EXTENSION), as_object(cast(object, declared)))


def values(request: Request) -> Iterator[Value]:
    """Every value that a request sends, in any part."""
    for part in PARTS:
        for name, value in as_object(request.value.get(part)).items():
            if (part, name) == ("basic", "form_encoded"):
                continue  # it declares the encoding of the other values
            yield from _values(value, child(request.pointer, part, name))


def _values(value: object, pointer: str) -> Iterator[Value]:
    if isinstance(value, list):
        for index, item in enumerate(as_list(cast(object, value))):
            yield from _values(item, child(pointer, index))
        return
    if not isinstance(value, dict):
        yield Value(pointer, "plain", value)
        return
    members = as_object(cast(object, value))
    match list(members.items()):
        case [("credential", str(name))]:
            yield Value(child(pointer, "credential"), "credential", name)
        case [("token", str(name))]:
            yield Value(child(pointer, "token"), "token", name)
        case [("constant", constant)]:
            yield Value(child(pointer, "constant"), "plain", constant)
        case items:
            for name, item in items:
                yield from _values(item, child(pointer, name))


@rule("unique-grant", any_document=True)
def unique_grant(whole: Bundle) -> Iterator[Finding]:
    """The name of a grant is unique in a spec, since it names the credentials class."""
    seen: dict[str, str] = {}
    for lifecycle in lifecycles(whole):
        for grant in lifecycle.grants:
            place = child(lifecycle.pointer, "grants", grant)
            first = seen.setdefault(grant, place)
            if first != place:
                file, line = whole.position(first)
                yield (
                    place,
                    f"the grant {shown(grant)} has the same name as the one in {file}:{line}",
                    "Rename one of them.",
                )


@rule("grant-credentials", any_document=True)
def grant_credentials(whole: Bundle) -> Iterator[Finding]:
    """A grant uses every credential that it declares, and no other."""
    for lifecycle in lifecycles(whole):
        for name, grant in lifecycle.grants.items():
            pointer = child(lifecycle.pointer, "grants", name)
            declared = as_object(grant.get("credentials"))
            requests = [request for request in lifecycle.requests() if request.grant == name]
            sent = [value for request in requests for value in values(request) if value.kind == "credential"]
            sent += _static_values(grant, pointer)
            shared = [
                value.content for request in lifecycle.requests() if not request.grant for value in values(request)
            ]
            for value in sent:
                if value.content not in declared:
                    what = f"{shown(value.content)} is not a credential of the grant `{name}`"
                    yield (
                        value.pointer,
                        what,
                        did_you_mean(value.content, declared) or "Declare it under `credentials`.",
                    )
            meant = [
                value for one in requests for value in values(one) if value.kind == "plain" and _meant(value, declared)
            ]
            for value in meant:
                what = f"`{split(value.pointer)[-1]}: {value.content}` sends this literal text, not the credential"
                yield value.pointer, what, f"Write `{{credential: {value.content}}}`."
            if not sent and not requests:
                continue  # the grant has no requests, which is reported separately
            for credential in declared:
                if credential in {value.content for value in meant}:
                    continue
                if credential not in {value.content for value in sent} | set(map(str, shared)):
                    what = f"the credential {shown(credential)} of the grant `{name}` is never sent"
                    yield child(pointer, "credentials", credential), what, "Remove it, or send it."


def _meant(value: Value, declared: Mapping[str, Any]) -> bool:
    """Whether a literal value was meant to be a credential: ``{credentials: username}``."""
    if not isinstance(value.content, str):
        return False
    key = split(value.pointer)[-1]
    return value.content in declared and key not in declared and did_you_mean(key, ["credential"]).startswith("Did")


def _static_values(grant: Mapping[str, Any], pointer: str) -> list[Value]:
    declared = as_object(grant.get("access_token"))
    place = child(pointer, "access_token")
    return [value for value in _values(declared, place) if value.kind == "credential"]


@rule("shared-credentials", any_document=True)
def shared_credentials(whole: Bundle) -> Iterator[Finding]:
    """A refresh and a logout send only credentials that every grant with requests declares."""
    for lifecycle in lifecycles(whole):
        for request in lifecycle.requests():
            if request.grant:
                continue
            for value in values(request):
                if value.kind != "credential":
                    continue
                lacking = [
                    name
                    for name, grant in lifecycle.grants.items()
                    if "requests" in grant and value.content not in as_object(grant.get("credentials"))
                ]
                if lacking:
                    known = {key for grant in lifecycle.grants.values() for key in as_object(grant.get("credentials"))}
                    grant_text = f"the grant `{lacking[0]}`, which this request also serves"
                    what = f"{shown(value.content)} is not a credential of {grant_text}"
                    yield value.pointer, what, did_you_mean(value.content, known - {value.content})


@rule("known-token-part", any_document=True)
def known_token_part(whole: Bundle) -> Iterator[Finding]:
    """Every part of the token that a request sends is in the response of an earlier request."""
    for lifecycle in lifecycles(whole):
        for request in lifecycle.requests():
            known = lifecycle.parts_of_token(request.grant) - {"expires"}
            for value in values(request):
                if value.kind != "token":
                    continue
                if request.role == "login" and request.step == 0:
                    yield value.pointer, "there is no token yet when the first request is sent", "Send a credential."
                elif value.content not in known:
                    what = f"no response contains {shown(value.content)}"
                    near = did_you_mean(value.content, known - STANDARD_PARTS)
                    step = near if near.startswith("Did") else f"Add it to `token` of {EXTENSION}."
                    yield value.pointer, what, step


@rule("access-token", any_document=True)
def access_token(whole: Bundle) -> Iterator[Finding]:
    """The responses of every grant with requests contain an access token, and at least one request must succeed."""
    for lifecycle in lifecycles(whole):
        for name, grant in lifecycle.grants.items():
            requests = [as_object(request) for request in as_list(grant.get("requests"))]
            pointer = child(lifecycle.pointer, "grants", name)
            if requests and "access_token" not in lifecycle.parts_of_token(name):
                step = "Declare its location: `token: {access_token: $response.body#/access_token}`."
                yield pointer, f"no response of the grant `{name}` contains an access token", step
            if requests and all(request.get("optional") is True for request in requests):
                yield pointer, f"every request of the grant `{name}` is optional", "One of them must succeed."


@rule("stated-expiry", any_document=True)
def stated_expiry(whole: Bundle) -> Iterator[Finding]:
    """A grant with token requests declares when its tokens expire, or that it is unknown."""
    for lifecycle in lifecycles(whole):
        for name, grant in lifecycle.grants.items():
            if "requests" in grant and "expires" not in lifecycle.parts_of_token(name):
                step = "Add `expires` to `token`; `expires: []` means that the lifetime is unknown."
                yield (
                    child(lifecycle.pointer, "grants", name),
                    f"the grant `{name}` does not declare when its tokens expire",
                    step,
                )
                break


@rule("refresh-token", any_document=True)
def refresh_token(whole: Bundle) -> Iterator[Finding]:
    """A refresh sends part of the token, and a refresh token in responses is used."""
    for lifecycle in lifecycles(whole):
        refresh = next((request for request in lifecycle.requests() if request.role == "refresh"), None)
        if refresh is not None and not any(value.kind == "token" for value in values(refresh)):
            yield refresh.pointer, "the refresh request sends no part of the token", "Send `{token: refresh_token}`."
        if refresh is None and "refresh_token" in lifecycle.parts_of_token():
            used = any(
                value.content == "refresh_token" for request in lifecycle.requests() for value in values(request)
            )
            if not used:
                step = "Add `refresh`, or remove the refresh token from `token`."
                yield child(lifecycle.pointer, "token"), "responses contain a refresh token that no request uses", step


@rule("environment", any_document=True)
def environment(whole: Bundle) -> Iterator[Finding]:
    """Environment variables of a grant differ from each other and from the client's own."""
    taken = {"GRANT", *(argument.upper() for argument in server_arguments(whole))}
    for lifecycle in lifecycles(whole):
        for name, grant in lifecycle.grants.items():
            seen: dict[str, str] = {}
            for credential, definition in as_object(grant.get("credentials")).items():
                variable = str(as_object(definition).get("env") or credential).upper()
                pointer = child(lifecycle.pointer, "grants", name, "credentials", credential)
                first = seen.setdefault(variable, credential)
                if variable in taken:
                    yield pointer, f"the variable of {shown(credential)} is reserved for the client", "Set `env`."
                elif first != credential:
                    what = f"the credentials `{first}` and `{credential}` share the variable `{variable}`"
                    yield pointer, what, "Set `env` of one of them."
