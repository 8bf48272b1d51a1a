"""Recorded requests, for tests to inspect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from attrs import field, frozen

__all__ = ["RecordedRequest", "RecordedResponse"]


@frozen
class RecordedResponse:
    """What the vendor responded, before a fault cut or delayed it."""

    status: int
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    size: int
    """Bytes of the body."""
    body: bytes | None = field(default=None, repr=False)
    """The first bytes of the body; ``None``: the sandbox does not keep bodies."""


@frozen
class RecordedRequest:
    """A received request, including tokens and secrets (hidden in its repr), and its outcome."""

    method: str
    path: str
    """The path as sent: percent-encoded, with the vendor's prefix."""
    query_string: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    operation_id: str | None
    """``None``: no operation matches the request."""
    status: int | None
    """``None``: the connection was reset without a response."""
    vendor: str = ""
    at: float = 0.0
    """Time of arrival: seconds since the Unix epoch, on the sandbox's clock."""
    fault: str | None = None
    """The kind of the fault that was applied."""
    grant: str | None = None
    """The grant of a token request; ``refresh`` for a renewal."""
    path_parameters: Mapping[str, str] = field(factory=dict[str, str], repr=False)
    """The path's parameters, decoded."""
    parts: Mapping[str, Sequence[str]] = field(factory=dict[str, Sequence[str]], repr=False)
    """The parts of a multipart body by name: text values, and the names of files."""
    response: RecordedResponse | None = None
    """``None``: the connection was reset without a response."""

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key == name.lower()), None)
