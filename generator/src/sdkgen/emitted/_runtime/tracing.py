"""Spans of OpenTelemetry. It is imported only if an :class:`OpenTelemetryHooks` is created."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from ..errors import ConfigurationError
from .observers import LOGGER, RequestContext

if TYPE_CHECKING:
    from opentelemetry.trace import TracerProvider


class OpenTelemetryHooks:
    """Makes a span for each request, named after the operation, as the semantic conventions for HTTP clients say.

    Spans contain no token. Requests get no trace headers; instrument httpx if the API reads them.

    Args:
        tracer_provider: Default: the global one.

    Raises:
        ConfigurationError: ``opentelemetry-api`` is not installed.
    """

    def __init__(self, tracer_provider: TracerProvider | None = None) -> None:
        try:
            from opentelemetry import context, trace
        except ImportError:
            message = "OpenTelemetryHooks requires opentelemetry-api, which the extra `opentelemetry` installs"
            raise ConfigurationError(message) from None
        self._trace, self._context = trace, context
        self._tracer = trace.get_tracer(LOGGER.name, tracer_provider=tracer_provider)

    def started(self, context: RequestContext, /) -> Any:
        """Start the span and make it the current one."""
        url = httpx.URL(context.url)
        attributes: dict[str, str | int] = {
            "http.request.method": context.method,
            "url.full": context.url,
            "url.template": context.path_template,
            "server.address": url.host,
            "server.port": url.port or {"http": 80}.get(url.scheme, 443),
        }
        if context.attempt > 1:
            attributes["http.request.resend_count"] = context.attempt - 1
        span = self._tracer.start_span(context.operation_id, kind=self._trace.SpanKind.CLIENT, attributes=attributes)
        return span, self._context.attach(self._trace.set_span_in_context(span))

    def finished(self, context: RequestContext, state: Any, /) -> None:
        """End the span."""
        if state is None:  # it could not be started
            return
        span, token = state
        self._context.detach(token)
        if context.status_code is not None:
            span.set_attribute("http.response.status_code", context.status_code)
        if context.error_type is not None:
            span.set_attribute("error.type", context.error_type)
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()

    def retrying(self, context: RequestContext, /) -> None:
        """Do nothing: the next request has a span of its own."""
