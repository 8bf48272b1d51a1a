"""A program that reads and changes models of all clients; type checkers have nothing to say about it."""

from __future__ import annotations

import csv
from typing import TextIO

from amino_client.models import Program
from athena_cognito_client.models import Case as CognitoCase
from athena_crm_client.models import Case
from cinchy_client.models import QueryResult
from crmcom_client import UNSET
from crmcom_client.models import ContactInformation


def name_of(contact: ContactInformation) -> str:
    level = contact.privacy_level
    parts = (contact.title, contact.first_name, contact.last_name, level.name if level else None)
    return " ".join(part for part in parts if part)


def oldest(cases: list[Case], others: list[CognitoCase]) -> int:
    return max([case.ageing or 0 for case in cases] + [case.ageing or 0 for case in others], default=0)


def columns(result: QueryResult) -> list[str]:
    return [column.column_name for column in result.schema or ()]


def attributes(program: Program) -> list[str]:
    return sorted(program.attributes or ())


def anonymous(contact: ContactInformation) -> ContactInformation:
    changed = contact.replace(first_name=None)
    changed.last_name = UNSET
    del changed.title
    return changed if contact.is_set("notes") else ContactInformation(number=contact.number, name=UNSET)


def write(contacts: list[ContactInformation], file: TextIO) -> None:
    rows = [contact.to_dict() for contact in contacts]
    csv.DictWriter(file, rows[0]).writerows(rows)
