"""Which credentials serve which operation; giving tokens back and forgetting them."""

from __future__ import annotations

import asyncio
import base64
import threading
from typing import ClassVar

import pytest
from attrs import evolve, frozen
from auth_core import (
    AmbiguousCredentials,
    Authenticator,
    ConfigurationError,
    Credentials,
    CredentialValue,
    Decision,
    EventKind,
    InsecureServer,
    InvalidCredentials,
    MissingCredentials,
    Moment,
    Placement,
    RefreshPolicy,
    Secret,
    StoreUnavailable,
    Token,
    TokenUnavailable,
)
from auth_core.lifecycle import BasicAuthentication, CredentialDefinition, FromCredential, Grant, TokenRequest
from auth_core.wire import TokenSendError
from auth_core_testing import PasswordCredentials, ProviderResponse, StaticCredentials, oauth_lifecycle

SERVERS = {"base_url": "https://api.example"}
PASSWORD = PasswordCredentials(username="alice", password="p")


@frozen(kw_only=True, repr=False)
class KeyCredentials(Credentials):
    scheme: ClassVar[str] = "key"
    grant: ClassVar[str] = "static"
    token: CredentialValue


LIFECYCLES = {"oauth": oauth_lifecycle(), "key": evolve(oauth_lifecycle(), scheme="key")}


def no_send(_):
    raise TokenSendError("nobody there", request_sent=False)


def authenticator(*credentials: Credentials, **options) -> Authenticator:
    return Authenticator(LIFECYCLES, credentials, options.pop("servers", SERVERS), send=no_send, **options)


@pytest.mark.parametrize(
    ("security", "schemes"),
    [
        ((), []),
        (((),), []),
        ((("oauth",),), ["oauth"]),
        ((("oauth", "key"),), ["oauth", "key"]),
        ((("key",), ("oauth",)), ["key"]),
        ((("other",), ("oauth",)), ["oauth"]),
        (((), ("oauth",)), ["oauth"]),
        (((), ("other",), ("key",)), ["key"]),
        (((), ("other",)), []),
        ((("oauth",), ()), ["oauth"]),
    ],
)
def test_the_first_alternative_that_can_be_satisfied_is_taken(security, schemes):
    both = authenticator(PASSWORD, KeyCredentials(token="k"))

    assert both.sources_for(security, "op") == tuple(both.source(scheme) for scheme in schemes)


def test_anonymous_is_the_last_resort_where_the_operation_allows_it():
    assert authenticator().sources_for((("oauth",), ()), "op") == ()


def test_missing_credentials_say_what_to_give():
    with pytest.raises(MissingCredentials) as failure:
        authenticator(KeyCredentials(token="k")).sources_for((("oauth", "key"),), "listThings")

    text = str(failure.value)
    assert "listThings" in text
    assert "password (username, password)" in text
    assert failure.value.request_sent is False


def test_credentials_that_are_all_needed_are_not_offered_as_a_choice():
    login = "password (username, password) or code (code) or static (token)"
    for security, needed in {
        (("oauth", "key"),): f"give for oauth {login}, and for key {login}",
        (("oauth", "key"), ("key",)): f"give for oauth {login}, and for key {login}; or for key {login}",
        (("oauth",), ("key",), ("other",)): f"give one of: {'; '.join([login.replace(' or ', '; ')] * 2)}",
    }.items():
        with pytest.raises(MissingCredentials) as failure:
            authenticator().sources_for(security, "op")
        assert str(failure.value).endswith(needed)


def test_two_credentials_for_one_scheme_are_ambiguous():
    with pytest.raises(AmbiguousCredentials, match="oauth"):
        authenticator(PASSWORD, StaticCredentials(token="t"))


def test_credentials_of_another_client_are_refused():
    @frozen(kw_only=True, repr=False)
    class Foreign(Credentials):
        scheme: ClassVar[str] = "oauth"
        grant: ClassVar[str] = "password"
        api_user: CredentialValue

    with pytest.raises(InvalidCredentials, match=r"Foreign of .* is not for this client"):
        authenticator(Foreign(api_user="u"))


def test_credentials_of_another_vendor_are_refused_despite_equal_names():
    @frozen(kw_only=True, repr=False)
    class Alike(Credentials):
        lifecycle = evolve(oauth_lifecycle(), vendor="another")
        scheme: ClassVar[str] = "oauth"
        grant: ClassVar[str] = "password"
        username: CredentialValue
        password: CredentialValue

    with pytest.raises(InvalidCredentials, match=r"Alike of .* is not for this client"):
        authenticator(Alike(username="alice", password="p"))


def test_a_required_credential_of_none_is_missing_before_sending():
    with pytest.raises(InvalidCredentials, match="PasswordCredentials lacks password: the value is None"):
        authenticator(PasswordCredentials(username="alice", password=None))


def test_every_server_must_be_safe():
    with pytest.raises(InsecureServer, match=r"sso_url is http://sso\.example"):
        authenticator(servers={**SERVERS, "sso_url": "http://sso.example"})
    authenticator(servers={**SERVERS, "sso_url": "http://sso.example"}, allow_http=True)


def test_an_unreachable_provider_raises_with_request_sent_false():
    with pytest.raises(TokenUnavailable, match=r"POST https://api\.example/token: nobody there") as failure:
        authenticator(PASSWORD).source("oauth").token()

    assert failure.value.request_sent is False


def test_logout_tells_the_vendor_and_the_next_call_logs_in(make_world):
    world = make_world(lifecycle=oauth_lifecycle(logout=True))
    world.get()
    token = world.provider.issued[0].access_token
    world.authenticator.logout()

    (logout,) = world.provider.logouts
    assert (logout.form["token"], logout.headers["authorization"]) == (token, f"Bearer {token}")
    world.get()
    assert world.provider.grants() == ["password", "password"]


def test_logout_works_from_a_task(make_world):
    world = make_world(lifecycle=oauth_lifecycle(logout=True))
    world.get()
    asyncio.run(world.authenticator.logout_async())

    assert len(world.provider.logouts) == 1


def test_logout_without_a_token_sends_nothing(make_world):
    world = make_world(lifecycle=oauth_lifecycle(logout=True))
    world.authenticator.logout()

    assert world.provider.logouts == []


def test_tokens_are_forgotten_even_if_the_vendor_cannot_be_reached(make_world):
    logout = evolve(oauth_lifecycle(logout=True).logout, server="sso_url")
    world = make_world(lifecycle=evolve(oauth_lifecycle(), logout=logout))
    world.get()
    with pytest.raises(Exception, match="sso_url"):
        world.authenticator.logout()
    world.get()

    assert world.provider.grants() == ["password", "password"]


def test_forget_drops_the_token_for_all_who_share_the_store(world):
    world.source.token()
    world.authenticator.forget()
    other = world.new_authenticator(store=world.store).source("oauth")

    assert other.token().access_token.reveal() == world.provider.issued[1].access_token


class Unreachable:
    """A hand-written renewer whose tokens are in a store that fails."""

    renewable = True

    def __init__(self, trouble: Exception) -> None:
        self.trouble = trouble

    def renew(self, stale_generation):
        return Token(access_token=Secret("t"), issued=Moment(0.0, 0.0), grant="hand-written")

    def fail(self, *_):
        raise self.trouble

    revoke = forget = forget_failures = fail


@pytest.mark.parametrize("act", ["forget", "forget_failures", "logout"])
@pytest.mark.parametrize("trouble", [StoreUnavailable("no route"), ValueError("a-secret-in-a-text")])
def test_an_error_for_one_token_does_not_skip_the_others(world, act, trouble):
    lifecycles = {"first": world.lifecycle, "oauth": world.lifecycle}
    authenticator = Authenticator(lifecycles, (), {"base_url": world.url}, send=no_send)
    authenticator.add_renewer("first", Unreachable(trouble))
    authenticator.add_renewer("oauth", world.source._renewer)
    for scheme in lifecycles:
        authenticator.source(scheme).token()
    with pytest.raises(TokenUnavailable) as caught:
        getattr(authenticator, act)()

    kind = EventKind.FAILURES_FORGOTTEN if act == "forget_failures" else EventKind.FORGOTTEN
    assert authenticator.source("oauth").recorder.counts()[kind] == 1
    assert "a-secret" not in str(caught.value)


def test_a_renewal_under_way_brings_nothing_back_after_forget(world):
    world.get()
    world.clock.advance(0.8 * 3600)
    assert world.provider.token_arrived.acquire(timeout=10)
    with world.provider.holding():
        world.get()  # a renewal begins next to
        assert world.provider.token_arrived.acquire(timeout=10)
        renewal = world.source._renewals.current
        forgetting = threading.Thread(target=world.source.forget)
        forgetting.start()  # waits for the renewal's lease
        while world.source._state.current is not None:
            threading.Event().wait(0.001)
    renewal.outcome.result(10)
    forgetting.join(10)

    assert world.source.ready() is None
    world.get()
    assert world.provider.grants() == ["password", "refresh_token", "password"]


def test_a_users_own_knowledge_of_expired_replaces_the_specs(make_world):
    world = make_world()
    never = Authenticator(
        {"oauth": world.lifecycle},
        world.credentials,
        {"base_url": world.url},
        send=no_send,
        clock=world.clock,
        expired=(),
    )

    assert never.source("oauth").expired == ()
    assert world.source.expired == world.lifecycle.expired != ()


def test_a_member_of_token_requests_can_have_another_name(make_world):
    world = make_world()
    sent: list[str] = []

    def send(request):
        sent.append(request.content.decode())
        raise TokenSendError("enough")

    renamed = Authenticator(
        {"oauth": world.lifecycle}, world.credentials, SERVERS, send=send, member_names={"username": "email"}
    )
    with pytest.raises(TokenUnavailable):
        renamed.source("oauth").token()

    assert sent == ["grant_type=password&email=alice&password=correct+horse"]


def test_renaming_an_unknown_member_is_refused_with_the_known_ones():
    with pytest.raises(ConfigurationError, match=r"no token request has a member usrname .* password, .*username"):
        authenticator(PASSWORD, member_names={"usrname": "email"})


def test_an_unknown_encoding_of_token_requests_is_refused():
    with pytest.raises(ConfigurationError, match="'json' or 'form', not 'xml'"):
        authenticator(PASSWORD, encoding="xml")


@frozen(kw_only=True, repr=False)
class KeyAndCode(Credentials):
    """A login by a code, at an operation that takes the key of the application as HTTP Basic authentication."""

    scheme: ClassVar[str] = "oauth"
    grant: ClassVar[str] = "key_and_code"
    code: CredentialValue
    key: CredentialValue | None = None


KEY = CredentialDefinition("key", "KEY", secret=True, required=False)
LOGIN = TokenRequest("logIn", "POST", "base_url", "/login", "json", basic=BasicAuthentication(FromCredential("key")))
WITH_KEYS = {
    "oauth": evolve(
        oauth_lifecycle(),
        grants=(Grant("key_and_code", (CredentialDefinition("code", "CODE"), KEY), requests=(LOGIN,)),),
    ),
    "applicationKey": evolve(
        oauth_lifecycle(),
        scheme="applicationKey",
        grants=(Grant("application_key", (KEY,), static=BasicAuthentication(FromCredential("key"))),),
    ),
}


@pytest.mark.parametrize(
    ("key", "operation", "sent"),
    [
        ("K", "logIn", base64.b64encode(b"K:").decode()),
        (lambda: "K", "logIn", base64.b64encode(b"K:").decode()),
        (None, "logIn", None),
        ("", "logIn", None),
        ("K", "logInElsewhere", None),  # another operation may need another key
    ],
)
def test_a_direct_call_of_a_login_carries_the_key_of_the_login(key, operation, sent):
    made = Authenticator(WITH_KEYS, [KeyAndCode(code="C", key=key)], SERVERS, send=no_send)
    sources = made.sources_for((("applicationKey",), ()), operation)

    assert [source.token().access_token.reveal() for source in sources] == ([sent] if sent else [])


def test_an_empty_optional_credential_is_one_that_was_not_given():
    sent = []

    def send(request):
        sent.append(dict(request.headers))
        raise TokenSendError("enough")

    made = Authenticator(WITH_KEYS, [KeyAndCode(code="C", key="")], SERVERS, send=send)
    with pytest.raises(TokenUnavailable):
        made.source("oauth").token()

    assert "Authorization" not in sent[0]


def test_a_hand_written_renewer_serves_what_cannot_be_declared(world):
    issued = world.provider.issuer

    class Handmade:
        renewable = True

        def renew(self, stale_generation):
            from auth_core import Moment, Secret, Token

            text = issued.issue("robot").access_token
            now = Moment(world.clock.wall(), world.clock.monotonic())
            return Token(
                access_token=Secret(text), issued=now, lifetime=60, generation=stale_generation + 1, grant="handmade"
            )

        def revoke(self, token): ...
        def forget(self): ...
        def forget_failures(self): ...

    world.authenticator.add_renewer("oauth", Handmade())

    assert world.get().json()["sub"] == "robot"


@pytest.mark.parametrize("trouble", [ProviderResponse.html(500)])
def test_a_failure_names_vendor_grant_and_operation(world, trouble):
    world.provider.respond_next(trouble)
    with pytest.raises(TokenUnavailable, match="provider: password: createToken failed: HTTP 500"):
        world.get()


def test_a_class_of_credentials_can_set_its_own_lifecycle(make_world):
    """Ignored in silence before: the client used the lifecycle of its spec."""

    class Unauthorized(PasswordCredentials):
        lifecycle = evolve(oauth_lifecycle(), expired=(), placements=(Placement(location="query", name="t"),))

    world = make_world(credentials=Unauthorized(username="alice", password="correct horse"))
    assert (world.source.expired, world.source.placements) == ((), Unauthorized.lifecycle.placements)


def test_a_policy_that_overrides_decide_is_asked_for_every_call(make_world):
    decided = []

    class Watched(RefreshPolicy):
        def decide(self, windows, now, **circumstances):
            decided.append(super().decide(windows, now, **circumstances))
            return decided[-1]

    world = make_world(policy=Watched())
    for _ in range(3):
        world.source.token()
    assert decided == [Decision.SERVE, Decision.SERVE]  # the first call had no token
    world.clock.advance(3300)
    world.source.token()
    assert decided[-1] is Decision.SERVE_AND_RENEW
