"""The httpx adapter: places tokens, recovers once from "expired", sends token requests. Nothing else uses httpx."""

from .attempt import MAX_CLOSED_CONNECTIONS, Attempt
from .flow import SHOWN_TOKENS, HttpxAuth, origin
from .masking import SENT_BY_PARTS
from .replay import can_be_sent_again
from .sender import HttpxTokenSender, request_was_sent
from .transports import masked_in_spans, no_cookies, proxy_for

__all__ = [
    "MAX_CLOSED_CONNECTIONS",
    "SENT_BY_PARTS",
    "SHOWN_TOKENS",
    "Attempt",
    "HttpxAuth",
    "HttpxTokenSender",
    "can_be_sent_again",
    "masked_in_spans",
    "no_cookies",
    "origin",
    "proxy_for",
    "request_was_sent",
]
