"""Find each vendor's client by the vendor's name, with calls of it, for the demonstration and the tests.

The vendors are the folders of ``specs/``. Classes, grants and methods are found in the generated package; the calls are
declared in ``specs/<vendor>/demo.yaml``. For a vendor without that file, a method without required arguments is called.
"""

from __future__ import annotations

import importlib
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from auth_core import Credentials
from auth_core.lifecycle import Grant, ResponseCondition, TokenLifecycle

from sdkgen.companions import read_companion
from sdkgen.facts.lifecycle import response_conditions
from vendor_sandbox import Vendor

__all__ = ["Call", "Method", "Subject", "vendor_names"]

ROOT = Path(__file__).resolve().parent.parent
DEMO = "demo.yaml"


def vendor_names(root: Path = ROOT) -> list[str]:
    """The folders of ``specs/`` with a spec, sorted."""
    return sorted(path.parent.name for path in root.glob("specs/*/openapi.yaml"))


@dataclass(frozen=True)
class Call:
    """A call declared in a ``demo.yaml``; with the async client it returns an awaitable."""

    method: str
    """``queries.run``."""
    arguments: Mapping[str, Any] = field(default_factory=dict[str, Any])
    grant: str | None = None
    """The grant it requires, where that is not the first one."""

    def __call__(self, client: Any) -> Any:
        resource, _, name = self.method.partition(".")
        function: Callable[..., Any] = getattr(getattr(client, resource), name)
        hints = typing.get_type_hints(function)
        return function(**{name: _argument(value, hints.get(name)) for name, value in self.arguments.items()})


def _argument(value: object, annotation: object) -> object:
    """The value, converted to a model where the method takes one."""
    kinds = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    models: list[Any] = [kind for kind in kinds if hasattr(kind, "from_dict")]
    return models[0].from_dict(value) if models and isinstance(value, dict) else value


@dataclass(frozen=True)
class Method:
    """One method of one resource."""

    vendor: str
    resource: str
    name: str
    operation: Any
    """The package's ``Operation``: path, security and so on."""
    function: Callable[..., Any]
    """The method of the sync resource class."""

    @property
    def operation_id(self) -> str:
        return str(self.operation.operation_id)

    @property
    def is_anonymous(self) -> bool:
        """Whether it can be called without credentials."""
        return not self.operation.security or () in self.operation.security

    @property
    def required(self) -> list[str]:
        """The arguments without a default."""
        parameters = list(inspect.signature(self.function).parameters.values())[1:]
        return [
            parameter.name
            for parameter in parameters
            if parameter.default is inspect.Parameter.empty and parameter.kind is not inspect.Parameter.VAR_KEYWORD
        ]

    def __str__(self) -> str:
        return f"{self.vendor}:{self.resource}.{self.name}"

    def of(self, client: Any, *, raw: bool = False) -> Callable[..., Any]:
        """The bound method of a client."""
        resource = getattr(client, self.resource)
        return getattr(resource.with_raw_response if raw else resource, self.name)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Subject:
    """One vendor's package, and calls that its sandbox serves."""

    vendor: str
    calls: Sequence[Call] = ()
    """The calls in its ``demo.yaml``."""
    expired: Sequence[ResponseCondition] = ()
    """The sandbox's response to an expired token, where the vendor documents none."""

    @classmethod
    def read(cls, vendor: str, root: Path = ROOT) -> Subject:
        """The vendor with its ``demo.yaml``, if it has one. Raises ProblemsFound for an invalid file."""
        file = read_companion(root / "specs" / vendor / "openapi.yaml", DEMO, root=root)
        declared: dict[str, Any] = {} if file is None else file.document
        calls = tuple(Call(**call) for call in declared.get("calls", []))
        return cls(vendor, calls, response_conditions(declared.get("expired")))

    @property
    def package(self) -> ModuleType:
        """The import package."""
        return importlib.import_module(f"{self.vendor.replace('-', '_')}_client")

    @property
    def client(self) -> Callable[..., Any]:
        """The sync client's class."""
        return getattr(self.package, self._async_name.removeprefix("Async"))  # type: ignore[no-any-return]

    @property
    def async_client(self) -> Callable[..., Any]:
        """The async client's class."""
        return getattr(self.package, self._async_name)  # type: ignore[no-any-return]

    @property
    def _async_name(self) -> str:
        exported: list[str] = self.package.__all__
        return next(name for name in exported if name.startswith("Async"))

    @property
    def auth(self) -> ModuleType:
        """The package's ``auth`` module."""
        return importlib.import_module(f"{self.package.__name__}.auth")

    @property
    def environment(self) -> str:
        """How the names of its environment variables begin."""
        return str(importlib.import_module(f"{self.package.__name__}.client").API.environment)

    @property
    def grants(self) -> dict[str, Grant]:
        """Every grant, by name."""
        return {grant.name: grant for lifecycle in self.auth.LIFECYCLES.values() for grant in lifecycle.grants}

    @property
    def lifecycle(self) -> TokenLifecycle:
        """The lifecycle that requests its tokens; where there is none, the first."""
        lifecycles: list[TokenLifecycle] = list(self.auth.LIFECYCLES.values())
        return max(lifecycles, key=lambda lifecycle: any(grant.requests for grant in lifecycle.grants))

    @property
    def first_grant(self) -> Grant:
        """The grant to log in with."""
        return max(self.lifecycle.grants, key=lambda grant: bool(grant.requests))

    @property
    def knows_expiry(self) -> bool:
        """Whether the vendor documents a response that means "expired"."""
        return bool(self.lifecycle.expired)

    def credentials(self, vendor: Vendor, grant: str | None = None, **changed: object) -> Credentials:
        """Credentials that the sandbox's ``Vendor`` accepts, with some of them changed."""
        name = grant or self.first_grant.name
        credentials_class = next(kind for kind in self.auth.CREDENTIALS if kind.grant == name)
        credentials: Credentials = credentials_class(**{**vendor.credentials[name], **changed})
        return credentials

    def has_account(self, vendor: Vendor) -> bool:
        """Whether the sandbox's ``Vendor`` has an account to log in with; without a sandbox module it has none."""
        required = {credential.name for credential in self.first_grant.credentials if credential.required}
        return required <= set(vendor.credentials.get(self.first_grant.name, {}))

    def calls_for(self, grant: str | None = None) -> list[Call]:
        """The calls for this grant, or the calls without a grant where it has none.

        Raises:
            LookupError: There is no ``demo.yaml``, and every method has required arguments.
        """
        own = [call for call in self.calls if grant is not None and call.grant == grant]
        return own or [call for call in self.calls if call.grant is None] or [self._plainest_call]

    @property
    def call(self) -> Call:
        """One cheap call that needs a token of the first grant."""
        return self.calls_for()[0]

    @property
    def _plainest_call(self) -> Call:
        scheme = self.lifecycle.scheme
        for method in self.methods():
            needs_token = not method.is_anonymous and any(scheme in one for one in method.operation.security)
            if method.operation.method == "GET" and needs_token and not method.required:
                return Call(f"{method.resource}.{method.name}")
        message = (
            f"{self.vendor} has no GET method that needs a token and has no required arguments. "
            f"Declare a call in specs/{self.vendor}/{DEMO}."
        )
        raise LookupError(message)

    def methods(self) -> list[Method]:
        """One method of each operation, from the client's class: of a table, the one that returns a single page; none
        that reads the response as it arrives."""
        found: dict[str, Method] = {}
        client: Any = inspect.unwrap(self.client)
        for attribute in dir(client):
            if not isinstance(inspect.getattr_static(client, attribute), property):
                continue
            module = importlib.import_module(f"{self.package.__name__}.resources.{attribute}")
            resource = next(
                entry
                for name, entry in vars(module).items()
                if inspect.isclass(entry) and entry.__module__ == module.__name__ and not name.startswith("Async")
            )
            for name, function in inspect.getmembers(resource, inspect.isfunction):
                names = inspect.unwrap(function).__code__.co_names
                if not name.startswith("_") and "STREAM" not in names:
                    builder = next(n for n in names if n.startswith("_") and n != "_sender")
                    method = Method(self.vendor, attribute, name, getattr(module, builder).OPERATION, function)
                    found.setdefault(method.operation_id, method)
        return list(found.values())
