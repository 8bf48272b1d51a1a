"""Credentials classes; the only module that reads ``credentials`` of a grant.

The definitions in the lifecycle and the classes in ``auth.py`` are both made from these facts, so that they agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import frozen
from auth_core.lifecycle import CredentialDefinition

from sdkgen.code import Code, class_name, identifier, one_line
from sdkgen.facts.names import ERRORS
from sdkgen.pointers import as_object

__all__ = ["CredentialFact", "CredentialsFact", "credential_name", "credentials_fact"]


@frozen
class CredentialFact:
    """One argument of a credentials class."""

    name: Code
    environment: Code
    """``CINCHY_CLIENT_ID``."""
    required: bool
    secret: bool
    single_use: bool
    description: str

    @property
    def definition(self) -> CredentialDefinition:
        """The credential as the lifecycle defines it."""
        return CredentialDefinition(
            name=self.name,
            environment=self.environment,
            secret=self.secret,
            required=self.required,
            single_use=self.single_use,
        )


@frozen
class CredentialsFact:
    """The credentials class of one grant."""

    name: Code
    """``PasswordCredentials``."""
    grant: str
    description: str
    declared: tuple[CredentialFact, ...]
    """In the order of the spec."""

    @property
    def credentials(self) -> tuple[CredentialFact, ...]:
        """In the order of the arguments: the optional ones last."""
        return tuple(sorted(self.declared, key=lambda credential: not credential.required))


def credential_name(text: str) -> Code:
    """The argument for a credential with this name in the spec."""
    return identifier(text, fallback="credential")


def credentials_fact(grant: str, declared: Mapping[str, Any], prefix: str) -> CredentialsFact:
    """The credentials of a grant.

    Args:
        grant: The name of the grant.
        declared: The grant as declared in the lifecycle.
        prefix: The prefix of the environment variables: ``CINCHY``.
    """
    way = class_name(grant, fallback="Grant").rstrip("_")
    return CredentialsFact(
        name=Code(f"{way}GrantCredentials" if f"{way}Credentials" in ERRORS else f"{way}Credentials"),
        grant=grant,
        description=one_line(str(declared.get("description", ""))),
        declared=tuple(
            _credential(name, as_object(definition), prefix)
            for name, definition in as_object(declared.get("credentials")).items()
        ),
    )


def _credential(name: str, definition: Mapping[str, Any], prefix: str) -> CredentialFact:
    return CredentialFact(
        name=credential_name(name),
        environment=Code(f"{prefix}_{credential_name(str(definition.get('env') or name)).strip('_').upper()}"),
        required=definition.get("required", True) is True,
        secret=definition.get("secret", False) is True,
        single_use=definition.get("single_use", False) is True,
        description=one_line(str(definition.get("description", ""))),
    )
