"""Security schemes: the lifecycle of each, and the credentials classes that go with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from attrs import frozen
from auth_core.lifecycle import TokenLifecycle

from sdkgen.code import Code, class_name, identifier, one_line
from sdkgen.facts.lifecycle import LifecycleReader, answer_details, environment_variable, token_operations
from sdkgen.pointers import as_object

__all__ = ["CredentialFact", "CredentialsFact", "SchemeFact", "scheme_facts"]


@frozen
class CredentialFact:
    """One argument of a credentials class."""

    name: Code
    environment: Code
    required: bool
    secret: bool
    single_use: bool
    description: str


@frozen
class CredentialsFact:
    """One credentials class: one way in."""

    name: Code
    """``PasswordCredentials``."""
    grant: str
    description: str
    credentials: tuple[CredentialFact, ...]


@frozen
class SchemeFact:
    """One security scheme: its lifecycle and its credentials classes."""

    scheme: str
    constant: Code
    """The name of the value in ``auth.py``: ``BEARER_AUTH``."""
    lifecycle: TokenLifecycle
    credentials: tuple[CredentialsFact, ...]
    description: str


def scheme_facts(vendor: str, document: Mapping[str, Any], environment: str) -> tuple[SchemeFact, ...]:
    """The security schemes of a document, those without ``x-token-lifecycle`` with the obvious one.

    Schemes that a client cannot serve (``oauth2`` or ``openIdConnect`` without ``x-token-lifecycle``) take a token.
    """
    operations = token_operations(document)
    answers = answer_details(document)
    schemes = as_object(as_object(document.get("components")).get("securitySchemes"))
    lifecycles = {name: _declared(as_object(scheme)) for name, scheme in schemes.items()}
    grants = Counter(grant for declared in lifecycles.values() for grant in as_object((declared or {}).get("grants")))
    facts: list[SchemeFact] = []
    constants = {"ANSWERS", "CREDENTIALS", "LIFECYCLES", "TOKEN_ANSWER"}  # names that auth.py has already
    for name, value in schemes.items():
        scheme, declared = as_object(value), lifecycles[name]
        if declared is None:
            continue
        if "x-token-lifecycle" not in scheme and any(grants[grant] > 1 for grant in as_object(declared["grants"])):
            declared = _named_after(name, declared)
        constant = Code(identifier(name, fallback="scheme").strip("_").upper())
        while constant in constants:
            constant = Code(f"{constant}_")
        constants.add(constant)
        reader = LifecycleReader(environment, operations, name)
        own = as_object(declared.get("grants"))
        facts.append(
            SchemeFact(
                scheme=name,
                constant=constant,
                lifecycle=reader.lifecycle(vendor, scheme, declared, answers),
                credentials=tuple(_credentials(grant, as_object(text), environment) for grant, text in own.items()),
                description=one_line(str(scheme.get("description", ""))),
            )
        )
    return tuple(facts)


def _declared(scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    return as_object(scheme.get("x-token-lifecycle")) or _obvious(scheme)


def _named_after(scheme: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """An obvious lifecycle whose names another scheme has too: grant and variables start with the scheme's name."""
    grants: dict[str, Any] = {}
    for grant, value in as_object(declared["grants"]).items():
        definitions = as_object(value["credentials"])
        credentials = {name: {**definition, "env": f"{scheme}_{name}"} for name, definition in definitions.items()}
        grants[f"{scheme}_{grant}"] = {**value, "credentials": credentials}
    return {**declared, "grants": grants}


def _obvious(scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    """The lifecycle of a scheme that declares none: the credential is the token."""
    kind, http = scheme.get("type"), str(scheme.get("scheme", "")).lower()
    if kind == "apiKey":
        credentials = {"api_key": {"secret": True, "description": "The API key."}}
        return {"grants": {"api_key": {"credentials": credentials, "access_token": {"credential": "api_key"}}}}
    if kind == "http" and http == "basic":
        return {
            "grants": {
                "basic": {
                    "credentials": {
                        "username": {"description": "The user name."},
                        "password": {"secret": True, "description": "The password."},
                    },
                    "access_token": {
                        "basic": {"username": {"credential": "username"}, "password": {"credential": "password"}}
                    },
                }
            }
        }
    if kind in {"http", "oauth2", "openIdConnect"}:
        credentials = {"token": {"secret": True, "description": "The access token."}}
        return {"grants": {"token": {"credentials": credentials, "access_token": {"credential": "token"}}}}
    return None


def _credentials(grant: str, declared: Mapping[str, Any], prefix: str) -> CredentialsFact:
    credentials = tuple(
        CredentialFact(
            name=identifier(name, fallback="credential"),
            environment=environment_variable(prefix, name, as_object(definition)),
            required=as_object(definition).get("required", True) is True,
            secret=as_object(definition).get("secret", False) is True,
            single_use=as_object(definition).get("single_use", False) is True,
            description=one_line(str(as_object(definition).get("description", ""))),
        )
        for name, definition in as_object(declared.get("credentials")).items()
    )
    return CredentialsFact(
        name=Code(f"{class_name(grant, fallback='Grant').rstrip('_')}Credentials"),
        grant=grant,
        description=one_line(str(declared.get("description", ""))),
        credentials=tuple(sorted(credentials, key=lambda credential: not credential.required)),
    )
