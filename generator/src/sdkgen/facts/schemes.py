"""Security schemes: the lifecycle of each, and its credentials classes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any

from attrs import frozen
from auth_core.lifecycle import TokenLifecycle

from sdkgen.code import Code, identifier, one_line
from sdkgen.facts.credentials import CredentialsFact, credentials_fact
from sdkgen.facts.lifecycle import LifecycleReader, response_details, token_operations
from sdkgen.pointers import as_object

__all__ = ["SchemeFact", "scheme_facts"]

_NAMES_OF_AUTH = frozenset({"RESPONSES", "CREDENTIALS", "LIFECYCLES", "TOKEN_RESPONSE"})
"""Constants that every ``auth.py`` defines."""


@frozen
class SchemeFact:
    """One security scheme: its lifecycle and its credentials classes."""

    scheme: str
    constant: Code
    """The name of the value in ``auth.py``: ``BEARER_AUTH``."""
    lifecycle: TokenLifecycle
    credentials: tuple[CredentialsFact, ...]
    description: str

    @property
    def token_requests(self) -> frozenset[str]:
        """The ids of the operations that get or revoke its tokens."""
        lifecycle = self.lifecycle
        requests = [request for grant in lifecycle.grants for request in grant.requests]
        requests += [lifecycle.refresh.request] if lifecycle.refresh else []
        requests += [lifecycle.logout] if lifecycle.logout else []
        return frozenset(request.operation_id for request in requests)


def scheme_facts(vendor: str, document: Mapping[str, Any], environment: str) -> tuple[SchemeFact, ...]:
    """The security schemes of a document; a scheme without ``x-token-lifecycle`` gets the default for its type.

    ``oauth2`` or ``openIdConnect`` without ``x-token-lifecycle`` takes an access token: the client cannot log in.
    """
    operations = token_operations(document)
    responses = response_details(document)
    schemes = as_object(as_object(document.get("components")).get("securitySchemes"))
    facts: list[SchemeFact] = []
    for name, declared in _lifecycles(schemes).items():
        scheme = as_object(schemes[name])
        grants = as_object(declared.get("grants"))
        credentials = tuple(credentials_fact(grant, as_object(one), environment) for grant, one in grants.items())
        reader = LifecycleReader(operations, name)
        facts.append(
            SchemeFact(
                scheme=name,
                constant=_constant(name, taken=[fact.constant for fact in facts]),
                lifecycle=reader.lifecycle(vendor, scheme, declared, responses, credentials),
                credentials=credentials,
                description=one_line(str(scheme.get("description", ""))),
            )
        )
    return tuple(facts)


def _lifecycles(schemes: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The lifecycle of each scheme that has one, declared or default; the names of default grants are unique."""
    written = {name: as_object(as_object(scheme).get("x-token-lifecycle")) for name, scheme in schemes.items()}
    declared = {name: written[name] or _obvious(as_object(scheme)) for name, scheme in schemes.items()}
    uses = Counter(grant for lifecycle in declared.values() for grant in as_object((lifecycle or {}).get("grants")))
    found: dict[str, dict[str, Any]] = {}
    for name, lifecycle in declared.items():
        if lifecycle is not None:
            meets_another = any(uses[grant] > 1 for grant in as_object(lifecycle.get("grants")))
            found[name] = _named_after(name, lifecycle) if meets_another and not written[name] else lifecycle
    return found


def _constant(scheme: str, *, taken: Collection[Code]) -> Code:
    """An unused name in ``auth.py``."""
    constant = Code(identifier(scheme, fallback="scheme").strip("_").upper())
    while constant in _NAMES_OF_AUTH or constant in taken:
        constant = Code(f"{constant}_")
    return constant


def _named_after(scheme: str, declared: Mapping[str, Any]) -> dict[str, Any]:
    """A default lifecycle with the scheme's name as a prefix of grant and variables, which must be unique."""
    grants: dict[str, Any] = {}
    for grant, value in as_object(declared["grants"]).items():
        definitions = as_object(value["credentials"])
        credentials = {name: {**definition, "env": f"{scheme}_{name}"} for name, definition in definitions.items()}
        grants[f"{scheme}_{grant}"] = {**value, "credentials": credentials}
    return {**declared, "grants": grants}


def _obvious(scheme: Mapping[str, Any]) -> dict[str, Any] | None:
    """The default lifecycle of a scheme: the credential is the token. ``None`` for other types of schemes."""
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
