"""Names of environment variables that stand for secrets in copied commands and programs."""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import field, frozen

from vendor_sandbox.client_calls import client_calls_of
from vendor_sandbox.control.masking import Masking
from vendor_sandbox.vendor import Vendor

__all__ = ["SecretNames", "Variable"]


@frozen
class Variable:
    """An environment variable, in place of a secret."""

    name: str


@frozen
class SecretNames:
    """Finds the secrets of one vendor's requests and names a variable for each."""

    vendor: str
    masking: Masking
    prefix: str
    """Of environment variables: ``CINCHY``."""
    token_command: str | None
    """The client's command, whose ``token`` prints an access token."""
    _by_value: Mapping[str, str] = field(repr=False)
    """The client's own variables, by the value that the sandbox accepts."""

    @classmethod
    def of(cls, vendor: Vendor, masking: Masking) -> SecretNames:
        """For one vendor."""
        by_value = {
            value: name
            for grant in reversed(vendor.credentials)
            for name, value in vendor.environment_for(grant).items()
        }
        calls = client_calls_of(vendor.name)
        prefix = calls.environment if calls is not None else vendor.name.replace("-", "_").upper()
        return cls(vendor.name, masking, prefix, calls.command if calls is not None else None, by_value)

    def text_or_variable(self, name: str, value: str) -> str | Variable:
        """The value itself, or the variable for it if it is or may be a secret."""
        secret = value != "" and self.masking.is_secret(self.vendor, name, value)
        return self.variable(name, value) if secret else value

    def json_or_variables(self, value: object, name: str = "") -> object:
        """A JSON value with a :class:`Variable` for each secret."""
        return self.masking.replaced(self.vendor, value, self.variable, name)

    @property
    def access_token(self) -> str:
        """The variable of an access token."""
        return f"{self.prefix}_ACCESS_TOKEN"

    def variable(self, name: str, value: str = "") -> Variable:
        """The client's variable for one of its credentials, else one that is named after the secret."""
        words = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")[:40]
        if words in ("", "AUTHORIZATION", "TOKEN"):
            return Variable(self._by_value.get(value) or self.access_token)
        return Variable(self._by_value.get(value) or f"{self.prefix}_{words}")
