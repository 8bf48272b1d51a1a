"""Amino's licenses: operators see what users buy; the licenses of the legacy API are separate.

- A repeated purchase with the same idempotency key gets the same response and happens once (documented). It begins now
  and lasts as long as the one of the examples; ``end_date`` for users is ``stop_date`` for operators (documented).
- The legacy API identifies users by e-mail address; their relation to the users of version 4 is not documented, so
  they are separate here. The user of the examples has the licenses of the examples; a new user and a deleted user have
  none (assumed). A taken address is 1412, a taken ``cid`` 1413 (documented; the status 400 is assumed).
"""

from __future__ import annotations

import copy

from vendor_sandbox.json_values import JsonObject, array_of, at, object_of
from vendor_sandbox.messages import Response, json_response
from vendor_sandbox.paging import page_of
from vendor_sandbox.quirks.amino_documents import document, error, related, resources_of
from vendor_sandbox.quirks.base import Backend, Call, Quirks, handles
from vendor_sandbox.resources import Collection, Resources, Role
from vendor_sandbox.synthetic import like

__all__ = ["AminoLicenses"]

LICENSES = "/api/license/management/v4/licenses"
LEGACY_LICENSES = "/api/user/{email}/license"
ON_A_PAGE = "/license/licenseList/licenses"


class AminoLicenses(Quirks):
    """See the module."""

    resources: Resources

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.purchases: dict[tuple[str, str], Response] = {}
        """Responses by user and idempotency key."""
        self.legacy_users: dict[str, object] = {}
        """The ``cid`` of the users that were created, by e-mail address."""
        self.legacy_licenses = self._legacy_licenses_of_examples()
        """By e-mail address."""

    # --- as operators see them

    @handles("GET", "/api/license/management/v4/users/{user_id}/licenses")
    def list_licenses_of_user(self, call: Call) -> Response:
        """The licenses that are related to the user."""
        user = str(call.parameters["user_id"])
        return document([one for one in self._licenses.list({}) if related(one, "user") == user])

    @handles("POST", f"{LICENSES}/batch_create")
    def create_licenses(self, call: Call) -> Response:
        """All that the body has in ``data``."""
        role = Role("create", self._licenses)
        return document([self.resources.create(role, call.operation, {}, one) for one in resources_of(call.body)])

    @handles("POST", f"{LICENSES}/batch_delete")
    def delete_licenses(self, call: Call) -> Response:
        """All that the body has in ``data``."""
        for one in resources_of(call.body):
            self._licenses.remove({"license_id": one.get("id")})
        return Response(200)

    # --- as users buy them

    @handles("POST", "/api/license/v4/users/{user_id}/licenses")
    def purchase_license(self, call: Call) -> Response:
        """One purchase for each idempotency key."""
        purchase = str(call.parameters["user_id"]), str(call.parameters["Idempotency-Key"])
        if purchase not in self.purchases:
            self.purchases[purchase] = self._bought(call)
        return self.purchases[purchase]

    def _bought(self, call: Call) -> Response:
        media = call.operation.success_media
        example = object_of(array_of(object_of(media.examples[0])["data"])[0]) if media is not None else {}
        product = str(object_of(call.body).get("product_id", related(example, "product")))
        relationships = {"product": {"data": {"type": "Product", "id": product}}}
        start = int(self.clock.wall())
        end = start + int(example["attributes"]["end_date"]) - int(example["attributes"]["start_date"])
        identifier = str(self._licenses.next_key())
        user = {"user": {"data": {"type": "User", "id": str(call.parameters["user_id"])}}}
        stored = {"status": "ACTIVE", "start_date": start, "stop_date": end}
        license_ = {"type": "License", "id": identifier, "attributes": stored, "relationships": user | relationships}
        self._licenses.put({}, identifier, license_)
        seen = {"status": "ACTIVE", "start_date": start, "end_date": end}
        return document([{"type": "License", "id": identifier, "attributes": seen, "relationships": relationships}])

    # --- legacy

    @handles("POST", "/api/management/user")
    def create_legacy_user(self, call: Call) -> Response:
        """Create a user; the address and the ``cid`` must not be taken."""
        email, cid = str(call.parameters["email"]), call.parameters["cid"]
        if email in self.legacy_users:
            return error(400, "1412", "The e-mail address is taken.")
        if cid in self.legacy_users.values():
            return error(400, "1413", "The cid is taken.")
        self.legacy_users[email] = cid
        self.legacy_licenses.setdefault(email, [])
        return Response(call.operation.success_status)

    @handles("DELETE", "/api/management/user")
    def delete_legacy_user(self, call: Call) -> Response:
        """Delete a user with the licenses."""
        email = str(call.parameters["email"])
        self.legacy_users.pop(email, None)
        self.legacy_licenses.pop(email, None)
        return Response(call.operation.success_status)

    @handles("GET", LEGACY_LICENSES)
    def list_legacy_licenses(self, call: Call) -> Response:
        """A page of the user's licenses."""
        media = call.operation.success_media
        whole = copy.deepcopy(object_of(media.examples[0])) if media is not None else {}
        licenses = self.legacy_licenses.get(str(call.parameters["email"]), [])
        object_of(at(whole, ON_A_PAGE.rpartition("/")[0]))["licenses"] = licenses
        return json_response(200, page_of(call.operation.pagination, whole, call.parameters, call.body))

    def _legacy_licenses_of_examples(self) -> dict[str, list[JsonObject]]:
        operation = self.document.operation("listLegacyLicenses")
        email = next(str(each.examples[0]) for each in operation.parameters if each.name == "email")
        media = operation.success_media
        licenses: list[JsonObject] = copy.deepcopy(array_of(at(media.examples[0], ON_A_PAGE))) if media else []
        for number in range(len(licenses), self.backend.synthetic.records):
            licenses.append({**like(licenses[0], number), "id": str(number + 1)})
        return {email: licenses}

    @property
    def _licenses(self) -> Collection:
        return self.resources.collection(LICENSES)
