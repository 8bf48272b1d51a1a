"""Received responses: the value they contain, or the error to raise."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypedDict, TypeVar, cast

import httpx
from auth_core.contract import ABSENT, Deadline, ResponseDetails, ResponseView, evaluate, matches

from .._decoding import required
from ..errors import (
    ApiError,
    AuthenticationError,
    DecodeError,
    TransportError,
    UnexpectedResponseError,
    api_error_class,
)
from .advice import REJECTED, after_failure, after_wrong_body
from .masking import Masking, masked
from .reasons import reason
from .request import Operation

E = TypeVar("E", bound=ApiError)
T = TypeVar("T")

EXCERPT_CHARACTERS = 500
REASON_CHARACTERS = 300
BODY_CHARACTERS = 16_384
"""How much of a body that is not JSON an error contains."""
MAX_ERROR_LEVELS = 100
"""Nesting of an error body that an error contains; pickle, repr and decoding are recursive."""


class Described(TypedDict):
    """What every error about a response contains."""

    operation_id: str
    method: str
    path_template: str
    url: str
    status_code: int
    headers: httpx.Headers
    body: object | None
    excerpt: str


class ReceivedResponse:
    """One response, with its whole body read.

    Args:
        operation: The operation.
        response: The response.
        details: Which responses of the API are failures, and where they state the reason.
        repeatable: Whether the request may be sent again.
        server: The argument with the URL of the server, for messages.
    """

    __slots__ = (
        "_repeatable",
        "_server",
        "_view",
        "deadline",
        "details",
        "failed_later",
        "operation",
        "response",
        "status_code",
    )

    failed_later: Callable[[Exception, str], TransportError]
    """Returns the error for a fault while the body is read; set if it is read later."""

    def __init__(
        self,
        operation: Operation,
        response: httpx.Response,
        details: ResponseDetails,
        *,
        repeatable: bool = False,
        server: str = "",
    ) -> None:
        self.deadline: Deadline | None = None
        """When the body has to be read completely, if it is read later."""
        self.operation = operation
        self.response = response
        self.status_code: int = response.status_code
        self.details = details
        self._repeatable = repeatable
        self._server = server
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
                if with_token:
                    error.add_note(REJECTED)
            raise error

    def read(self, parse: Callable[[ReceivedResponse], T]) -> T:
        """Decode this success; a :class:`DecodeError` records the operation and the response."""
        try:
            with suppress(RecursionError):  # its frames hold the request: raise from this one
                return parse(self)
            message = "is nested too deeply"
            raise DecodeError("$", message)
        except DecodeError as error:
            self.locate(error)
            raise

    def locate(self, error: DecodeError, found: str | None = None) -> None:
        """Record the operation and the response in an error.

        Args:
            error: The error.
            found: The part of a streamed body that could not be decoded.
        """
        masking = Masking(self.response.request)
        excerpt = self.excerpt(masking) if found is None else masking.beginning(found, EXCERPT_CHARACTERS)
        body = self._body(masking, excerpt) if found is None else excerpt
        error.locate(**self._described(masking, body, excerpt))
        for note in after_wrong_body(error, self._server, is_html=self.media_type == "text/html"):
            error.add_note(note)

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
        masking = Masking(self.response.request)
        excerpt = self.excerpt(masking)
        described = self._described(masking, self._body(masking, excerpt), excerpt)
        message = self._first(self.details.message, masking)
        stated = reason(described["body"], message) or described["excerpt"]
        error = kind(
            **described,
            code=self._first(self.details.code, masking),
            message=message,
            error=self._typed_error(described["body"]),
            reason=masking.beginning(stated, REASON_CHARACTERS),
            repeatable=self._repeatable,
        )
        for note in after_failure(error, self._server, is_documented=self._is_documented(error)):
            error.add_note(note)
        return error

    def _described(self, masking: Masking, body: object | None, excerpt: str) -> Described:
        operation = self.operation
        return {
            "operation_id": operation.operation_id,
            "method": operation.method,
            "path_template": operation.path,
            "url": masking.text(str(self.response.request.url)),
            "status_code": self.status_code,
            "headers": masking.headers(self.response.headers),
            "body": body,
            "excerpt": excerpt,
        }

    def excerpt(self, masking: Masking) -> str:
        """Return the beginning of the body with secrets masked; for a binary body only its size."""
        if self._is_binary:
            return f"[{len(self.response.content)} bytes]"
        return masking.beginning(self._beginning(masking.searched(EXCERPT_CHARACTERS)), EXCERPT_CHARACTERS)

    def _body(self, masking: Masking, excerpt: str) -> object | None:
        body: object
        if self._has_json:
            body = masking.json(self.view.json)
            return body
        if self._is_binary or not self.response.content:
            return excerpt or None
        return masking.lines(self._beginning(masking.searched(BODY_CHARACTERS)), BODY_CHARACTERS)

    @property
    def _is_binary(self) -> bool:
        return b"\0" in self.response.content[:EXCERPT_CHARACTERS]

    @property
    def _has_json(self) -> bool:
        """Whether the body is JSON that an error can contain."""
        return self.view.json is not ABSENT and _is_shallow(self.view.json)

    def _beginning(self, characters: int) -> str:
        longest_character = 4  # bytes
        return self._decoded(self.response.content[: longest_character * (characters + 1)])

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

    def _typed_error(self, body: object) -> object | None:
        read = self._error_decoder()
        if read is None or not self._has_json:
            return None
        try:
            return read(body)
        except (DecodeError, TypeError, ValueError, LookupError, AttributeError):
            return None  # another body than documented

    def _error_decoder(self) -> Callable[[Any], object] | None:
        errors, status = self.operation.errors, str(self.status_code)
        return errors.get(status) or errors.get(f"{status[0]}XX") or errors.get("default")

    def _is_documented(self, error: ApiError) -> bool | None:
        """Return whether the body is one that the API's description has; ``None`` if the description has none."""
        if self.media_type == "text/html":
            return False
        if self.details.code or self.details.message:
            return not (error.code is None and error.message is None)
        return None if self._error_decoder() is None else error.error is not None


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
