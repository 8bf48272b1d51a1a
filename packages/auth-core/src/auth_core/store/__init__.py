"""Where tokens are kept between calls, and what is agreed on between those who share them.

A store keeps one :class:`TokenRecord` per key and lends it out to one renewal at a time. The *renewal* is under the
store's lock, not just the write: whoever gets the lease reads the record again and may find the work done. What has to
survive a crash is part of the record; refused logins are kept apart, under a fingerprint of the credentials themselves.
Stores are synchronous: renewals run on threads of their own.
"""

from .memory import MemoryStore, RefusalBook
from .protocol import RefreshIntent, RenewalLease, TokenRecord, TokenStore, refresh_token_digest

__all__ = [
    "MemoryStore",
    "RefreshIntent",
    "RefusalBook",
    "RenewalLease",
    "TokenRecord",
    "TokenStore",
    "refresh_token_digest",
]
