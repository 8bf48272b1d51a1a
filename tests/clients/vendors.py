"""The five clients, as the suite sees them: one suite, run over every vendor under ``specs/``."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from auth_core import Credentials
from auth_core.lifecycle import Grant

from support.repository import Client
from vendor_sandbox import Vendor

Call = Callable[[Any], Any]


@dataclass(frozen=True)
class Subject:
    """One vendor's package, and one cheap call that needs its token (the awaited client's gives an awaitable)."""

    vendor: str
    call: Call
    knows_expiry: bool = True
    """The vendor documents an answer that means "expired"."""

    @property
    def package(self) -> ModuleType:
        """The import package."""
        return importlib.import_module(Client(self.vendor).import_name)

    @property
    def client(self) -> Callable[..., Any]:
        """The blocking client's class."""
        return getattr(self.package, self._async_name.removeprefix("Async"))  # type: ignore[no-any-return]

    @property
    def async_client(self) -> Callable[..., Any]:
        """The awaited client's class."""
        return getattr(self.package, self._async_name)  # type: ignore[no-any-return]

    @property
    def _async_name(self) -> str:
        return next(name for name in self.package.__all__ if name.startswith("Async"))

    @property
    def auth(self) -> ModuleType:
        """The package's ``auth`` module."""
        return importlib.import_module(f"{self.package.__name__}.auth")

    @property
    def grants(self) -> dict[str, Grant]:
        """Every way in, by name."""
        return {grant.name: grant for lifecycle in self.auth.LIFECYCLES.values() for grant in lifecycle.grants}

    @property
    def first_grant(self) -> Grant:
        """The grant that the suite logs in with."""
        return next(grant for grant in self.grants.values() if grant.requests)

    def credentials(self, vendor: Vendor, grant: str | None = None, **changed: object) -> Credentials:
        """Credentials that the sandbox accepts, with some of them changed."""
        wanted = grant or self.first_grant.name
        found = next(kind for kind in self.auth.CREDENTIALS if kind.grant == wanted)
        made: Credentials = found(**{**vendor.credentials[wanted], **changed})
        return made


def athena(client: Any) -> Any:
    return client.cases.list()


class _Subjects(dict[str, Subject]):
    def __missing__(self, vendor: str) -> Subject:
        message = f"the suite does not know {vendor!r} yet: give it a Subject, with one cheap call, in {__file__}"
        raise LookupError(message)


SUBJECTS = _Subjects(
    (subject.vendor, subject)
    for subject in (
        Subject("athena-cognito", athena),
        Subject("athena-crm", athena),
        Subject("cinchy", lambda client: client.queries.run("HR", "Employees")),
        Subject(
            "crmcom",
            lambda client: client.accounts_receivable.show(accounts_receivable_identifier="number=ACR0000000001"),
            knows_expiry=False,
        ),
        Subject("amino", lambda client: client.user_profiles.list(4711), knows_expiry=False),
    )
)
