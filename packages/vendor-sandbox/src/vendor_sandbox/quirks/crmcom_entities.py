"""CRM.COM's entities: those of the examples, synthetic ones, and those that were created."""

from __future__ import annotations

import copy
import re

from attrs import frozen

from vendor_sandbox.json_values import JsonObject, object_of
from vendor_sandbox.quirks.crmcom_envelope import matches
from vendor_sandbox.synthetic import Synthetic, like

__all__ = ["Consumer", "Entities"]


SHARED = frozenset({"products", "reward_offers", "workflow_rules"})
"""Entities that belong to no customer."""


@frozen
class Consumer:
    """A consumer who has logged in: the ids of contact and account."""

    contact: str
    account: str


class Entities:
    """Entities by the path without its last part: ``accounts_receivable``, ``customer_events/purchases``.

    Attributes:
        pass_codes: pass codes of consumers' access tokens, by identifier; responses never contain one.
        consumer: the consumer whose token the current call has; ``None`` for the token of a system or a user.
    """

    def __init__(self, synthetic: Synthetic, *, standard_pass_code: str) -> None:
        self.pass_codes: dict[str, str] = {}
        self.consumer: Consumer | None = None
        self._accounts: dict[str, str] = {}
        self._synthetic = synthetic
        self._standard_pass_code = standard_pass_code
        self._of: dict[str, list[JsonObject]] = {}

    def __contains__(self, entity: str) -> bool:
        return entity in self._of

    def __getitem__(self, entity: str) -> list[JsonObject]:
        """The entities that the current call can access."""
        return [item for item in self._of[entity] if self._is_reached(entity, item)]

    def add(self, entity: str, item: JsonObject, account: JsonObject | None) -> None:
        """Add a new entity. It belongs to the given account, or to the consumer who created it, or to no customer."""
        creator = "" if self.consumer is None else self.consumer.account
        self._accounts[item["id"]] = creator if account is None else account["id"]
        self._of[entity].append(item)

    def open(self, entity: str) -> None:
        """Register a kind of entity, which may have no entities yet."""
        self._of.setdefault(entity, [])

    def add_example(self, entity: str, data: JsonObject) -> None:
        """Add an entity, or add members to an existing one."""
        self.open(entity)
        for item in self._of[entity]:
            if item["id"] == data["id"]:
                item.update({name: copy.deepcopy(data[name]) for name in data.keys() - item.keys()})
                return
        self._of[entity].append(copy.deepcopy(data))

    def fill(self) -> None:
        """Add synthetic entities up to the configured number for each state, since some lists show only one state."""
        for entity, items in self._of.items():
            alike: dict[object, list[JsonObject]] = {}
            for item in items:
                alike.setdefault(item.get("life_cycle_state"), []).append(item)
            for state, present in alike.items():
                for number in range(len(present), self._synthetic.records):
                    identifier = self._synthetic.key(f"{entity}/{state}#{number}").hex.upper()
                    item = {**like(present[0], number), "id": identifier}
                    if "number" in item:
                        item["number"] = self.next_number(entity) or item["number"]
                    items.append(item)

    def find(self, entity: str, identifier: object) -> JsonObject | None:
        """The entity that an identifier selects; ``None`` for a consumer's access token with a wrong pass code."""
        if entity == "access_tokens":
            login = object_of(identifier)
            identifier = {name: value for name, value in login.items() if name != "pass_code"}
            code = self.pass_codes.get(str(login.get("identifier")), self._standard_pass_code)
            if login.get("pass_code", code) != code:
                return None
        if entity not in self:
            return None
        return next((item for item in self[entity] if matches(item, identifier)), None)

    def _is_reached(self, entity: str, item: JsonObject) -> bool:
        """Whether the current call can access an entity: a consumer's token is limited to its own and shared ones."""
        if self.consumer is None or "/configuration" in entity or entity in SHARED:
            return True
        if entity == "accounts_receivable":
            return bool(item["id"] == self.consumer.account)
        if entity == "contact_information":
            return bool(item["id"] == self.consumer.contact)
        if entity == "accounts_receivable/suspense_account" or item.get("life_cycle_state") == "NOT_EFFECTIVE":
            return False
        contact = object_of(item.get("contact_information")).get("id", self.consumer.contact)
        account = object_of(item.get("accounts_receivable")).get("id", self.consumer.account)
        return bool(
            self._accounts.get(item["id"], account) == self.consumer.account and contact == self.consumer.contact
        )

    def next_id(self, entity: str) -> str:
        """The id of a new entity."""
        return self._synthetic.key(f"{entity}#{len(self._of[entity])}").hex.upper()

    def next_number(self, entity: str) -> str | None:
        """The number after the last one: ``ACR0000000002`` after ``ACR0000000001``; ``None`` where none has one."""
        numbers = [str(item["number"]) for item in self._of[entity] if "number" in item]
        parts = re.fullmatch(r"(\D*)(\d+)", max(numbers)) if numbers else None
        return None if parts is None else f"{parts[1]}{int(parts[2]) + 1:0{len(parts[2])}}"
