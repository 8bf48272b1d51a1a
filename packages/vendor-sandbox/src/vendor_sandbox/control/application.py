"""The routes of the control API."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol, cast

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from vendor_sandbox.client_calls import client_calls_of
from vendor_sandbox.clock import SandboxClock
from vendor_sandbox.control.detail import Details
from vendor_sandbox.control.errors import WrongInput, json_response, refusal
from vendor_sandbox.control.guard import Guard
from vendor_sandbox.control.masking import Masking
from vendor_sandbox.control.reading import json_body, number, query_of, vendor_in
from vendor_sandbox.control.shapes import shown_event, shown_request, shown_token, shown_vendor
from vendor_sandbox.faults.rules import FaultRule, FaultRules
from vendor_sandbox.faults.written import WrongFault, order_of, written
from vendor_sandbox.journal import Entry, FinishedRequest, Journal
from vendor_sandbox.json_values import object_of
from vendor_sandbox.settings import WrongSetting
from vendor_sandbox.trial import Logins, WrongArgument, try_operation
from vendor_sandbox.vendor import Vendor

__all__ = ["CONSOLE", "PREFIX", "Controlled", "control_application", "front_page"]

PREFIX = "/_sandbox"
CONSOLE = Path(__file__).parent.parent / "console"
MOST_SHOWN = 500
HEARTBEAT_SECONDS = 15.0

Handler = Callable[[Request], Awaitable[Response]]


class Controlled(Protocol):
    """The interface of a sandbox that the control API uses."""

    @property
    def vendors(self) -> Mapping[str, Vendor]: ...

    @property
    def clock(self) -> SandboxClock: ...

    @property
    def faults(self) -> FaultRules: ...

    @property
    def journal(self) -> Journal: ...

    @property
    def show_bodies(self) -> bool: ...

    def reset(self, vendor: str | None = None) -> None: ...


def control_application(sandbox: Controlled) -> ASGIApp:
    """The control API of a sandbox, to be mounted at :data:`PREFIX`, with the console if it is installed."""
    control = _Control(sandbox)
    routes: list[BaseRoute] = [
        _route("/vendors", GET=control.vendors),
        _route("/vendors/{vendor}/document", GET=control.document),
        _route("/vendors/{vendor}/client", GET=control.client),
        _route("/vendors/{vendor}/try", POST=control.try_operation),
        _route("/requests", GET=control.requests),
        _route("/requests/{id}", GET=control.request),
        _route("/tokens", GET=control.tokens),
        _route("/tokens/expire", POST=control.expire_tokens),
        _route("/tokens/revoke", POST=control.revoke_login),
        _route("/timeline", GET=control.timeline),
        _route("/events", GET=control.events),
        _route("/faults", GET=control.faults, POST=control.add_fault, DELETE=control.clear_faults),
        _route("/faults/{id}", DELETE=control.remove_fault),
        _route("/settings", GET=control.settings, PATCH=control.change_settings),
        _route("/clock", GET=control.clock, POST=control.advance_clock),
        _route("/reset", POST=control.reset),
    ]
    if _has_page(CONSOLE):
        routes.append(Mount("/console", app=StaticFiles(directory=CONSOLE, html=True)))
    application = Starlette(
        routes=routes,
        exception_handlers={
            WrongInput: _wrong_input_response,
            HTTPException: refusal(f"{PREFIX}{route.path}" for route in routes if isinstance(route, (Route, Mount))),
            ClientDisconnect: _no_client_response,
        },
    )
    application.router.redirect_slashes = False
    return Guard(application, open_to_links=f"{PREFIX}/console/")


def front_page() -> RedirectResponse:
    """Redirect ``/`` and ``/_sandbox`` to the console, or without a console to the list of vendors."""
    return RedirectResponse(f"{PREFIX}/console/" if _has_page(CONSOLE) else f"{PREFIX}/vendors")


class _Control:
    """The handlers of the routes."""

    def __init__(self, sandbox: Controlled) -> None:
        self._sandbox = sandbox
        self._masking = Masking(sandbox.vendors)
        self._logins: dict[str, Logins] = {}

    async def vendors(self, request: Request) -> Response:
        query_of(request)
        return json_response([shown_vendor(vendor) for vendor in self._sandbox.vendors.values()])

    async def document(self, request: Request) -> Response:
        query_of(request)
        return json_response(self._vendor_at(request).document.raw)

    async def client(self, request: Request) -> Response:
        query_of(request)
        calls = client_calls_of(self._vendor_at(request).name)
        if calls is None:
            raise WrongInput(404, "this package has no client of that vendor", request.url.path)
        return json_response(calls.raw)

    async def try_operation(self, request: Request) -> Response:
        query_of(request)
        vendor = self._vendor_at(request)
        body = await json_body(request)
        operation, arguments = body.get("operation"), object_of(body.get("arguments"))
        if not isinstance(operation, str):
            raise WrongInput(422, "operation must be the id of an operation", "/operation")
        for name, value in arguments.items():
            if not isinstance(value, str):
                raise WrongInput(422, "each argument must be a text", f"/arguments{_pointer(name)}")
        logins = self._logins.setdefault(vendor.name, Logins(vendor))
        try:
            tried = await run_in_threadpool(try_operation, vendor, logins, operation, arguments)
        except WrongArgument as error:
            raise WrongInput(422, str(error), error.where) from None
        details = Details(vendor, self._masking, show_bodies=True).shown(tried.recorded, _origin(request))
        shown = {"status": tried.recorded.status, "seconds": round(tried.seconds, 6), "failure": tried.failure}
        return json_response({**shown, **details})

    async def request(self, request: Request) -> Response:
        query_of(request)
        wanted = number(str(request.path_params["id"]), request.url.path)
        entry = next(iter(self._sandbox.journal.requests(wanted - 1)), None)
        if entry is None or entry.id != wanted:
            raise WrongInput(404, "there is no request of this id, or it is no longer kept", request.url.path)
        recorded = cast(FinishedRequest, entry.about).recorded
        details = Details(self._sandbox.vendors[recorded.vendor], self._masking, self._sandbox.show_bodies)
        shown = shown_request(entry, self._masking)
        return json_response(
            {**shown, "bodies": self._sandbox.show_bodies, **details.shown(recorded, _origin(request))}
        )

    async def requests(self, request: Request) -> Response:
        query = query_of(request, "vendor", "after")
        wanted = vendor_in(query, self._sandbox.vendors)
        after = number(query["after"], "?after") if "after" in query else None
        entries = [entry for entry in self._sandbox.journal.requests(after or 0) if wanted in (None, entry.vendor)]
        return json_response([shown_request(entry, self._masking) for entry in _page(entries, after)])

    async def tokens(self, request: Request) -> Response:
        found = [
            shown_token(vendor.name, token)
            for vendor in self._wanted(query_of(request, "vendor"))
            for token in vendor.token_issuer.tokens()
        ]
        found.sort(key=lambda token: float(token["issued_at"]))
        return json_response(found[-MOST_SHOWN:])

    async def expire_tokens(self, request: Request) -> Response:
        query = query_of(request, "vendor", "kind", "number")
        if "number" in query:
            if not self._one_vendor(query).expire_token(number(query["number"], "?number")):
                raise WrongInput(404, "there is no token of this number", "?number")
            return Response(status_code=204)
        kind = query.get("kind")
        if kind not in ("access", "refresh"):
            raise WrongInput(400, "kind must be access or refresh", "?kind")
        for vendor in self._wanted(query):
            if kind == "access":
                vendor.expire_tokens()
            else:
                vendor.expire_refresh_tokens()
        return Response(status_code=204)

    async def revoke_login(self, request: Request) -> Response:
        query = query_of(request, "vendor", "family")
        if not self._one_vendor(query).revoke_login(query.get("family", "")):
            raise WrongInput(404, "there is no login of this family", "?family")
        return Response(status_code=204)

    async def timeline(self, request: Request) -> Response:
        query = query_of(request, "vendor", "after")
        wanted = vendor_in(query, self._sandbox.vendors)
        after = number(query["after"], "?after") if "after" in query else None
        entries = [
            entry
            for entry in self._sandbox.journal.notable(after or 0)
            if wanted is None or entry.vendor in (None, wanted)
        ]
        return json_response([shown_event(entry, self._masking) for entry in _page(entries, after)])

    async def events(self, request: Request) -> Response:
        query = query_of(request, "after")
        resumed = request.headers.get("last-event-id")
        if resumed is not None:  # a browser that reconnects
            after = number(resumed, "Last-Event-ID")
        else:
            after = number(query["after"], "?after") if "after" in query else self._sandbox.journal.last_id
        if request.method == "HEAD":  # without a reader, the stream would never end
            return Response(media_type="text/event-stream")
        return StreamingResponse(self._events(after), media_type="text/event-stream")

    async def _events(self, last: int) -> AsyncIterator[str]:
        journal = self._sandbox.journal
        with journal.watch() as watch:
            yield ": watching\n\n"  # from here on, the client receives every event
            while not watch.ended:
                for entry in journal.entries(last):
                    last = entry.id
                    data = json.dumps(shown_event(entry, self._masking))
                    yield f"id: {entry.id}\ndata: {data}\n\n"
                if not await watch.wait(HEARTBEAT_SECONDS):
                    yield ": heartbeat\n\n"

    async def faults(self, request: Request) -> Response:
        query_of(request)
        return json_response([written(rule) for rule in self._sandbox.faults.all()])

    async def add_fault(self, request: Request) -> Response:
        query_of(request)
        try:
            rule = order_of(await json_body(request)).place(self._sandbox.faults)
        except WrongFault as error:
            raise WrongInput(422, str(error), _pointer(error.member)) from None
        return json_response(written(rule), 201)

    async def clear_faults(self, request: Request) -> Response:
        query_of(request)
        self._sandbox.faults.clear()
        return Response(status_code=204)

    async def remove_fault(self, request: Request) -> Response:
        query_of(request)
        rule = self._rule(str(request.path_params["id"]))
        if rule is None:
            raise WrongInput(404, "there is no rule with this id", request.url.path)
        self._sandbox.faults.remove(rule)
        return Response(status_code=204)

    async def settings(self, request: Request) -> Response:
        return json_response(self._one_vendor(query_of(request, "vendor")).settings.as_json())

    async def change_settings(self, request: Request) -> Response:
        vendor = self._one_vendor(query_of(request, "vendor"))
        try:
            changed = vendor.configure(**await json_body(request))
        except WrongSetting as error:
            raise WrongInput(422, str(error), _pointer(error.name)) from None
        return json_response(changed.as_json())

    async def clock(self, request: Request) -> Response:
        query_of(request)
        return json_response({"now": self._sandbox.clock.time()})

    async def advance_clock(self, request: Request) -> Response:
        query_of(request)
        body = await json_body(request)
        unknown = next((name for name in body if name != "advance"), None)
        if unknown is not None:
            raise WrongInput(422, "unknown member; the only member is advance", _pointer(unknown))
        seconds = body.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
            raise WrongInput(422, "advance must be a number of seconds", "/advance")
        try:
            self._sandbox.clock.advance(seconds)
        except ValueError as error:
            raise WrongInput(422, str(error), "/advance") from None
        return json_response({"now": self._sandbox.clock.time()})

    async def reset(self, request: Request) -> Response:
        self._sandbox.reset(vendor_in(query_of(request, "vendor"), self._sandbox.vendors))
        return Response(status_code=204)

    def _vendor_at(self, request: Request) -> Vendor:
        vendor = self._sandbox.vendors.get(request.path_params["vendor"])
        if vendor is None:
            served = ", ".join(self._sandbox.vendors)
            raise WrongInput(404, f"this sandbox does not serve that vendor; it serves {served}", request.url.path)
        return vendor

    def _rule(self, text: str) -> FaultRule | None:
        return next((rule for rule in self._sandbox.faults.all() if str(rule.id) == text), None)

    def _wanted(self, query: Mapping[str, str]) -> list[Vendor]:
        name = vendor_in(query, self._sandbox.vendors)
        return [vendor for vendor in self._sandbox.vendors.values() if name in (None, vendor.name)]

    def _one_vendor(self, query: Mapping[str, str]) -> Vendor:
        wanted = self._wanted(query)
        if len(wanted) != 1:
            raise WrongInput(400, f"name a vendor: {', '.join(self._sandbox.vendors)}", "?vendor")
        return wanted[0]


def _route(path: str, **handlers: Handler) -> Route:
    """One path with a handler for each of its methods."""

    async def handle(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        return await handlers[method](request)

    return Route(path, handle, methods=list(handlers))


def _page(entries: list[Entry], after: int | None) -> list[Entry]:
    """One page: the next entries without a gap if the client continues, the newest ones if it starts."""
    return entries[-MOST_SHOWN:] if after is None else entries[:MOST_SHOWN]


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _has_page(console: Path) -> bool:
    return (console / "index.html").is_file()


def _pointer(member: str) -> str:
    return f"/{member.replace('~', '~0').replace('/', '~1')}" if member else ""


async def _wrong_input_response(request: Request, error: Exception) -> Response:
    assert isinstance(error, WrongInput)
    return error.response()


async def _no_client_response(request: Request, error: Exception) -> Response:
    """Send no response to a client that disconnected in the middle of its request."""
    return Response(status_code=400)
