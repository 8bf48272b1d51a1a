"""A program that was written for crmcom-client 0.1."""

from __future__ import annotations

import datetime

from crmcom_client import UNSET, ApiError, AsyncCrmCom, CrmCom, ServerError, WebApiKeyCredentials
from crmcom_client.models import ContactInformation, ContactType, Purchase, PurchasedProductInput


def client() -> CrmCom:
    return CrmCom(base_url="https://crm.example", credentials=WebApiKeyCredentials(key="key"))


def name_of(contact: ContactInformation) -> str:
    level = contact.privacy_level
    parts = (contact.title, contact.first_name, contact.last_name, level.name if level else None)
    return " ".join(part for part in parts if part)


def contact(crmcom: CrmCom) -> ContactInformation:
    crmcom.contact_information.create(type_=ContactType.PERSON, first_name="Ada", last_name="Example")
    found = crmcom.contact_information.show(contact_information_identifier="number=CI1")
    changed = found.replace(first_name=None)
    changed.last_name = UNSET
    return changed if found.is_set("notes") else ContactInformation.from_dict(changed.to_dict(exclude_unset=True))


def buy(crmcom: CrmCom, receipt: str) -> Purchase | None:
    product = PurchasedProductInput(net_amount=10, vat_amount=1.9, total_amount=11.9)
    try:
        return crmcom.purchases.create(
            accounts_receivable_identifier={"number": "ACR0000000001"},
            performed_on=datetime.datetime(2026, 3, 2, 12),
            reference_number=receipt,
            products_set=[product, {"net_amount": 1, "vat_amount": 0, "total_amount": 1}],
            total_timeout=10,
        )
    except ServerError as error:
        print(error.attempts, error.elapsed_seconds)
    except ApiError as error:
        print(error.status_code, error.code, error.message)
    return None


def total(crmcom: CrmCom) -> float:
    purchases = crmcom.purchases.list(accounts_receivable_identifier={"number": "ACR0000000001"}, number_of_results=10)
    return sum(purchase.total_amount or 0 for purchase in purchases)


async def day_of(receipt: str) -> str | None:
    async with AsyncCrmCom() as crmcom:
        async for purchase in crmcom.purchases.list(accounts_receivable_identifier={"number": "ACR0000000001"}):
            made = purchase.performed_on
            if purchase.reference_number == receipt and isinstance(made, datetime.datetime):
                return made.date().isoformat()
    return None
