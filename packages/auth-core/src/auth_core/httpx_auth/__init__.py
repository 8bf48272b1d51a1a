"""The httpx adapter: places tokens, recovers once from "expired", sends token requests. Nothing else uses httpx."""

from .attempt import MAX_CLOSED_CONNECTIONS, Attempt
from .bounded import Deadline
from .exact import with_exact_deadlines
from .flow import DEADLINE, SHOWN_TOKENS, HttpxAuth, origin
from .masking import SENT_BY_PARTS
from .replay import can_be_sent_again
from .sender import HttpxTokenSender, request_was_sent
from .transports import masked_in_spans, no_cookies, proxy_for, timeouts_until

__all__ = [
    "DEADLINE",
    "MAX_CLOSED_CONNECTIONS",
    "SENT_BY_PARTS",
    "SHOWN_TOKENS",
    "Attempt",
    "Deadline",
    "HttpxAuth",
    "HttpxTokenSender",
    "can_be_sent_again",
    "masked_in_spans",
    "no_cookies",
    "origin",
    "proxy_for",
    "request_was_sent",
    "timeouts_until",
    "with_exact_deadlines",
]
