"""What is said of a connection that failed."""

from __future__ import annotations

import pytest
from auth_core.wire import transport_failure


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[Errno 111] Connection refused", "OSError: [Errno 111] Connection refused"),
        ("", "OSError"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "create_default_context(cafile=...)"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not speak https on this port"),
    ],
)
def test_a_failed_connection_says_what_to_do_where_that_is_known(text, said):
    assert said in transport_failure(OSError(text))


def test_nothing_is_advised_where_nothing_is_known():
    assert transport_failure(OSError("reset")) == "OSError: reset"
