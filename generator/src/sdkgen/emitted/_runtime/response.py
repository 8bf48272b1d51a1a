"""Received responses: the value they contain, or the error to raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar, cast

import httpx
from auth_core.contract import ABSENT, ResponseDetails, ResponseView, evaluate, matches

from .._decoding import required
from ..errors import ApiError, AuthenticationError, DecodeError, UnexpectedResponseError, api_error_class
from .masking import Masking, masked
from .request import Operation

E = TypeVar("E", bound=ApiError)
T = TypeVar("T")

EXCERPT_CHARACTERS = 500


MAX_ERROR_LEVELS = 100
"""Nesting of an error body that an error contains; pickle, repr and decoding are recursive."""


class ReceivedResponse:
    """One response, with its whole body read."""

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
        """The response in the form that ``auth_core`` evaluates; its JSON is parsed once."""
        if self._view is None:
            self._view = ResponseView(self.status_code, self.response.headers, self.response.content)
        return self._view

    def raise_for_failure(self, *, with_token: bool) -> None:
        """Raise unless the status is a success and the body does not report a failure.

        Args:
            with_token: Whether the request was sent with a token.
        """
        if not 200 <= self.status_code <= 299 or (self.details.failed and matches(self.details.failed, self.view)):
            error = self.failure()
            if isinstance(error, AuthenticationError):
                error.lacks_credentials = any(self.operation.security) and not with_token
            raise error

    def read(self, parse: Callable[[ReceivedResponse], T]) -> T:
        """Decode this success; a :class:`DecodeError` records the operation and the response."""
        try:
            with suppress(RecursionError):  # its frames hold the request: raise from this one
                return parse(self)
            message = "is nested too deeply"
            raise DecodeError("$", message)
        except DecodeError as error:
            masking = Masking(self.response.request)
            error.locate(
                operation_id=self.operation.operation_id,
                method=self.operation.method,
                path_template=self.operation.path,
                status_code=self.status_code,
                headers=masking.headers(self.response.headers),
                excerpt=self.excerpt(masking),
            )
            raise

    def json(self) -> Any:
        """Return the body as a JSON value. Raises :class:`DecodeError` if it is not JSON."""
        if self.view.json is not ABSENT:
            return self.view.json
        kind = masked(self.response.headers.get("content-type", "none"), self.response.request)
        found = json_fault(self.response.content)
        what = f"{found} (Content-Type: {kind})" if self.response.content else "an empty body"
        message = f"expected JSON, got {what}"
        raise DecodeError("$", message)

    def member(self, decode: Callable[[Any], T], *path: str) -> T:
        """Decode the member of the JSON body that is the result; the objects around it only wrap it.

        Args:
            decode: The decoder of the member.
            path: The names that lead to it.

        Raises:
            DecodeError: The body is not JSON, lacks the member, or has a wrong one.
        """
        for name in reversed(path):
            decode = partial(required, key=name, decode=decode)
        return decode(self.json())

    def any_json(self) -> Any:
        """Return the body of a response without a schema as a JSON value; ``None`` if it is empty."""
        return self.json() if self.response.content else None

    def text(self) -> str:
        """Return the body as text, in the character set that the response declares."""
        return self._decoded(self.response.content)

    def content(self) -> bytes:
        """Return the body as bytes."""
        return self.response.content

    def undocumented(self) -> ApiError:
        """Return the error for a success that the API's description does not document."""
        return self.error(UnexpectedResponseError)

    def failure(self) -> ApiError:
        """Return the error for this failed response."""
        return self.error(api_error_class(self.status_code))

    def error(self, kind: type[E]) -> E:
        """Return an error of the given class with the details of this response."""
        operation, masking = self.operation, Masking(self.response.request)
        return kind(
            status_code=self.status_code,
            code=self._first(self.details.code, masking),
            message=self._first(self.details.message, masking),
            error=self._typed_error(masking),
            headers=masking.headers(self.response.headers),
            excerpt=self.excerpt(masking),
            operation_id=operation.operation_id,
            method=operation.method,
            path_template=operation.path,
        )

    def excerpt(self, masking: Masking) -> str:
        """Return the beginning of the body with secrets masked; for a binary body only its size."""
        content = self.response.content
        if b"\0" in content[:EXCERPT_CHARACTERS]:
            return f"[{len(content)} bytes]"
        longest_character = 4  # bytes
        beginning = content[: longest_character * (masking.searched(EXCERPT_CHARACTERS) + 1)]
        return masking.beginning(self._decoded(beginning), EXCERPT_CHARACTERS)

    def _decoded(self, content: bytes) -> str:
        try:
            return content.decode(self.response.encoding or "utf-8", "replace")
        except (LookupError, UnicodeError):  # Python also has encodings that are not text encodings
            return content.decode("utf-8", "replace")

    def _first(self, expressions: tuple[str, ...], masking: Masking) -> str | None:
        for expression in expressions:
            value = evaluate(expression, self.view)
            if value is not ABSENT and value is not None and value != "" and not isinstance(value, dict | list):
                return masking.beginning(str(value), EXCERPT_CHARACTERS)
        return None

    def _typed_error(self, masking: Masking) -> object | None:
        value: object = self.view.json
        if value is ABSENT or not _is_shallow(value):
            return None
        value = masking.json(value)
        errors = self.operation.errors
        status = str(self.status_code)
        read = errors.get(status) or errors.get(f"{status[0]}XX") or errors.get("default")
        if read is not None:
            try:
                return read(value)
            except (DecodeError, TypeError, ValueError, LookupError, AttributeError):
                pass  # an undocumented error body is returned as JSON
        return value


def json_fault(content: bytes) -> str:
    """Return what a body without JSON is, without a part of it."""
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        if error.pos >= len(error.doc.rstrip()) or error.msg.startswith("Unterminated string"):
            return f"a body that ends in the middle of a JSON value, after {len(content)} bytes"
        if error.pos > 0:
            return f"a body that is not JSON from character {error.pos} on ({error.msg})"
    except RecursionError:
        return "JSON that is nested too deeply"
    except ValueError:
        pass
    return "a body that is not JSON"


def _is_shallow(value: object) -> bool:
    """Return whether a JSON value is nested in at most :data:`MAX_ERROR_LEVELS` levels."""
    level = [value]
    for _ in range(MAX_ERROR_LEVELS):
        level = [
            part
            for outer in level
            if isinstance(outer, dict | list)
            for part in (cast("dict[str, object]", outer).values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return True
    return False
