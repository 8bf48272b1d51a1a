"""Error responses of the control API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vendor_sandbox.json_values import shortened, write_json

__all__ = ["WrongInput", "json_response", "refusal"]


def json_response(value: object, status: int = 200) -> Response:
    """A JSON response; it can contain any text of a request, including lone surrogates."""
    return Response(write_json(value), status, media_type="application/json")


def refusal(paths: Iterable[str]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Handle the framework's errors for unknown paths and for methods that are not allowed."""
    known = ", ".join(dict.fromkeys(paths))

    async def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        headers = error.headers or {}
        message = (
            f"use {headers.get('Allow')}"
            if error.status_code == 405
            else f"there is nothing at this path; the paths are {known}"
        )
        response = WrongInput(error.status_code, message, request.url.path).response()
        response.headers.update(headers)
        return response

    return refuse


class WrongInput(Exception):
    """A request that cannot be served.

    Args:
        status: 400, 403, 404, 405 or 422.
        message: the error, and what is allowed. It does not contain input values, which may be secrets.
        where: a member of the body (JSON Pointer), ``?name`` of the query, the name of a header, or a path.
    """

    def __init__(self, status: int, message: str, where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.where = where

    def response(self) -> Response:
        """The response."""
        return json_response({"error": {"message": self.message, "where": shortened(self.where)}}, self.status)
