"""The base class of vendor modules, with the default behaviour for everything a document does not define."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from attrs import define, field, frozen
from auth_core_testing import TokenIssuer

from vendor_sandbox.clock import VendorClock
from vendor_sandbox.document import Document, Operation, SecurityScheme
from vendor_sandbox.messages import Request, Response, json_response
from vendor_sandbox.paging import page_of
from vendor_sandbox.synthetic import Synthetic
from vendor_sandbox.tokens import Access, Why, verified
from vendor_sandbox.validation import Violation

__all__ = ["Backend", "Call", "Handler", "Quirks", "handles", "issues_tokens", "route_key"]


@define
class Backend:
    """The state and helpers that a vendor's module uses."""

    document: Document
    clock: VendorClock
    servers: Mapping[str, str] = field(factory=dict[str, str])
    """URLs by constructor argument, known when the server listens."""
    synthetic: Synthetic = field(factory=Synthetic)
    """The vendor's synthetic data; new with each reset."""


@frozen
class Call:
    """A request that was routed, and, except at token endpoints, authenticated and checked."""

    operation: Operation
    request: Request
    parameters: Mapping[str, Any] = field(factory=dict[str, Any])
    body: Any = field(default=None, repr=False)
    access: Access | None = None


Handler = Callable[[Call], Response]
_Method = TypeVar("_Method", bound=Callable[..., Response])


def handles(method: str, *paths: str) -> Callable[[_Method], _Method]:
    """Marks the method that handles these operations of the document (method and path template)."""

    def mark(function: _Method) -> _Method:
        function.__dict__["handled_routes"] = [route_key(method, path) for path in paths]
        return function

    return mark


def issues_tokens(method: str, *paths: str) -> Callable[[_Method], _Method]:
    """Like :func:`handles`, for endpoints that authenticate and validate their requests themselves."""

    def mark(function: _Method) -> _Method:
        function.__dict__["token_routes"] = [route_key(method, path) for path in paths]
        return function

    return mark


def route_key(method: str, path: str) -> tuple[str, str]:
    """Method and path template in lower case, without the names of parameters."""
    return method.upper(), re.sub(r"\{[^}]*\}", "{}", path).casefold()


class Quirks:
    """The default behaviour; the modules next to this one override what their vendor does differently."""

    ignore_path_case: ClassVar[bool] = False
    """Paths match in any case."""
    wire_values: ClassVar[Mapping[str, str]] = {}
    """What the sandbox's account sends at each place of a token request."""
    static_values: ClassVar[Mapping[str, str]] = {}
    """Credentials that are themselves the token, by grant or by the last part of their place."""
    variants: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    """Behaviour that the documentation leaves open, with the possible choices; the first is the default."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.document = backend.document
        self.clock = backend.clock
        self.issuer = self.new_issuer()
        self.chosen = {name: choices[0] for name, choices in self.variants.items()}
        self.handlers: dict[tuple[str, str], Handler] = {}
        self.token_handlers: dict[tuple[str, str], Handler] = {}
        for name in dir(type(self)):
            function = getattr(type(self), name)
            for key in getattr(function, "handled_routes", ()):
                self.handlers[key] = getattr(self, name)
            for key in getattr(function, "token_routes", ()):
                self.token_handlers[key] = getattr(self, name)

    def new_issuer(self) -> TokenIssuer:
        """The token issuer of this vendor, with its algorithm, lifetimes and rotation."""
        return TokenIssuer(clock=self.clock)

    # --- the sandbox's account

    def wire_value(self, operation: Operation, place: str, constants: Mapping[str, Any]) -> str | None:
        """What the account sends at ``place`` (``body/username``) of a token request that has these constants."""
        return self.wire_values.get(place)

    def static_value(self, place: str) -> str | None:
        """The credential that is itself the token; ``place`` is ``scheme/grant/…``."""
        _, grant, *rest = place.split("/")
        return next((self.static_values[key] for key in (grant, rest[-1]) if key in self.static_values), None)

    # --- access

    def accept(self, scheme: SecurityScheme, request: Request) -> Access:
        """The access that a request has by a security scheme.

        Raises:
            TokenRefused: the request has no token, or the token is not accepted.
        """
        return verified(self.issuer.verify, self.presented(scheme, request))

    def presented(self, scheme: SecurityScheme, request: Request) -> str | None:
        """The token at the place that the document's scheme declares."""
        if scheme.type in ("http", "oauth2", "openIdConnect"):
            return request.credentials_of("Basic" if scheme.scheme == "basic" else "Bearer")
        match scheme.location:
            case "query":
                return dict(request.query).get(scheme.parameter)
            case "cookie":
                return request.cookie(scheme.parameter)
            case _:
                return request.header(scheme.parameter)

    def may_be_anonymous(self, call: Call) -> bool:
        """Whether a request without credentials may use an operation that the document opens to it."""
        return True

    # --- error responses

    def refused(self, call: Call, why: Why) -> Response:
        """The response to a request whose token is not accepted."""
        if why is Why.FORBIDDEN:
            return json_response(403, {"error": "forbidden"})
        return json_response(401, {"error": "invalid_token"}).with_header("WWW-Authenticate", "Bearer")

    def invalid(self, call: Call, violations: Sequence[Violation]) -> Response:
        """The response to a request that the document does not allow."""
        return json_response(400, {"error": "invalid_request", "error_description": violations[0].message})

    def tolerates(self, call: Call, violation: Violation) -> bool:
        """Whether the vendor is known to accept a request that violates the document."""
        return False

    def not_found(self, request: Request) -> Response:
        """The response to a path without an operation, or to an unknown resource."""
        return json_response(404, {"error": "not_found"})

    def method_not_allowed(self, request: Request, allowed: Sequence[str]) -> Response:
        """The response to a method that the path does not allow."""
        return json_response(405, {"error": "method_not_allowed"}).with_header("Allow", ", ".join(allowed))

    def failure(self, status: int) -> Response:
        """The vendor's response to an internal failure, with ``status``."""
        return json_response(status, {"error": "server_error"})

    def locked_out(self, call: Call) -> Response:
        """The response to a login after too many refused ones."""
        return json_response(400, {"error": "invalid_grant", "error_description": "The account is locked."})

    def succeeded(self, response: Response) -> bool:
        """Whether a response reports success."""
        return response.status < 400

    def fallback(self, call: Call) -> Response:
        """The response of an operation without a handler: the document's example."""
        media = call.operation.success_media
        status = call.operation.success_status
        if media is None or not media.examples:
            return Response(status)
        example = media.examples[0]
        if "json" in media.media_type:
            example = page_of(call.operation.pagination, example, call.parameters, call.body)
            return json_response(status, example, media_type=media.media_type)
        return Response(status, str(example).encode(), media.media_type)
