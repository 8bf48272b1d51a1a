"""The adapter to httpx, the only folder that imports it: shows tokens, recovers once from "expired", sends logins."""

from .flow import SHOWN_TOKENS, HttpxAuth
from .sender import NOT_SENT, HttpxTokenSender

__all__ = ["NOT_SENT", "SHOWN_TOKENS", "HttpxAuth", "HttpxTokenSender"]
