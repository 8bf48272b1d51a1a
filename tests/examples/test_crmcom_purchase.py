"""A purchase that happens once, through 503s and lost responses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import crmcom_purchase
from vendor_sandbox.faults import ErrorStatus, Fault, ResetConnection
from vendor_sandbox.testing import VendorSandbox

ACCOUNT = "ACR0000000001"


@pytest.fixture
def buy(crmcom_sandbox: VendorSandbox, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Run the program; the number of its purchases is in the sandbox."""
    for name, value in crmcom_sandbox.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(crmcom_purchase, "PAUSE_SECONDS", 0.01)

    def run(*, within: float = 30) -> int:
        given = [ACCOUNT, "RECEIPT-2", "--net", "10", "--vat", "1.9", "--within", str(within)]
        return crmcom_purchase.main(given)

    return run


def purchases(sandbox: VendorSandbox) -> int:
    sandbox.faults.clear()
    listed = sandbox.client().purchases.list(accounts_receivable_identifier={"number": ACCOUNT})
    return sum(purchase.reference_number == "RECEIPT-2" for purchase in listed)


@pytest.mark.parametrize(
    ("fault", "sent"),
    [(ErrorStatus(503), 3), (ResetConnection(processed=False), 3), (ResetConnection(processed=True), 1)],
    ids=["503", "reset before", "reset after"],
)
def test_a_purchase_happens_once(
    crmcom_sandbox: VendorSandbox, buy: Callable[..., int], fault: Fault, sent: int
) -> None:
    crmcom_sandbox.faults.add(fault, operation="createPurchase", times=2)
    crmcom_sandbox.faults.add(ErrorStatus(503), operation="listPurchases", every=2)  # reading is repeated by the client
    assert buy() == 0
    assert buy() == 0  # the same receipt: nothing more is bought
    assert purchases(crmcom_sandbox) == 1
    assert sum(one.operation_id == "createPurchase" for one in crmcom_sandbox.requests) == sent


def test_the_total_timeout_ends_the_attempts(
    crmcom_sandbox: VendorSandbox, buy: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    crmcom_sandbox.faults.add(ErrorStatus(503), operation="createPurchase", times=None)
    assert buy(within=0.5) == 1
    assert capsys.readouterr().err.startswith(("crmcom_client.errors.ServerError", "crmcom_client.errors.Transport"))
    assert purchases(crmcom_sandbox) == 0
