"""What came back: a value, or the error that it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import httpx
from auth_core.contract import ABSENT, ResponseDetails, ResponseView, evaluate, matches

from ..errors import ApiError, AuthenticationError, DecodeError, UnexpectedResponseError, api_error_class
from .masking import masked, masked_headers, masked_json
from .request import Operation

E = TypeVar("E", bound=ApiError)
T = TypeVar("T")

EXCERPT_CHARACTERS = 500


class ReceivedResponse:
    """One response, read whole."""

    __slots__ = ("_view", "details", "operation", "response", "status_code")

    def __init__(self, operation: Operation, response: httpx.Response, details: ResponseDetails) -> None:
        self.operation = operation
        self.response = response
        self.status_code: int = response.status_code
        self.details = details
        self._view: ResponseView | None = None

    @property
    def media_type(self) -> str:
        """The media type, without parameters and in lower case."""
        kind: str = self.response.headers.get("content-type", "")
        return kind.partition(";")[0].strip().lower()

    @property
    def view(self) -> ResponseView:
        """The response as ``auth_core`` looks at it, its JSON read once."""
        if self._view is None:
            self._view = ResponseView(self.status_code, self.response.headers, self.response.content)
        return self._view

    def raise_for_failure(self, *, with_token: bool) -> None:
        """Raise unless this is a success: by its status, and by what the API says in it.

        Args:
            with_token: Whether a token went along with the request.
        """
        if not 200 <= self.status_code <= 299 or (self.details.failed and matches(self.details.failed, self.view)):
            error = self.failure()
            if isinstance(error, AuthenticationError):
                error.lacks_credentials = bool(self.operation.security) and not with_token
            raise error

    def read(self, parse: Callable[[ReceivedResponse], T]) -> T:
        """What this success holds. A :class:`DecodeError` says which response it was."""
        try:
            try:
                return parse(self)
            except RecursionError:
                raise DecodeError("$", "is nested too deeply") from None
        except DecodeError as error:
            error.locate(
                operation_id=self.operation.operation_id,
                method=self.operation.method,
                path_template=self.operation.path,
                status_code=self.status_code,
                headers=masked_headers(self.response.headers, self.response.request),
                excerpt=self.excerpt(),
            )
            raise

    def json(self) -> Any:
        """The body as a JSON value. Raises :class:`DecodeError` when it is none."""
        if self.view.json is not ABSENT:
            return self.view.json
        kind = self.response.headers.get("content-type") or "no content type"
        what = f"no JSON but {kind}" if self.response.content else "an empty body"
        message = f"expected JSON, got {what}"
        raise DecodeError("$", message)

    def any_json(self) -> Any:
        """The body as a JSON value, where nobody has said what it holds; ``None`` when it is empty."""
        return self.json() if self.response.content else None

    def text(self) -> str:
        """The body as text, in the character set that the response names."""
        return self._decoded(self.response.content)

    def content(self) -> bytes:
        """The body as it was sent."""
        return self.response.content

    def undocumented(self) -> ApiError:
        """The error for a success that the API's description does not have."""
        return self.error(UnexpectedResponseError)

    def failure(self) -> ApiError:
        """The error that this response means."""
        return self.error(api_error_class(self.status_code))

    def error(self, kind: type[E]) -> E:
        """An error with everything this response states."""
        operation = self.operation
        return kind(
            status_code=self.status_code,
            code=self._first(self.details.code),
            message=self._first(self.details.message),
            error=self._typed_error(),
            headers=masked_headers(self.response.headers, self.response.request),
            excerpt=self.excerpt(),
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
        )

    def excerpt(self) -> str:
        """The beginning of the body, secrets masked; of binary bodies only the size."""
        content = self.response.content
        if b"\0" in content[:EXCERPT_CHARACTERS]:
            return f"[{len(content)} bytes]"
        # Masked before it is cut, so that the cut cannot leave half a secret; more than this is not looked at.
        beginning = self._decoded(content[: 8 * EXCERPT_CHARACTERS])
        return masked(" ".join(beginning.split()), self.response.request)[:EXCERPT_CHARACTERS]

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self.response.encoding or "utf-8", "replace")
        except (LookupError, UnicodeError):  # Python has encodings that are none of text
            return content.decode("utf-8", "replace")

    def _first(self, expressions: tuple[str, ...]) -> str | None:
        for expression in expressions:
            value = evaluate(expression, self.view)
            if value is not ABSENT and value is not None and value != "" and not isinstance(value, dict | list):
                return masked(str(value), self.response.request)[:EXCERPT_CHARACTERS]
        return None

    def _typed_error(self) -> object | None:
        value: object = self.view.json
        if value is ABSENT:
            return None
        value = masked_json(value, self.response.request)
        errors = self.operation.errors
        status = str(self.status_code)
        read = errors.get(status) or errors.get(f"{status[0]}XX") or errors.get("default")
        if read is not None:
            try:
                return read(value)
            except (DecodeError, TypeError, ValueError, LookupError, AttributeError):
                pass  # an error that is not as documented is still an error: hand over what came
        return value
