"""The httpx adapter: places tokens, recovers once from "expired", sends token requests. Nothing else uses httpx."""

from .flow import SHOWN_TOKENS, HttpxAuth, origin
from .replay import can_be_sent_again
from .sender import HttpxTokenSender, request_was_sent
from .transports import no_cookies, proxy_for

__all__ = [
    "SHOWN_TOKENS",
    "HttpxAuth",
    "HttpxTokenSender",
    "can_be_sent_again",
    "no_cookies",
    "origin",
    "proxy_for",
    "request_was_sent",
]
