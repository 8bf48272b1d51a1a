"""A stand-in for the sandbox's control API, over a real sandbox, so that the page is tested against real requests."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from attrs import asdict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from repository import ROOT
from vendor_sandbox import Sandbox, Vendor
from vendor_sandbox.faults.written import WrongFault, kind_of, order_of, written
from vendor_sandbox.lifecycle import grant_of
from vendor_sandbox.server import Listener
from vendor_sandbox.settings import WrongSetting

CONSOLE = ROOT / "packages/vendor-sandbox/src/vendor_sandbox/console"


class Control:
    """The control API of one running sandbox."""

    def __init__(self, sandbox: Sandbox, listener: Listener) -> None:
        self.sandbox = sandbox
        self.listener = listener
        self.numbers = count(1)
        self.requests: list[dict[str, Any]] = []
        self.listeners: set[asyncio.Queue[dict[str, Any]]] = set()

    def publish(self, event_type: str, **event: Any) -> None:
        for queue in self.listeners:
            queue.put_nowait({"type": event_type, **event})

    def application(self) -> list[Mount]:
        routes = [
            Route("/vendors", self.vendors),
            Route("/vendors/{vendor}/document", self.document),
            Route("/requests", lambda request: JSONResponse(self.requests)),
            Route("/tokens", lambda request: JSONResponse(self.shown())),
            Route("/tokens/expire", self.expire, methods=["POST"]),
            Route("/events", self.events),
            Route("/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/faults/{id:int}", self.remove, methods=["DELETE"]),
            Route("/settings", self.settings, methods=["GET", "PATCH"]),
            Route("/clock", self.clock, methods=["GET", "POST"]),
            Route("/reset", self.reset, methods=["POST"]),
        ]
        return [
            Mount("/_sandbox/console", StaticFiles(directory=CONSOLE, html=True)),
            Mount("/_sandbox", routes=routes),
        ]

    def chosen(self, request: Request) -> list[Vendor]:
        name = request.query_params.get("vendor")
        return [self.sandbox[name]] if name else list(self.sandbox.vendors.values())

    async def vendors(self, request: Request) -> Response:
        return JSONResponse(
            [
                {
                    "name": vendor.name,
                    "title": vendor.document.raw["info"]["title"],
                    "servers": vendor.servers,
                    "grants": list(vendor.credentials),
                    "operations": len(vendor.document.operations),
                }
                for vendor in self.chosen(request)
            ]
        )

    async def document(self, request: Request) -> Response:
        return JSONResponse(self.sandbox[request.path_params["vendor"]].document.raw)

    async def events(self, request: Request) -> Response:
        queue: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.listeners.add(queue)
        stopping = asyncio.ensure_future(self.listener._server.stopping.wait())

        async def stream() -> AsyncIterator[str]:
            yield ": here\n\n"
            number = 0
            while not stopping.done():
                waiting = asyncio.ensure_future(queue.get())
                await asyncio.wait({waiting, stopping}, return_when=asyncio.FIRST_COMPLETED)
                if waiting.done():
                    number += 1
                    yield f"id: {number}\ndata: {json.dumps(waiting.result())}\n\n"
                waiting.cancel()
            self.listeners.discard(queue)

        return StreamingResponse(stream(), media_type="text/event-stream")

    async def expire(self, request: Request) -> Response:
        for vendor in self.chosen(request):
            access = request.query_params["kind"] == "access"
            vendor.expire_tokens() if access else vendor.expire_refresh_tokens()
        return Response(status_code=204)

    async def faults(self, request: Request) -> Response:
        rules = self.sandbox.faults
        if request.method == "DELETE":
            rules.clear()
            return Response(status_code=204)
        if request.method == "POST":
            try:
                rule = order_of(await request.json()).place(rules)
            except WrongFault as error:
                return refused(str(error), error.member)
            self.publish("fault", **written(rule))
            return JSONResponse(written(rule), 201)
        return JSONResponse([written(rule) for rule in rules.all()])

    async def remove(self, request: Request) -> Response:
        rules = self.sandbox.faults
        wanted = [rule for rule in rules.all() if rule.id == request.path_params["id"]]
        rules.remove(wanted[0])
        return Response(status_code=204)

    async def settings(self, request: Request) -> Response:
        (vendor,) = self.chosen(request)
        try:
            vendor.configure(**(await request.json() if request.method == "PATCH" else {}))
        except WrongSetting as error:
            return refused(str(error), error.name)
        return JSONResponse(vendor.settings.as_json())

    async def clock(self, request: Request) -> Response:
        if request.method == "POST":
            self.sandbox.clock.advance((await request.json())["advance"])
            self.publish("clock", now=self.sandbox.clock.time())
        return JSONResponse({"now": self.sandbox.clock.time()})

    async def reset(self, request: Request) -> Response:
        self.requests.clear()
        self.numbers = count(1)
        for vendor in self.chosen(request):
            vendor.reset()
        return Response(status_code=204)

    # --- what is seen of the vendors

    def shown(self) -> list[dict[str, Any]]:
        found = [
            {**asdict(record), "vendor": vendor.name, "shown": f"…{record.ending}"}
            for vendor in self.sandbox.vendors.values()
            for record in vendor.token_issuer.tokens()
        ]
        return sorted(found, key=lambda token: token["issued_at"])

    def seen(self, vendor: Vendor, path: str, routed: Any, status: int | None) -> None:
        operation = routed.match.operation if routed.match is not None else None
        known = operation.operation_id if operation is not None else None
        secret = ("token", "password", "client_secret")
        query = [(name, "…" if name in secret else value) for name, value in parse_qsl(routed.request.query_string)]
        is_token_request = known in vendor._token_operations
        entry = {
            "id": next(self.numbers),
            "at": self.sandbox.clock.time(),
            "vendor": vendor.name,
            "operation_id": known,
            "method": routed.request.method,
            "path": f"{path}?{urlencode(query)}" if query else path,
            "status": status,
            "seconds": time.monotonic() % 0.01,
            "fault": kind_of(routed.fault) if routed.fault is not None else None,
            "token_request": grant_of(vendor.document, known, routed.request) if is_token_request else None,
        }
        self.requests.append(entry)
        del self.requests[:-500]
        self.publish("request", **entry)


def refused(message: str, member: str) -> Response:
    return JSONResponse({"error": {"message": message, "where": f"/{member}"}}, 422)


def install(patch: pytest.MonkeyPatch) -> None:
    """Every sandbox has the stand-in on its own port from now on."""
    starting: list[Sandbox] = []
    start, application, record = Sandbox.start, Listener._application, Vendor.record
    controls: dict[Vendor, Control] = {}

    def started(sandbox: Sandbox) -> Sandbox:
        starting.append(sandbox)
        return start(sandbox)

    def with_control(listener: Listener, vendors: Any) -> Starlette:
        control = Control(starting.pop(), listener)
        for vendor in vendors:
            controls[vendor] = control
        made = application(listener, vendors)
        made.router.routes[:0] = control.application()
        return made

    def recorded(vendor: Vendor, path: str, routed: Any, status: int | None) -> None:
        record(vendor, path, routed, status)
        if vendor in controls:
            controls[vendor].seen(vendor, path, routed, status)

    patch.setattr(Sandbox, "start", started)
    patch.setattr(Listener, "_application", with_control)
    patch.setattr(Vendor, "record", recorded)
