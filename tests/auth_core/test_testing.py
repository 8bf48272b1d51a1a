"""What ``auth_core_testing`` hands to others: tokens that strangers can verify, and that end as they should."""

from __future__ import annotations

import jwt as pyjwt
import pytest
from auth_core_testing import FakeClock, TokenIssuer, TokenProblem


@pytest.mark.parametrize("algorithm", ["HS256", "RS256"])
def test_a_stranger_verifies_the_tokens(algorithm):
    issuer = TokenIssuer(algorithm=algorithm, issuer="https://acme.example")
    (key,) = issuer.jwks()["keys"]
    claims = pyjwt.decode(
        issuer.issue("alice", claims={"role": "x"}).access_token,
        pyjwt.PyJWK(key).key,
        algorithms=[algorithm],
        issuer="https://acme.example",
    )

    assert (claims["sub"], claims["role"]) == ("alice", "x")


def test_an_rsa_key_set_holds_no_private_part():
    assert set(TokenIssuer(algorithm="RS256").jwks()["keys"][0]) == {"kty", "n", "e", "kid", "alg", "use"}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def reason(act) -> str:
    with pytest.raises(TokenProblem) as problem:
        act()
    return problem.value.reason


def test_access_tokens_end_on_the_issuers_clock(clock):
    issuer = TokenIssuer(clock=clock, lifetime=60)
    token = issuer.issue("alice").access_token
    clock.advance(59)
    assert issuer.verify(token)["sub"] == "alice"
    clock.advance(1)

    assert reason(lambda: issuer.verify(token)) == "expired"


def test_refresh_tokens_are_single_use_and_reuse_revokes_the_family(clock):
    issuer = TokenIssuer(clock=clock)
    first = issuer.issue("alice")
    second = issuer.refresh(first.refresh_token)

    assert reason(lambda: issuer.refresh(first.refresh_token)) == "reused"
    assert reason(lambda: issuer.refresh(second.refresh_token)) == "revoked"
    assert reason(lambda: issuer.verify(second.access_token)) == "revoked"
    assert issuer.reuse_events == 1


def test_within_the_grace_a_spent_refresh_token_is_taken(clock):
    issuer = TokenIssuer(clock=clock, reuse_grace=10)
    first = issuer.issue("alice")
    issuer.refresh(first.refresh_token)
    clock.advance(9)
    issuer.refresh(first.refresh_token)
    clock.advance(1)

    assert reason(lambda: issuer.refresh(first.refresh_token)) == "reused"


def test_without_rotation_the_refresh_token_stays(clock):
    issuer = TokenIssuer(clock=clock, rotates=False)
    first = issuer.issue("alice")

    assert issuer.refresh(first.refresh_token).refresh_token == first.refresh_token


def test_refresh_tokens_end_too(clock):
    issuer = TokenIssuer(clock=clock, refresh_lifetime=100, refresh_format="jwt")
    token = issuer.issue("alice").refresh_token
    clock.advance(100)

    assert reason(lambda: issuer.refresh(token)) == "expired"
    assert issuer.decode(token)["exp"] == clock.wall()


def test_one_session_per_user(clock):
    issuer = TokenIssuer(clock=clock, single_session=True)
    old, other = issuer.issue("alice"), issuer.issue("bob")
    issuer.issue("alice")

    assert reason(lambda: issuer.verify(old.access_token)) == "revoked"
    assert issuer.verify(other.access_token)["sub"] == "bob"

    first = issuer.issue("bob", refresh=False)
    refresh_token = issuer.issue_refresh_token("bob", family=first.family)
    assert issuer.verify(first.access_token), "an additional step of the same login"
    assert issuer.refresh(refresh_token).family == first.family
    assert issuer.refresh(issuer.issue_refresh_token("bob")).family != first.family
    assert reason(lambda: issuer.verify(first.access_token)) == "revoked"


def test_revoking(clock):
    issuer = TokenIssuer(clock=clock)
    one, two = issuer.issue("alice"), issuer.issue("alice")

    assert issuer.revoke(one.access_token) is True
    assert issuer.revoke(two.refresh_token) is True
    assert issuer.revoke("nonsense") is False
    assert reason(lambda: issuer.verify(one.access_token)) == "revoked"
    assert reason(lambda: issuer.verify(two.access_token)) == "revoked"
    assert issuer.refresh(one.refresh_token)


def test_what_was_issued_can_be_listed_without_the_tokens(clock):
    issuer = TokenIssuer(clock=clock, lifetime=60, refresh_lifetime=600)
    told = []
    issuer.on_token = told.append
    first = issuer.issue("alice")
    issuer.issue("bob", refresh=False)
    clock.advance(1)
    second = issuer.refresh(first.refresh_token)

    records = issuer.tokens()
    assert sorted(record.ending for record in told) == sorted(record.ending for record in records)
    assert {record.state for record in told} == {"valid"}
    assert [(record.kind, record.subject, record.state) for record in records] == [
        ("access", "alice", "valid"),
        ("access", "bob", "valid"),
        ("refresh", "alice", "spent"),
        ("access", "alice", "valid"),
        ("refresh", "alice", "valid"),
    ]
    assert (records[0].lifetime, records[2].lifetime) == (60, 600)
    assert records[4].ending == second.refresh_token[-4:]
    assert first.access_token not in repr(records)
    assert first.refresh_token not in repr(records)

    clock.advance(59)
    assert [record.state for record in issuer.tokens()] == ["expired", "expired", "spent", "valid", "valid"]
    issuer.expire_access_tokens()
    assert reason(lambda: issuer.verify(second.access_token)) == "expired"
    issuer.revoke_family(first.family)
    assert [record.state for record in issuer.tokens()] == ["revoked", "expired", "revoked", "revoked", "revoked"]


@pytest.mark.parametrize(
    ("token", "why"),
    [("", "malformed"), ("a.b.c", "malformed"), (TokenIssuer().issue("x").access_token, "bad_signature")],
    ids=["none", "not a JWT", "of another issuer"],
)
def test_foreign_tokens_are_not_accepted(clock, token, why):
    assert reason(lambda: TokenIssuer(clock=clock).verify(token)) == why


def test_an_unknown_refresh_token_is_refused(clock):
    assert reason(lambda: TokenIssuer(clock=clock).refresh("x")) == "unknown"
