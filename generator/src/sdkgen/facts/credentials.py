"""What a user gives to log in: the one place that reads ``credentials`` of a grant.

The lifecycle takes its definitions from here, and ``auth.py`` its classes, so that neither can have what the other
has not.
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
        """As the lifecycle has it."""
        return CredentialDefinition(
            name=self.name,
            environment=self.environment,
            secret=self.secret,
            required=self.required,
            single_use=self.single_use,
        )


@frozen
class CredentialsFact:
    """One credentials class: one grant."""

    name: Code
    """``PasswordCredentials``."""
    grant: str
    description: str
    declared: tuple[CredentialFact, ...]
    """In the order of the spec."""

    @property
    def credentials(self) -> tuple[CredentialFact, ...]:
        """As arguments: those that may be left out come last."""
        return tuple(sorted(self.declared, key=lambda credential: not credential.required))


def credential_name(text: str) -> Code:
    """The argument of a credential that the spec calls so."""
    return identifier(text, fallback="credential")


def credentials_fact(grant: str, declared: Mapping[str, Any], prefix: str) -> CredentialsFact:
    """The credentials of a grant.

    Args:
        grant: Its name.
        declared: The member of ``grants``.
        prefix: Of the environment variables: ``CINCHY``.
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
