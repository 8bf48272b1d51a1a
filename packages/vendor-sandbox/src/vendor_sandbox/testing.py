"""One vendor's server for a test, with a client for it."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Generator, Mapping
from types import ModuleType
from typing import Any

from auth_core.store import MemoryStore, RefusalBook

from vendor_sandbox.clock import SandboxClock, VendorClock
from vendor_sandbox.faults import Faults
from vendor_sandbox.recording import RecordedRequest
from vendor_sandbox.sandbox import Sandbox
from vendor_sandbox.settings import TokenSettings
from vendor_sandbox.vendor import Vendor

__all__ = ["ClientNotInstalled", "VendorSandbox", "vendor_sandbox"]


class ClientNotInstalled(ImportError):
    """Raised when a test requests the client of a vendor and the client's package is not installed."""

    def __init__(self, vendor: str) -> None:
        super().__init__(
            f"the sandbox of {vendor} runs, but its client is not installed: install {vendor}-client, "
            "or use .url, .servers and .credentials with a client of your own"
        )


class VendorSandbox:
    """The value of a fixture like ``cinchy_sandbox``."""

    def __init__(self, sandbox: Sandbox, vendor: Vendor, closing: contextlib.ExitStack) -> None:
        self.sandbox = sandbox
        self.vendor = vendor
        """The full API of the vendor: ``token_requests``, ``refused``, ``expire_tokens()`` …"""
        self._closing = closing
        self._refusals = RefusalBook()

    @property
    def url(self) -> str:
        """The URL of the sandbox, ``http://127.0.0.1:…``; the vendor's own URLs are in :attr:`servers`."""
        return self.sandbox.url

    @property
    def servers(self) -> dict[str, Any]:
        """The vendor's URLs, as keyword arguments of its client."""
        return self.vendor.servers

    @property
    def credentials(self) -> dict[str, dict[str, str]]:
        """Working credentials by grant."""
        return self.vendor.credentials

    @property
    def environment(self) -> dict[str, str]:
        """The environment variables that a client without arguments reads."""
        return self.vendor.environment

    @property
    def requests(self) -> tuple[RecordedRequest, ...]:
        """Every request of this test so far, in the order of arrival."""
        return self.vendor.requests

    @property
    def faults(self) -> Faults:
        """The faults of this vendor."""
        return self.vendor.faults

    @property
    def clock(self) -> SandboxClock:
        """The clock of the server and of the clients created here; ``advance(seconds)`` moves it."""
        return self.sandbox.clock

    @property
    def settings(self) -> TokenSettings:
        """The vendor's token settings; :meth:`configure` changes them."""
        return self.vendor.settings

    def configure(self, /, **changes: Any) -> TokenSettings:
        """Change settings by name, with effect from now on. Raises ``WrongSetting``."""
        return self.vendor.configure(**changes)

    def client(self, grant: str | None = None, **arguments: Any) -> Any:
        """Create a sync client of this server that shares its clock; closed at the end of the test.

        Refused logins are recorded for the clients of this test only: a later server may get the same port.

        Args:
            grant: the grant, one of :attr:`credentials`; default: the vendor's first.
            arguments: arguments of the client's class, which override those filled in here.

        Raises:
            ClientNotInstalled: the vendor's client is not installed.
            ValueError: the vendor has no such grant.
        """
        return self._closing.enter_context(self._new("", grant, arguments))

    def async_client(self, grant: str | None = None, **arguments: Any) -> Any:
        """Create an async client. Close it yourself, with ``async with`` or ``await client.aclose()``."""
        return self._new("Async", grant, arguments)

    def _new(self, prefix: str, grant: str | None, arguments: Mapping[str, Any]) -> Any:
        package = self._package()
        name = next(name for name in package.__all__ if name.startswith("Async")).removeprefix("Async")
        store = MemoryStore(refusals=self._refusals)
        wired: dict[str, Any] = {**self.servers, "clock": VendorClock(self.clock), "token_store": store, **arguments}
        if "credentials" not in wired:
            wired["credentials"] = self._credentials(package, grant)
        return getattr(package, f"{prefix}{name}")(**wired)

    def _credentials(self, package: ModuleType, grant: str | None) -> Any:
        known = self.credentials
        if grant is None:
            grant = next(iter(known))
        if grant not in known:
            raise ValueError(f"{self.vendor.name} has no grant {grant!r}; it has {', '.join(known)}")
        kinds = importlib.import_module(f"{package.__name__}.auth").CREDENTIALS
        return next(kind for kind in kinds if kind.grant == grant)(**known[grant])

    def _package(self) -> ModuleType:
        name = f"{self.vendor.name.replace('-', '_')}_client"
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name:
                raise
            raise ClientNotInstalled(self.vendor.name) from None


@contextlib.contextmanager
def vendor_sandbox(vendor: str, **settings: Any) -> Generator[VendorSandbox]:
    """Serve one vendor inside the block.

    Args:
        vendor: the name of the vendor.
        settings: arguments of :class:`~vendor_sandbox.Sandbox`.
    """
    with Sandbox(vendor, **settings) as sandbox, contextlib.ExitStack() as closing:
        yield VendorSandbox(sandbox, sandbox[vendor], closing)
