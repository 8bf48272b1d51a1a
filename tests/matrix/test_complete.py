"""Nothing is left out of the matrix."""

from __future__ import annotations

from matrix.world import grant_cases
from support.repository import VENDORS


def test_every_vendor_and_every_grant_is_in_it() -> None:
    ways = grant_cases()
    assert sorted({way.vendor for way in ways}) == VENDORS
    assert len({str(way) for way in ways}) == len(ways)


def test_it_has_every_kind_of_grant() -> None:
    kinds = {(way.static, way.refreshes, way.single_use, way.knows_expiry) for way in grant_cases()}
    assert {kind[0] for kind in kinds} == {True, False}
    assert len(kinds) >= 6
