"""An examination of everything a token depends on: addresses, credentials, store, provider, clock, refused logins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import frozen

from ..clock import now
from ..errors import AuthError
from ..renewal import StaticRenewer
from ..token_responses import clock_offset
from ..wire import TokenHttpRequest, TokenSendError

if TYPE_CHECKING:
    from .session import Session

PROBE_SECONDS = 10.0
LOCK_WAIT_SECONDS = 2.0
CLOCK_TOLERANCE_SECONDS = 60.0


@frozen
class Finding:
    """One thing that was looked at. ``advice`` says what to do where it is not well."""

    subject: str
    well: bool
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.well else 'FAIL'} {self.subject}: {self.text}"
        return f"{line}\n     -> {self.advice}" if self.advice and not self.well else line


def examine(session: Session) -> list[Finding]:
    """Look at everything, also after something was found. Sends no credentials."""
    findings: list[Finding] = []
    for part in (_servers, _credentials, _store, _provider, _refusals):
        findings += part(session)
    return findings


def _servers(session: Session) -> Iterator[Finding]:
    try:
        urls = session.connection.urls
    except AuthError as error:
        yield Finding("servers", False, str(error), "set the variable, or give --server NAME=URL")
    else:
        yield Finding("servers", True, ", ".join(f"{name} {url}" for name, url in urls.items()))


def _credentials(session: Session) -> Iterator[Finding]:
    try:
        selected = session.selected
    except AuthError as error:
        yield Finding("credentials", False, str(error), "set the variables that are named, or run: login")
    else:
        yield Finding("credentials", True, selected.shown)


def _store(session: Session) -> Iterator[Finding]:
    try:
        store = session.store
        salt = bool(store.salt)
    except AuthError as error:
        yield Finding("store", False, str(error), "fix that, or choose another with --store or AUTH_CORE_STORE")
        return
    yield Finding("store", salt, str(store))
    try:
        renewer = session.renewer()
    except AuthError:
        return  # told above
    if isinstance(renewer, StaticRenewer):
        return
    try:
        with store.lease(renewer.store_key, wait_seconds=LOCK_WAIT_SECONDS) as lease:
            token = lease.load().token
    except (TimeoutError, AuthError) as error:
        yield Finding("renewal lock", False, str(error), "a renewal that lasts for minutes hangs: end its process")
        return
    yield Finding("renewal lock", True, "free")
    ended = token is not None and token.left(now(session.clock)) <= 0
    text = (
        "none is kept; the next call logs in"
        if token is None
        else "ended; the next call renews it"
        if ended
        else "valid"
    )
    yield Finding("token", True, text)


def _provider(session: Session) -> Iterator[Finding]:
    try:
        grant, urls, send = session.selected.grant, session.connection.urls, session.connection.token_sender
    except AuthError:
        return  # told above
    for server in dict.fromkeys(request.server for request in grant.requests):
        url = urls[server] + "/"
        request = TokenHttpRequest(
            operation_id="doctor", method="GET", url=url, shown_url=url, timeout_seconds=PROBE_SECONDS
        )
        sent = now(session.clock)
        try:
            response = send(request)
        except TokenSendError as error:
            yield Finding(
                f"provider {server}", False, f"no response from {url}: {error}", "check address, proxy and network"
            )
            continue
        yield Finding(f"provider {server}", True, f"{url} responses (HTTP {response.status})")
        offset = clock_offset(response, sent, now(session.clock))
        if offset is None:
            yield Finding("clock", True, f"{url} tells no time to compare with")
            continue
        side = "slow" if offset > 0 else "fast"
        well = abs(offset) < CLOCK_TOLERANCE_SECONDS
        text = "agrees with the provider's" if offset == 0 else f"{abs(offset):.0f} s {side} by the provider's"
        yield Finding("clock", well, text, "set this machine's clock (NTP): tokens seem to live longer or shorter")


def _refusals(session: Session) -> Iterator[Finding]:
    try:
        renewer = session.renewer()
        if isinstance(renewer, StaticRenewer):
            return
        refusals, pause = renewer.refused_logins()
    except AuthError:
        return  # told above
    text = "none is recorded" if not refusals else f"{len(refusals)} remembered"
    if pause > 0:
        text += f"; held back for {pause:.0f} s, so that the account is not locked"
    yield Finding(
        "refused logins", pause <= 0, text, "correct the credentials; to try the same again now: login --again"
    )
