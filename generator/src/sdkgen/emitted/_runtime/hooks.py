"""Functions of the user that are called for each request."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import field, frozen, validators

from .observers import RequestContext

Hook: TypeAlias = Callable[[RequestContext], Any]
"""Gets the context of a request; in an async client, it may be async."""


@frozen(kw_only=True)
class Hooks:
    """Functions that are called for each request of a client.

    Each gets a :class:`RequestContext`. An exception of a hook is logged and does not change the call.

    Attributes:
        on_request: Called before a request.
        on_response: Called after the response, or after the failure; the context has its duration and outcome.
        on_retry: Called before the pause after which the request is sent again.
    """

    on_request: Hook | None = field(default=None, validator=validators.optional(validators.is_callable()))
    on_response: Hook | None = field(default=None, validator=validators.optional(validators.is_callable()))
    on_retry: Hook | None = field(default=None, validator=validators.optional(validators.is_callable()))

    def started(self, context: RequestContext, /) -> Any:
        """Call ``on_request``."""
        return None if self.on_request is None else self.on_request(context)

    def finished(self, context: RequestContext, state: Any, /) -> Any:
        """Call ``on_response``."""
        return None if self.on_response is None else self.on_response(context)

    def retrying(self, context: RequestContext, /) -> Any:
        """Call ``on_retry``."""
        return None if self.on_retry is None else self.on_retry(context)

    @property
    def async_functions(self) -> list[str]:
        """The names of the hooks that only an async client can call."""
        return [
            name
            for name in ("on_request", "on_response", "on_retry")
            if inspect.iscoroutinefunction(getattr(self, name))
        ]
