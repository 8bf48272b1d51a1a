"""Amino: JSON:API documents, tokens with an expiry time in epoch seconds, and an API key.

Facts that no OpenAPI document states:

- Logins and renewals use one endpoint and differ by ``grant_type``; ``credentials`` contains the device's JWT or the
  other service's token (documented). The body is JSON, with the names ``username``, ``password`` and ``refresh_token``
  of RFC 6749 (assumed). ``device_code`` is not documented and not offered.
- A token's expiry time is ``expires_at_timestamp``, in epoch seconds; the claims of the JWT are not used:
  ``profile_id`` is the same id twice (documented sample). HS256; 7 days, and 98 days for refresh tokens (samples).
- A renewal requires the refresh token of the previous response (documented). A used one is refused (assumed). Access
  tokens cannot be revoked; they only expire (documented). The refresh token of the sandbox's account, for clients that
  start from one, can be used any number of times.
- A device JWT is RS256, ten minutes valid, with ``iss`` ``EntoneAPI`` (documented).
- ``Authorization: Bearer`` for users, ``Authorization: Apikey`` for the Streams API and the back office (documented).
- Documents of the back office have their resources in ``data``, a list; ``meta`` contains a password and is never
  returned; the creation of a device returns 201 (documented for devices, assumed for the others). A new user is
  ``UNREGISTERED`` (documented).
- The paths of single devices have no ``devices/`` (documented).
- Legacy logins respond with pairs of token and expiry time (documented for the exchange of cookies, assumed for the
  others; any credential is accepted).
- The one published error is a bare object with ``details``: all errors have its form here. A bad token is 401
  (assumed).
- Play sessions: a limit for each type of device, 403 above it; 404 for another user's, 409 for another type of device;
  a session ends after two hours without a keep-alive (documented). The limit is two (assumed).
- Profile names are unique within a user (documented); 400 otherwise (assumed).
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from auth_core_testing import IssuedToken, TokenIssuer, TokenProblem

from vendor_sandbox.document import Operation, SecurityScheme
from vendor_sandbox.json_values import JsonObject, object_of
from vendor_sandbox.messages import Request, Response, json_response
from vendor_sandbox.quirks.amino_channels import AminoChannels
from vendor_sandbox.quirks.amino_documents import JSON_API, JsonApiShape, document, error, resources_of
from vendor_sandbox.quirks.amino_licenses import AminoLicenses
from vendor_sandbox.quirks.amino_recordings import AminoRecordings
from vendor_sandbox.quirks.base import Backend, Call, handles, issues_tokens
from vendor_sandbox.resources import Collection, Resources
from vendor_sandbox.tokens import Access, TokenRefused, Why
from vendor_sandbox.validation import Violation

__all__ = ["VENDOR", "AminoQuirks"]

USER_ID = 4711
PROFILE_ID = "0e4f6d3a-4c1b-4f0e-8d57-6a1f6a2b9c22"
REFRESH_TOKEN = "sandbox-refresh-token"
DEVICE_JWT_SECONDS = 600
REFRESH_SECONDS = 98 * 24 * 3600
SESSION_SECONDS = 2 * 3600
SESSIONS_PER_DEVICE_TYPE = 2
PLAY_SESSIONS = "/api/v1/media/users/{user_id}/media_play_sessions"
DEVICES = "/api/device/management/v4/devices"


class AminoQuirks(AminoChannels, AminoRecordings, AminoLicenses):
    """See the module."""

    static_values = {"api_key": "sandbox-api-key"}

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.device_issuer = TokenIssuer(
            clock=self.clock, lifetime=DEVICE_JWT_SECONDS, algorithm="RS256", issuer="EntoneAPI"
        )
        self.resources = Resources(backend.document, JsonApiShape(), backend.synthetic)
        self.resources.fill(without=[PLAY_SESSIONS])
        self.seed_recordings()
        for item in self._play_sessions.items.values():
            now = int(self.clock.wall())
            item["attributes"] |= {"play_started_timestamp": now, "last_updated_timestamp": now}

    def new_issuer(self) -> TokenIssuer:
        """See the module's facts."""
        return TokenIssuer(
            clock=self.clock,
            lifetime=7 * 24 * 3600,
            refresh_lifetime=REFRESH_SECONDS,
            algorithm="HS256",
            issuer="AminoTV API",
            rotates=True,
            reuse_revokes=False,
            refresh_format="jwt",
        )

    # --- tokens

    def wire_value(self, operation: Operation, place: str, constants: Mapping[str, Any]) -> str | None:
        """The meaning of ``credentials`` depends on the grant; a device JWT is generated on each read."""
        match place, constants.get("body/grant_type"):
            case "body/credentials", "stb_pwless":
                claims = {"aud": "www.aminocom.com", "sn": "SANDBOX-0001", "cdsn": "SANDBOX-0001"}
                return self.device_issuer.issue("SANDBOX-0001", claims=claims, refresh=False).access_token
            case "body/credentials", "third_party_token_exchange":
                return "sandbox-third-party-token"
            case "body/refresh_token", "refresh_token":
                return REFRESH_TOKEN
            case "body/username", _:
                return "sandbox.user@amino.example"
            case "body/password", _:
                return "correct horse battery staple"
            case _:
                return None

    @issues_tokens("POST", "/api/auth/v1/access_tokens")
    def issue_tokens(self, call: Call) -> Response:
        """The token endpoint, for every grant."""
        if call.request.media_type not in ("application/json", JSON_API):
            return error(415, "Unsupported media type", "The body must be JSON.")
        body = object_of(call.request.json)
        try:
            match body.get("grant_type"):
                case "password":
                    accepted = (body.get("username"), body.get("password")) == (
                        "sandbox.user@amino.example",
                        "correct horse battery staple",
                    )
                case "third_party_token_exchange":
                    accepted = body.get("credentials") == "sandbox-third-party-token"
                case "stb_pwless":
                    self.device_issuer.verify(str(body.get("credentials", "")))
                    accepted = True
                case "refresh_token" if body.get("refresh_token") == REFRESH_TOKEN:
                    accepted = True
                case "refresh_token":
                    if not isinstance(body.get("refresh_token"), str):
                        return error(400, "Bad request", "The refresh token is missing.")
                    return self._tokens(self.issuer.refresh(str(body["refresh_token"]), claims=self._claims()))
                case _:
                    return error(400, "Bad request", "The grant type is not supported.")
        except TokenProblem:
            accepted = False
        if not accepted:
            return error(401, "Unauthorized", "The credentials are wrong or have expired.")
        return self._tokens(self.issuer.issue(str(USER_ID), claims=self._claims()))

    def accept(self, scheme: SecurityScheme, request: Request) -> Access:
        """A user's token after ``Bearer``, the operator's key after ``Apikey``."""
        if scheme.type != "apiKey":
            return super().accept(scheme, request)
        key = request.credentials_of("Apikey")
        if key is None:
            raise TokenRefused(Why.MISSING if request.header("authorization") is None else Why.INVALID)
        if key != self.static_values["api_key"]:
            raise TokenRefused(Why.INVALID)
        return Access("operator", "api key")

    # --- errors

    def refused(self, call: Call, why: Why) -> Response:
        """401, or 403 if the user lacks the permission."""
        if why is Why.FORBIDDEN:
            return error(403, "Forbidden", "You may not do this.")
        return error(401, "Unauthorized", "The access token is missing or not valid.")

    def invalid(self, call: Call, violations: Sequence[Violation]) -> Response:
        """400."""
        return error(400, "Bad request", f"{violations[0].name or 'body'}: {violations[0].message}")

    def not_found(self, request: Request) -> Response:
        """404."""
        return error(404, "Not found", "There is no such resource.")

    def method_not_allowed(self, request: Request, allowed: Sequence[str]) -> Response:
        """405."""
        return error(405, "Method not allowed", "The method is not allowed.").with_header("Allow", ", ".join(allowed))

    def failure(self, status: int) -> Response:
        """Any status."""
        return error(status, "Error", "The request could not be processed.")

    def locked_out(self, call: Call) -> Response:
        """401 (assumed)."""
        return error(401, "Unauthorized", "The account is locked.")

    # --- resources

    def fallback(self, call: Call) -> Response:
        """Resources by the document, or its example; without a body where none is documented."""
        role = self.resources.role(call.operation)
        if role is None:
            return super().fallback(call)
        collection = role.collection
        if role.name == "list":
            return document(collection.list(call.parameters))
        if role.name == "create":
            created = [
                self.resources.create(role, call.operation, call.parameters, one) for one in resources_of(call.body)
            ]
            return self._success(call, created)
        item = collection.get(call.parameters)
        if item is None:
            return self.not_found(call.request)
        if role.name == "delete":
            collection.remove(call.parameters)
        elif role.name != "read":
            for one in resources_of(call.body):
                self.resources.change(item, call.operation, one)
        return self._success(call, [item])

    @handles("GET", "/api/metadata/v1/series/{}", "/api/metadata/v1/programs/{}", "/api/metadata/v1/seasons/{}")
    def metadata(self, call: Call) -> Response:
        """The documented example, under its own id."""
        media = call.operation.success_media
        wanted = next(iter(call.parameters.values()))
        for example in media.examples if media is not None else ():
            if object_of(object_of(example).get("data")).get("id") == wanted:
                return json_response(200, example, media_type=JSON_API)
        return self.not_found(call.request)

    @handles("POST", "/api/users/v1/users/{user_id}/user_profiles")
    def create_profile(self, call: Call) -> Response:
        """Names are unique within a user."""
        profiles = self.resources.collection("/api/users/v1/users/{user_id}/user_profiles")
        taken = {object_of(item["attributes"]).get("name") for item in profiles.list(call.parameters)}
        if object_of(call.body)["name"] in taken:
            return error(400, "Bad request", "The name is taken.")
        return self.fallback(call)

    # --- the back office

    @handles("POST", "/api/user/management/v4/users")
    def create_user(self, call: Call) -> Response:
        """A user that must be activated, unless the request states otherwise."""
        for one in resources_of(call.body):
            registration = one.setdefault("attributes", {}).setdefault("registration_information", {})
            registration.setdefault("registration_state", "UNREGISTERED")
            registration["registration_time"] = int(self.clock.wall())
        return self.fallback(call)

    @handles("GET", "/api/device/management/v4/{device_id}")
    def get_device(self, call: Call) -> Response:
        """One device."""
        device = self.resources.collection(DEVICES).get({"id": call.parameters["device_id"]})
        return self.not_found(call.request) if device is None else document([device])

    @handles("PATCH", "/api/device/management/v4/{device_id}")
    def update_device(self, call: Call) -> Response:
        """Change the given members; without a relationship the user stays the same."""
        device = self.resources.collection(DEVICES).get({"id": call.parameters["device_id"]})
        if device is None:
            return self.not_found(call.request)
        for one in resources_of(call.body):
            self.resources.change(device, call.operation, one)
        return document([device])

    @handles("DELETE", "/api/device/management/v4/{device_id}")
    def delete_device(self, call: Call) -> Response:
        """Delete a device."""
        devices, place = self.resources.collection(DEVICES), {"id": call.parameters["device_id"]}
        if devices.get(place) is None:
            return self.not_found(call.request)
        devices.remove(place)
        return Response(200)

    # --- legacy

    @handles("POST", "/api/user/{email}/login", "/api/oauth/login_with_token", "/api/stb/auth")
    def legacy_login(self, call: Call) -> Response:
        """The documented example with tokens of this sandbox."""
        media = call.operation.success_media
        example = copy.deepcopy(object_of(media.examples[0])) if media is not None else {}
        token = self.issuer.issue(str(USER_ID), claims=self._claims())
        refresh_end = int(token.issued_at + (self.issuer.refresh_lifetime or REFRESH_SECONDS))
        example["userStat"] = {
            **object_of(example["userStat"]),
            "accessToken": [token.access_token, int(token.expires_at)],
            "refreshToken": [token.refresh_token, refresh_end],
        }
        return json_response(200, example).with_header("Cache-Control", "no-store")

    # --- play sessions

    @handles("GET", PLAY_SESSIONS)
    def list_play_sessions(self, call: Call) -> Response:
        """The sessions with a keep-alive within the last two hours."""
        self._purge_play_sessions()
        return self.fallback(call)

    @handles("POST", PLAY_SESSIONS)
    def create_play_session(self, call: Call) -> Response:
        """Start a session with an id chosen by the server."""
        return self._open(call, self.backend.synthetic.next_uuid())

    @handles("PUT", f"{PLAY_SESSIONS}/{{media_play_session_id}}")
    def put_play_session(self, call: Call) -> Response:
        """Start a session with an id chosen by the client; repeating the request keeps it alive."""
        self._purge_play_sessions()
        name = str(call.parameters["media_play_session_id"])
        session = self._play_sessions.get(call.parameters)
        if session is None:
            if any(key == name for _, key in self._play_sessions.items):
                return self.not_found(call.request)
            return self._open(call, name)
        attributes = object_of(session["attributes"])
        if object_of(call.body).get("device_type") != attributes.get("device_type"):
            return error(409, "Conflict", "The session belongs to another type of device.")
        attributes["last_updated_timestamp"] = int(self.clock.wall())
        return document([session])

    @handles("PATCH", f"{PLAY_SESSIONS}/{{media_play_session_id}}")
    def keep_play_session_alive(self, call: Call) -> Response:
        """Keep a session alive."""
        self._purge_play_sessions()
        session = self._play_sessions.get(call.parameters)
        if session is None:
            return self.not_found(call.request)
        object_of(session["attributes"])["last_updated_timestamp"] = int(self.clock.wall())
        return Response(200)

    # --- helpers

    def _success(self, call: Call, items: Sequence[JsonObject]) -> Response:
        status = call.operation.success_status
        return document(items, status) if call.operation.success_media is not None else Response(status)

    @property
    def _play_sessions(self) -> Collection:
        return self.resources.collection(PLAY_SESSIONS)

    def _purge_play_sessions(self) -> None:
        end = self.clock.wall() - SESSION_SECONDS
        for place, item in list(self._play_sessions.items.items()):
            if object_of(item["attributes"]).get("last_updated_timestamp", 0) < end:
                del self._play_sessions.items[place]

    def _open(self, call: Call, name: str) -> Response:
        self._purge_play_sessions()
        body = object_of(call.body)
        running = [object_of(item["attributes"]) for item in self._play_sessions.list(call.parameters)]
        if sum(other.get("device_type") == body.get("device_type") for other in running) >= SESSIONS_PER_DEVICE_TYPE:
            text = f"The limit for this type of device is {SESSIONS_PER_DEVICE_TYPE}."
            return error(403, "Too many sessions", text)
        now = int(self.clock.wall())
        times = {"play_started_timestamp": now, "last_updated_timestamp": now}
        item = {"type": "MediaPlaySession", "id": name, "attributes": {**body, "ip4_address": "127.0.0.1", **times}}
        self._play_sessions.put(call.parameters, name, item)
        return document([item])

    def _claims(self) -> Mapping[str, Any]:
        return {"user_id": USER_ID, "profile_id": PROFILE_ID * 2}

    def _tokens(self, token: IssuedToken) -> Response:
        attributes = {
            "login_timestamp": int(token.issued_at),
            "user_id": USER_ID,
            "user_profile_id": PROFILE_ID,
            "access_token": token.access_token,
            "expires_at_timestamp": int(token.expires_at),
            "refresh_token": token.refresh_token,
        }
        item = {"type": "AuthenticationTokens", "id": self.backend.synthetic.next_uuid(), "attributes": attributes}
        return document([item]).with_header("Cache-Control", "no-store")


VENDOR = AminoQuirks
