"""What is said of a connection that failed."""

from __future__ import annotations

import httpx
import pytest
from auth_core.httpx_auth import HttpxTokenSender
from auth_core.wire import TokenHttpRequest, TokenSendError, transport_failure


@pytest.mark.parametrize(
    ("text", "reported"),
    [
        ("[Errno 111] Connection refused", "OSError: [Errno 111] Connection refused"),
        ("", "OSError"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate", "create_default_context(cafile=...)"),
        ("[SSL: WRONG_VERSION_NUMBER] wrong version number", "does not use https on this port"),
    ],
)
def test_a_failed_connection_is_reported_with_the_known_fix(text, reported):
    assert reported in transport_failure(OSError(text))


def test_an_error_that_quotes_a_header_is_not_repeated():
    class LocalProtocolError(Exception):
        """As h11 has it."""

    assert "secret" not in transport_failure(LocalProtocolError("Illegal header value b'Bearer secret'"))


def test_a_closed_client_is_reported_as_a_request_not_sent():
    client = httpx.Client()
    client.close()
    request = TokenHttpRequest(operation_id="ask", method="GET", url="http://127.0.0.1:9/", shown_url="here")
    with pytest.raises(TokenSendError, match="is closed") as failure:
        HttpxTokenSender(client)(request)

    assert failure.value.request_sent is False


def test_nothing_is_advised_where_nothing_is_known():
    assert transport_failure(OSError("reset")) == "OSError: reset"
