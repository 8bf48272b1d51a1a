"""The adapter to httpx and httpx2: places tokens, recovers once from "expired", sends token requests.

Nothing else uses an HTTP library.
"""

from .attempt import MAX_CLOSED_CONNECTIONS, Attempt
from .bounded import Deadline
from .exact import with_exact_deadlines
from .flow import DEADLINE, SHOWN_TOKENS, HttpxAuth, auth_class, origin
from .library import HttpLibrary, HttpLibraryName, http_classes, http_errors, http_library, library_of, with_bases
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
    "HttpLibrary",
    "HttpLibraryName",
    "HttpxAuth",
    "HttpxTokenSender",
    "auth_class",
    "can_be_sent_again",
    "http_classes",
    "http_errors",
    "http_library",
    "library_of",
    "masked_in_spans",
    "no_cookies",
    "origin",
    "proxy_for",
    "request_was_sent",
    "timeouts_until",
    "with_bases",
    "with_exact_deadlines",
]
