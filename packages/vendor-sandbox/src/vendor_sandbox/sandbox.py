"""The sandbox: several vendors on one clock and one port."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Self

from vendor_sandbox.clock import SandboxClock
from vendor_sandbox.control import control_application
from vendor_sandbox.document import Document, UnknownVendor, bundled_vendors, load_document
from vendor_sandbox.faults.rules import Change, FaultRule, FaultRules
from vendor_sandbox.faults.written import FaultOrder, written
from vendor_sandbox.journal import EntryType, Journal
from vendor_sandbox.json_values import JsonObject
from vendor_sandbox.server import Listener
from vendor_sandbox.vendor import Vendor

__all__ = ["Sandbox"]

MOST_RECORDS = 1000


class Sandbox:
    """Serves vendors' APIs on 127.0.0.1, each with its own state.

    Args:
        vendors: the names of the vendors; default: all that this package bundles.
        token_lifetime: seconds an access token lives, for every vendor; by default each vendor's own.
        refresh_token_lifetime: seconds a refresh token lives; by default the vendor's own.
        port: the port to listen on; 0 for any free one.
        clock: the servers' clock; by default the machine's, which ``sandbox.clock.advance`` moves.
        documents: bundled OpenAPI documents of additional vendors, by name.
        settings: token settings by vendor and name, see :class:`TokenSettings`.
        seed: seed of all synthetic data: with the same seed, the same requests get the same responses.
        faults: fault rules that are active from the start.
        keep_requests: how many of the newest requests are kept for each vendor; ``None``: all.
        show_bodies: whether the control API and the console show the bodies of requests and responses, with their
            secrets masked.
        records: minimum number of records in each list at the start, where the examples have fewer.

    Raises:
        UnknownVendor: a name is neither bundled nor in ``documents``.
        WrongFault: a rule names an unknown vendor or operation.
        WrongSetting: a setting is unknown, or its value is not allowed.
        ValueError: ``records`` is out of range.
    """

    def __init__(
        self,
        *vendors: str,
        token_lifetime: float | None = None,
        refresh_token_lifetime: float | None = None,
        port: int = 0,
        clock: SandboxClock | None = None,
        documents: Mapping[str, JsonObject] | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        seed: int = 0,
        faults: Iterable[FaultOrder] = (),
        keep_requests: int | None = None,
        records: int = 0,
        show_bodies: bool = False,
    ) -> None:
        if not 0 <= records <= MOST_RECORDS:
            raise ValueError(f"records={records}: must be from 0 to {MOST_RECORDS}")
        lifetimes = {"token_lifetime": token_lifetime, "refresh_lifetime": refresh_token_lifetime}
        for_all = {name: value for name, value in lifetimes.items() if value is not None}
        self.clock = clock if clock is not None else SandboxClock()
        given = documents or {}
        self._port = port
        self.show_bodies = show_bodies
        self._listener: Listener | None = None
        loaded = {
            name: Document(name, given[name]) if name in given else load_document(name)
            for name in vendors or (*bundled_vendors(), *given)
        }
        for name in settings or {}:
            if name not in loaded:
                raise UnknownVendor(name, loaded)
        operations = {name: [each.operation_id for each in document.operations] for name, document in loaded.items()}
        self.journal = Journal(self.clock.time)
        """The events that the control API reports; tests read each vendor's ``requests`` instead."""
        self.clock.on_change(lambda now, by: self.journal.add("clock", None, {"now": now, "by": by}, notable=True))
        self.faults = FaultRules(operations, seed=seed, changed=self._write_fault)
        """The rules of all vendors; those of one vendor are also at ``sandbox["…"].faults``."""
        for order in faults:
            order.place(self.faults)
        self.faults.remember()
        self._vendors = {
            name: Vendor(
                document,
                self.clock,
                self.faults,
                self.journal,
                keep_requests=keep_requests,
                keep_bodies=show_bodies,
                seed=seed,
                records=records,
                settings={**for_all, **(settings or {}).get(name, {})},
            )
            for name, document in loaded.items()
        }

    def __getitem__(self, vendor: str) -> Vendor:
        """A vendor of this sandbox. Raises ``UnknownVendor`` for one that it does not serve."""
        try:
            return self._vendors[vendor]
        except KeyError:
            raise UnknownVendor(vendor, self._vendors) from None

    @property
    def vendors(self) -> Mapping[str, Vendor]:
        """All vendors, by name."""
        return dict(self._vendors)

    @property
    def url(self) -> str:
        """``http://127.0.0.1:…``. Raises ``RuntimeError`` if the sandbox is not running."""
        if self._listener is None:
            raise RuntimeError("the sandbox is not running: start it first (`with Sandbox(…) as sandbox:`)")
        return self._listener.origin

    def start(self) -> Self:
        """Start listening; return when connections are accepted. Raises ``OSError`` if the port is not available."""
        if self._listener is not None:
            raise RuntimeError("the sandbox is already running")
        listener = Listener(
            tuple(self._vendors.values()), control_application(self), self._port, stopping=self.journal.release
        )
        listener.start()
        self._listener = listener
        return self

    def stop(self) -> None:
        """Stop listening and free the port; state and recorded requests stay readable. Does nothing if not running."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def reset(self, vendor: str | None = None) -> None:
        """Reset one vendor, or all of them and the clock, to their initial state; see :meth:`Vendor.reset`.

        Raises:
            UnknownVendor: the sandbox does not serve that vendor.
        """
        if vendor is not None:
            self[vendor].reset()
            return
        self.clock.reset()  # before the vendors, whose data has the time of their reset
        for each in self._vendors.values():
            each.reset()
        self.faults.restore()
        self.journal.begin_anew(None)

    def _write_fault(self, rule: FaultRule, change: Change) -> None:
        type_: EntryType = "fault_removed" if change == "removed" else "fault"
        self.journal.add(type_, rule.vendor, written(rule), notable=change != "applied")

    def wait(self) -> None:
        """Block until the server stops."""
        if self._listener is not None:
            self._listener.join()

    def __enter__(self) -> Self:
        return self if self._listener is not None else self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
