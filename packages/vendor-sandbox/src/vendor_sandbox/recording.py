"""What arrived, for tests to look at."""

from __future__ import annotations

from urllib.parse import parse_qsl

from attrs import field, frozen

__all__ = ["RecordedRequest"]


@frozen
class RecordedRequest:
    """One request that arrived, tokens and secrets included (not shown in its repr), and how it was served."""

    method: str
    path: str
    """As it was sent, still percent-encoded, with the vendor's prefix."""
    query_string: str = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    operation_id: str | None
    """``None``: the path belongs to no operation."""
    status: int | None
    """``None``: the connection was reset without a response."""
    vendor: str = ""
    at: float = 0.0
    """When it arrived: seconds since the Unix epoch, on the sandbox's clock."""
    fault: str | None = None
    """The kind of the fault that struck it."""
    grant: str | None = None
    """Of a token request its grant; ``refresh`` for a renewal."""

    @property
    def query(self) -> list[tuple[str, str]]:
        """The query's names and values, decoded."""
        return parse_qsl(self.query_string, keep_blank_values=True)

    def header(self, name: str) -> str | None:
        """The first header of this name, in any case."""
        return next((value for key, value in self.headers if key == name.lower()), None)
