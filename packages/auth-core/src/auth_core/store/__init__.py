"""Token stores: where tokens are kept between calls and shared between clients.

A store keeps one :class:`TokenRecord` per key and leases it to one renewal at a time. The lock covers the entire
*renewal*, not just the write: the holder of the lease reads the record again and may find a token renewed by another
client. State that has to survive a crash is part of the record; refused logins are stored separately, under a
fingerprint of the credentials. Stores are synchronous: renewals run on separate threads.
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
