"""Wrong input to the control API, answered in words."""

from __future__ import annotations

from starlette.responses import Response

from vendor_sandbox.json_values import write_json

__all__ = ["WrongInput", "json_response"]


def json_response(value: object, status: int = 200) -> Response:
    """An answer in JSON; it can say anything that a request can, half characters included."""
    return Response(write_json(value), status, media_type="application/json")


class WrongInput(Exception):
    """A request that cannot be served.

    Args:
        status: 400, 403, 404, 405 or 422.
        message: what is wrong, and what is allowed. Values are not repeated: they may be secrets.
        where: the member of the body (JSON Pointer), ``?name`` of the query, the name of a header, or a path.
    """

    def __init__(self, status: int, message: str, where: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.where = where

    def response(self) -> Response:
        """The answer."""
        return json_response({"error": {"message": self.message, "where": self.where}}, self.status)
