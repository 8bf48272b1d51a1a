"""The adapter to httpx, the only folder that imports it: shows tokens, recovers once from "expired", sends logins."""

from .flow import SHOWN_TOKENS, HttpxAuth, origin
from .replay import can_be_sent_again
from .sender import HttpxTokenSender, request_was_sent

__all__ = ["SHOWN_TOKENS", "HttpxAuth", "HttpxTokenSender", "can_be_sent_again", "origin", "request_was_sent"]
