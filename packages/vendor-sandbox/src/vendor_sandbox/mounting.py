"""Find the vendor and server of a path, also where servers are nested or share a path."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from vendor_sandbox.routing import Match
from vendor_sandbox.vendor import Vendor

__all__ = ["Destination", "Mounts"]


@frozen
class Destination:
    """A vendor's server, and the operation of a path below it."""

    vendor: Vendor
    prefix: str
    path: str
    """Below the prefix, percent-encoded."""
    match: Match | None


class Mounts:
    """The servers of all vendors.

    Among the servers whose prefix matches a path, the longest prefix with a matching operation wins; then the longest
    that has the path with another method; then the longest. Ties go to the vendor that was named first.
    """

    def __init__(self, vendors: Sequence[Vendor]) -> None:
        places = [(prefix, vendor) for vendor in vendors for prefix in dict.fromkeys(vendor.prefixes.values())]
        self._places = sorted(places, key=lambda place: len(place[0]), reverse=True)

    def find(self, method: str, path: str) -> Destination | None:
        """The server and operation of a path that is still percent-encoded; ``None`` if no server matches."""
        found = [
            Destination(vendor, prefix, below, vendor.match(prefix, method, below))
            for prefix, vendor in self._places
            if (below := path.removeprefix(prefix)) != path or not prefix
            if not below or below.startswith("/")
        ]
        return max(found, key=_closeness, default=None)


def _closeness(destination: Destination) -> int:
    match = destination.match
    return 0 if match is None else 1 if match.operation is None else 2
