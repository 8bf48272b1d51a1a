"""The httpx adapter: places tokens, recovers once from "expired", sends token requests. Nothing else uses httpx."""

from .attempt import MAX_CLOSED_CONNECTIONS, Attempt
from .flow import SHOWN_TOKENS, HttpxAuth, origin
from .replay import can_be_sent_again
from .sender import HttpxTokenSender, request_was_sent

__all__ = [
    "MAX_CLOSED_CONNECTIONS",
    "SHOWN_TOKENS",
    "Attempt",
    "HttpxAuth",
    "HttpxTokenSender",
    "can_be_sent_again",
    "origin",
    "request_was_sent",
]
