"""Credentials from environment variables: one complete grant per scheme, or the one that is named."""

from __future__ import annotations

from typing import ClassVar

import pytest
from attrs import frozen
from auth_core import (
    AmbiguousCredentials,
    Credentials,
    CredentialValue,
    MissingCredentials,
    credentials_from_environment,
)
from auth_core.lifecycle import CredentialDefinition, Grant, TokenLifecycle
from auth_core_testing import BEARER


def grant(name: str, *variables: str, optional: tuple[str, ...] = ()) -> Grant:
    definitions = [CredentialDefinition(v.lower(), f"ACME_{v}", secret=v == "PASSWORD") for v in variables]
    definitions += [CredentialDefinition(v.lower(), f"ACME_{v}", required=False) for v in optional]
    return Grant(name, tuple(definitions))


LIFECYCLES = {
    "bearer": TokenLifecycle(
        "acme",
        "bearer",
        (grant("password", "USERNAME", "PASSWORD", optional=("UNIT",)), grant("code", "CODE")),
        (BEARER,),
    ),
    "key": TokenLifecycle("acme", "key", (grant("api_key", "API_KEY"),), (BEARER,)),
}


@frozen(kw_only=True, repr=False)
class Password(Credentials):
    scheme: ClassVar[str] = "bearer"
    grant: ClassVar[str] = "password"
    username: CredentialValue
    password: CredentialValue
    unit: CredentialValue | None = None


@frozen(kw_only=True, repr=False)
class Code(Credentials):
    scheme: ClassVar[str] = "bearer"
    grant: ClassVar[str] = "code"
    code: CredentialValue


@frozen(kw_only=True, repr=False)
class Key(Credentials):
    scheme: ClassVar[str] = "key"
    grant: ClassVar[str] = "api_key"
    api_key: CredentialValue


PASSWORD = {"ACME_USERNAME": "alice", "ACME_PASSWORD": "s3cret-value"}


def read(**variables: str) -> tuple[Credentials, ...]:
    return credentials_from_environment("ACME", (Password, Code, Key), LIFECYCLES, variables)


def test_the_complete_grant_is_taken():
    assert read(**PASSWORD) == (Password(username="alice", password="s3cret-value"),)


def test_an_optional_variable_is_taken_along():
    assert read(**PASSWORD, ACME_UNIT="u") == (Password(username="alice", password="s3cret-value", unit="u"),)


def test_each_scheme_has_its_own():
    assert read(**PASSWORD, ACME_API_KEY="k") == (Password(username="alice", password="s3cret-value"), Key(api_key="k"))


def test_what_another_scheme_lacks_does_not_matter():
    assert read(ACME_API_KEY="k", ACME_USERNAME="alice") == (Key(api_key="k"),)


def test_two_complete_grants_of_one_scheme_are_ambiguous():
    with pytest.raises(AmbiguousCredentials, match="password and for code; set ACME_GRANT"):
        read(**PASSWORD, ACME_CODE="c")


@pytest.mark.parametrize(("chosen", "found"), [("code", [Code]), (" password , api_key", [Password, Key])])
def test_a_named_grant_is_taken(chosen, found):
    credentials = read(**PASSWORD, ACME_CODE="c", ACME_API_KEY="k", ACME_GRANT=chosen)

    assert [type(one) for one in credentials] == found


def test_two_named_grants_of_one_scheme_are_ambiguous():
    with pytest.raises(AmbiguousCredentials):
        read(**PASSWORD, ACME_CODE="c", ACME_GRANT="password,code")


@pytest.mark.parametrize("variables", [{}, {"ACME_USERNAME": ""}])
def test_when_nothing_is_complete_every_missing_variable_is_named(variables):
    with pytest.raises(MissingCredentials) as failure:
        read(**variables)

    for name in ("ACME_USERNAME", "ACME_PASSWORD", "ACME_CODE", "ACME_API_KEY"):
        assert name in str(failure.value)
    assert "ACME_UNIT" not in str(failure.value)


def test_an_incomplete_named_grant_lists_missing_variables_without_values():
    with pytest.raises(MissingCredentials, match="password lacks ACME_USERNAME") as failure:
        read(ACME_GRANT="password", ACME_PASSWORD="s3cret-value")

    assert "s3cret-value" not in str(failure.value)


@pytest.mark.parametrize(("name", "hint"), [("pasword", "did you mean password"), ("zzz", "api_key, code, password")])
def test_an_unknown_grant_gets_a_suggestion(name, hint):
    with pytest.raises(MissingCredentials, match=hint):
        read(ACME_GRANT=name)


def test_the_process_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("ACME_API_KEY", "k")

    assert credentials_from_environment("ACME", (Key,), LIFECYCLES) == (Key(api_key="k"),)
