"""Record a purchase in CRM.COM once, also while the server is overloaded.

    python examples/crmcom_purchase.py ACR0000000001 RECEIPT-2 --net 10 --vat 1.9 --within 30

The server and the credentials are read from the environment (``CRMCOM_…``).

CRM.COM documents no idempotency key, so the client does not repeat a purchase that the server may have processed. This
program decides by the number of the receipt: before each attempt it looks whether the purchase is there already.
Two runs at the same moment with one receipt would both find nothing; run one at a time.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
import traceback

from crmcom_client import CrmCom, CrmComError, ServerError, TransportError
from crmcom_client.models import Purchase

PAUSE_SECONDS = 0.5


class Deadline:
    """The seconds that all calls together may take."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return max(self._end - time.monotonic(), 0.001)

    def allows(self, pause: float) -> bool:
        return self.seconds_left > pause


def find_purchase(crmcom: CrmCom, account: str, receipt: str, deadline: Deadline) -> Purchase | None:
    """Return the purchase with this receipt, if the account has one. The client repeats this call by itself."""
    purchases = crmcom.purchases.list(
        accounts_receivable_identifier={"number": account}, total_timeout=deadline.seconds_left
    )
    return next((purchase for purchase in purchases if purchase.reference_number == receipt), None)


def record_purchase(
    crmcom: CrmCom, account: str, receipt: str, *, net: float, vat: float, deadline: Deadline
) -> Purchase:
    """Record the purchase unless it is there already.

    Raises:
        CrmComError: CRM.COM refused it, or the time was not enough.
    """
    performed_on = datetime.datetime.now()
    while True:
        try:
            return find_purchase(crmcom, account, receipt, deadline) or crmcom.purchases.create(
                accounts_receivable_identifier={"number": account},
                performed_on=performed_on,
                reference_number=receipt,
                products_set=[{"net_amount": net, "vat_amount": vat, "total_amount": round(net + vat, 2)}],
                total_timeout=deadline.seconds_left,
            )
        except (ServerError, TransportError):
            if not deadline.allows(PAUSE_SECONDS):
                raise
            time.sleep(PAUSE_SECONDS)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Record a purchase once.")
    parser.add_argument("account", help="number of the account")
    parser.add_argument("receipt", help="number of the receipt, unique for each purchase")
    parser.add_argument("--net", type=float, required=True)
    parser.add_argument("--vat", type=float, required=True)
    parser.add_argument("--within", type=float, default=30, metavar="SECONDS", help="for all attempts together")
    options = parser.parse_args(arguments)
    deadline = Deadline(options.within)
    try:
        with CrmCom() as crmcom:
            purchase = record_purchase(
                crmcom, options.account, options.receipt, net=options.net, vat=options.vat, deadline=deadline
            )
    except CrmComError as error:
        print(*traceback.format_exception_only(error), sep="", end="", file=sys.stderr)  # with its notes
        return 1
    print(f"purchase {purchase.number}, receipt {options.receipt}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
