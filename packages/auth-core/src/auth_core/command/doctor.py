"""Check everything a token depends on: servers, credentials, store, provider, clock, refused logins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from ..clock import now
from ..credentials import damage
from ..errors import AuthError
from ..renewal import StaticRenewer
from ..token_responses import NO_ENDPOINT, clock_offset
from ..wire import TokenHttpRequest, TokenSendError
from .report import Report

if TYPE_CHECKING:
    from .session import Session

PROBE_SECONDS = 10.0
LOCK_WAIT_SECONDS = 2.0
CLOCK_TOLERANCE_SECONDS = 60.0


@frozen
class Finding:
    """The result of one check. ``advice`` is shown only if the check failed."""

    subject: str
    well: bool
    text: str
    advice: str = ""

    def __str__(self) -> str:
        line = f"{'ok  ' if self.well else 'FAIL'} {self.subject}: {self.text}"
        return f"{line}\n     -> {self.advice}" if self.advice and not self.well else line


def examine(session: Session) -> Report:
    """Run all checks, even if some fail. Sends no credentials."""
    findings: list[Finding] = []
    for part in (_servers, _credentials, _store, _provider, _refusals):
        findings += part(session)
    well = all(finding.well for finding in findings)
    facts = {"well": well, "findings": [asdict(finding) for finding in findings]}
    return Report("\n".join(map(str, findings)), facts, well=well)


def _servers(session: Session) -> Iterator[Finding]:
    try:
        urls = session.connection.urls
    except AuthError as error:
        yield Finding("servers", False, str(error), "set the variable, or pass --server NAME=URL")
    else:
        yield Finding("servers", True, ", ".join(f"{name} {url}" for name, url in urls.items()))


def _credentials(session: Session) -> Iterator[Finding]:
    try:
        selected = session.selected
    except AuthError as error:
        yield Finding("credentials", False, str(error), "set these variables, or run: login")
    else:
        found = {item.environment: damage(selected.credentials.get(item.name)) for item in selected.grant.credentials}
        damaged = [f"{name} {what}" for name, what in found.items() if what]
        text = "; ".join((selected.shown, *damaged))
        yield Finding("credentials", not damaged, text, "set the variable to the value alone")


def _store(session: Session) -> Iterator[Finding]:
    try:
        store = session.store
        salt = bool(store.salt)
    except AuthError as error:
        yield Finding("store", False, str(error), "fix it, or select another store with --store or AUTH_CORE_STORE")
        return
    yield Finding("store", salt, str(store))
    try:
        renewer = session.renewer()
    except AuthError:
        return  # reported above
    if isinstance(renewer, StaticRenewer):
        return
    try:
        with store.lease(renewer.store_key, wait_seconds=LOCK_WAIT_SECONDS) as lease:
            token = lease.load().token
    except (TimeoutError, AuthError) as error:
        yield Finding(
            "renewal lock", False, str(error), "if the renewal has been running for minutes, it hangs: end its process"
        )
        return
    yield Finding("renewal lock", True, "free")
    ended = token is not None and token.left(now(session.clock)) <= 0
    text = (
        "none is stored; the next call logs in"
        if token is None
        else "expired; the next call renews it"
        if ended
        else "valid"
    )
    yield Finding("token", True, text)


def _provider(session: Session) -> Iterator[Finding]:
    try:
        grant, urls, send = session.selected.grant, session.connection.urls, session.connection.token_sender
    except AuthError:
        return  # reported above
    for server, method, path in dict.fromkeys((step.server, step.method, step.path) for step in grant.requests):
        url = urls[server].rstrip("/") + path
        sent = now(session.clock)
        try:
            response = send(_probe("GET", url))
            found = response.status not in NO_ENDPOINT - {405}
            if not found:  # some servers respond 404 to other methods
                response = send(_probe(method, url))
                found = response.status not in NO_ENDPOINT
        except AuthError as error:  # from a variable for proxies or certificates
            yield Finding(f"provider {server}", False, str(error), "correct or remove this variable")
            continue
        except TokenSendError as error:
            yield Finding(
                f"provider {server}", False, f"no response from {url}: {error}", "check the address, proxy and network"
            )
            continue
        text = f"{url} responds (HTTP {response.status})" + ("" if found else ", as no token endpoint does")
        yield Finding(f"provider {server}", found, text, f"check {server}: the token endpoint is not there")
        offset = clock_offset(response, sent, now(session.clock))
        if offset is None:
            yield Finding("clock", True, f"the response from {url} has no Date header to compare with")
            continue
        side = "slow" if offset > 0 else "fast"
        well = abs(offset) < CLOCK_TOLERANCE_SECONDS
        text = (
            "agrees with the provider's" if offset == 0 else f"{abs(offset):.0f} s {side} compared with the provider's"
        )
        yield Finding("clock", well, text, "synchronize this machine's clock (NTP): token expiry is computed from it")


def _probe(method: str, url: str) -> TokenHttpRequest:
    """A request without a body."""
    return TokenHttpRequest(operation_id="doctor", method=method, url=url, shown_url=url, timeout_seconds=PROBE_SECONDS)


def _refusals(session: Session) -> Iterator[Finding]:
    try:
        renewer = session.renewer()
        if isinstance(renewer, StaticRenewer):
            return
        refusals, pause = renewer.refused_logins()
    except AuthError:
        return  # reported above
    text = "none recorded" if not refusals else f"{len(refusals)} recorded"
    if pause > 0:
        text += f"; the next login is held back for {pause:.0f} s, to avoid an account lock-out"
    yield Finding(
        "refused logins",
        pause <= 0,
        text,
        "correct the credentials; to retry with the same ones now, run: login --again",
    )
