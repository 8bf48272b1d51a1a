"""Operations that the API's description does not have: the security they are taken to need."""

from __future__ import annotations

from generator.emitted.shop import connection
from sdkgen.emitted._runtime.undocumented import undocumented_call


def test_it_has_the_usual_security_and_is_sent_without_a_token_if_there_are_no_credentials() -> None:
    made_by = connection()
    made_by.usual_security = (("bearer",), ("key", "basic"))
    operation, parts, _ = undocumented_call(
        made_by, "delete", "/a%20b/ü", cast_to=None, query={"a": None}, body=b"x", server="files_url"
    )
    assert operation.security == (("bearer",), ("key", "basic"), ())
    assert (operation.method, operation.server, operation.safe) == ("DELETE", "files_url", None)
    assert (parts.path, parts.query, parts.content_type) == ("/a%20b/%C3%BC", "", "application/octet-stream")
