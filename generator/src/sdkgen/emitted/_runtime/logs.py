"""Log records of requests, with the standard ``logging``."""

from __future__ import annotations

import logging
import os

from ..errors import ConfigurationError
from .observers import LOGGER, RequestContext

_LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}


class RequestLog:
    """Logs each request in one line at INFO, and its headers from an allow-list at DEBUG."""

    def started(self, context: RequestContext, /) -> None:
        """Log the request."""
        LOGGER.debug("%s %s %s %s", context.operation_id, context.method, context.url, dict(context.request_headers))

    def finished(self, context: RequestContext, state: object, /) -> None:
        """Log the outcome: ``runQuery 200 in 84 ms (attempt 2)``."""
        milliseconds = round((context.duration_seconds or 0) * 1000)
        outcome = context.error_type if context.status_code is None else context.status_code
        again = f" (attempt {context.attempt})" if context.attempt > 1 else ""
        LOGGER.info("%s %s in %d ms%s", context.operation_id, outcome, milliseconds, again)
        if context.status_code is not None:
            LOGGER.debug("%s %s", context.operation_id, dict(context.response_headers))

    def retrying(self, context: RequestContext, /) -> None:
        """Log the pause before a retry."""
        LOGGER.info("%s is sent again in %.2f s", context.operation_id, context.retry_delay_seconds or 0)


def log_as_the_environment_says(variable: str) -> None:
    """Set the level of the package's logger as an environment variable says; without it, do nothing.

    If no logging is set up, records are written to the standard error stream.

    Args:
        variable: Its value is ``info`` or ``debug``.

    Raises:
        ConfigurationError: It has another value.
    """
    value = os.environ.get(variable, "").strip().lower()
    if not value:
        return
    if value not in _LEVELS:
        message = f"{variable} must be `info` or `debug`"
        raise ConfigurationError(message)
    LOGGER.setLevel(_LEVELS[value])
    if not LOGGER.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(name)s: %(message)s"))
        LOGGER.addHandler(handler)
