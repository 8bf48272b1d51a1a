"""``vendor-sandbox serve cinchy amino --port 0``."""

from __future__ import annotations

import argparse
import contextlib
import errno
import json
import os
import shlex
import signal
import sys
from collections.abc import Generator, Sequence
from types import FrameType
from typing import Any

from attrs import fields

from vendor_sandbox._version import __version__
from vendor_sandbox.control import PREFIX
from vendor_sandbox.document import UnknownVendor, bundled_vendors
from vendor_sandbox.faults.written import GRAMMAR, KINDS, FaultOrder, WrongFault, parse_order
from vendor_sandbox.json_values import object_of
from vendor_sandbox.sandbox import Sandbox
from vendor_sandbox.settings import SETTINGS_GRAMMAR, TokenSettings, WrongSetting, parse_settings
from vendor_sandbox.vendor import Vendor

__all__ = ["main"]

KEPT_REQUESTS = 10_000
"""Requests kept for each vendor; limited, because a sandbox may run for weeks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "vendors":
        return 0 if _shown(_list_of_vendors(as_json=options.json)) else 1
    if options.command == "env":
        return 0 if _shown(_environment(parser, options)) else 1
    return _serve(parser, options)


def _environment(parser: argparse.ArgumentParser, options: argparse.Namespace) -> str:
    """The commands of ``serve --env`` for a sandbox that is already running."""
    try:
        sandbox = Sandbox(*options.vendors)
    except UnknownVendor as error:
        parser.error(str(error))
    for vendor in sandbox.vendors.values():
        vendor.listen(f"http://127.0.0.1:{options.port}")
    return _exports(sandbox)


def _shown(text: str) -> bool:
    """Write to standard output; ``False``, with a message on standard error, if that fails (closed pipe, full disk)."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # The rest of the buffer would fail again, with a traceback, when the interpreter exits.
        with open(os.devnull, "wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
        sys.stderr.write(f"vendor-sandbox: cannot write to standard output: {error.strerror}\n")
        return False
    return True


def _serve(parser: argparse.ArgumentParser, options: argparse.Namespace) -> int:
    vendors: list[str] = options.vendors
    if vendors and options.all:
        parser.error("--all serves every vendor: give either --all or names of vendors")
    if not vendors and not options.all:
        parser.error(f"name the vendors to serve, or use --all; available: {', '.join(bundled_vendors())}")
    served = bundled_vendors() if options.all else list(dict.fromkeys(vendors))
    try:
        sandbox = Sandbox(
            *served,
            token_lifetime=options.token_lifetime,
            refresh_token_lifetime=options.refresh_token_lifetime,
            port=options.port,
            settings=_settings(options.setting, served),
            seed=options.seed,
            records=options.records,
            keep_requests=KEPT_REQUESTS,
            show_bodies=options.show_bodies,
            faults=options.fault,
        )
    except (UnknownVendor, ValueError) as error:
        parser.error(str(error))
    try:
        sandbox.start()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno is not None else str(error)
        remedy = "; use --port 0 for any free port" if error.errno == errno.EADDRINUSE else ""
        sys.stderr.write(f"vendor-sandbox: cannot listen on 127.0.0.1:{options.port}: {reason}{remedy}\n")
        return 1
    try:
        with _interrupted_by(signal.SIGTERM), sandbox:
            # includes the announcement: its reader may interrupt at once
            if not _shown(_exports(sandbox) if options.env else _announcement(sandbox)):
                return 1  # the user could not see the URL
            sandbox.wait()
    except KeyboardInterrupt:
        sys.stderr.write("vendor-sandbox: stopped\n")
    return 0


@contextlib.contextmanager
def _interrupted_by(number: signal.Signals) -> Generator[None]:
    """Handle a signal like Ctrl-C: the sandbox shuts down cleanly."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(number, interrupt)
    try:
        yield
    finally:
        signal.signal(number, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="vendor-sandbox", description="Vendors' HTTP APIs on 127.0.0.1, for tests.")
    parser.add_argument("--version", action="version", version=f"vendor-sandbox {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    vendors = commands.add_parser("vendors", help="list the vendors that can be served")
    vendors.add_argument("--json", action="store_true", help="print the list as one line of JSON")
    env = commands.add_parser("env", help="print the environment variables of the clients of a running sandbox")
    env.add_argument("vendors", nargs="*", metavar="VENDOR", help="default: every vendor")
    env.add_argument("--port", type=_port, required=True, help="the port of the sandbox")
    serve = commands.add_parser("serve", help="serve vendors until interrupted (Ctrl-C, SIGTERM)")
    serve.add_argument("vendors", nargs="*", metavar="VENDOR", help=", ".join(bundled_vendors()))
    serve.add_argument("--all", action="store_true", help="serve every vendor")
    serve.add_argument("--port", type=_port, default=0, help="port to listen on; 0 (the default) for any free one")
    serve.add_argument("--env", action="store_true", help="print only the environment variables of the clients")
    serve.add_argument(
        "--show-bodies",
        action="store_true",
        help="let the console show bodies of requests and responses, with tokens, keys and passwords masked",
    )
    serve.add_argument("--token-lifetime", type=float, metavar="SECONDS", help="how long access tokens live")
    serve.add_argument("--refresh-token-lifetime", type=float, metavar="SECONDS", help="how long refresh tokens live")
    serve.add_argument(
        "--setting",
        action="append",
        default=[],
        type=_setting,
        metavar=SETTINGS_GRAMMAR,
        help="change how a vendor, or every vendor (*), issues tokens; NAME is one of "
        + ", ".join(each.name for each in fields(TokenSettings)),
    )
    serve.add_argument("--seed", type=int, default=0, help="seed of all synthetic data and of random faults")
    serve.add_argument(
        "--records",
        type=int,
        default=0,
        metavar="NUMBER",
        help="minimum number of records in each list at the start, where the documented examples have fewer",
    )
    serve.add_argument(
        "--fault",
        action="append",
        default=[],
        type=_fault,
        metavar=GRAMMAR,
        help="add a fault, without limit unless times= is given; * is any vendor or any operation; "
        f"operation `token` is all token requests; KIND is one of {', '.join(KINDS)}; "
        "NAME is retry_after, probability, every or times. "
        "Example: cinchy:runQuery:status=503,retry_after=7,every=3,times=5",
    )
    return parser


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; use a number from 0 to 65535")
    return int(text)


def _setting(text: str) -> tuple[str | None, dict[str, Any]]:
    try:
        return parse_settings(text)
    except WrongSetting as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _settings(given: Sequence[tuple[str | None, dict[str, Any]]], served: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Settings by vendor; if one is given twice, the later value counts."""
    found: dict[str, dict[str, Any]] = {}
    for vendor, changes in given:
        for name in served if vendor is None else [vendor]:
            found[name] = {**found.get(name, {}), **changes}
    return found


def _fault(text: str) -> FaultOrder:
    try:
        return parse_order(text)
    except WrongFault as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _list_of_vendors(*, as_json: bool) -> str:
    """One line for each vendor: its name, its API, the number of operations, and the grants."""
    if as_json:
        return json.dumps([_facts_of(name, vendor) for name, vendor in Sandbox().vendors.items()]) + "\n"
    lines: list[str] = []
    for name, vendor in Sandbox().vendors.items():
        facts = _facts_of(name, vendor)
        grants = ", ".join(facts["grants"])
        lines.append(f"{name:<16} {facts['title']}: {facts['operations']} operations; {grants}\n")
    return "".join(lines)


def _facts_of(name: str, vendor: Vendor) -> dict[str, Any]:
    return {
        "name": name,
        "title": object_of(vendor.document.raw.get("info")).get("title", name),
        "operations": len(vendor.document.operations),
        "grants": list(vendor.credentials),
    }


def _announcement(sandbox: Sandbox) -> str:
    """The URLs, and the environment variables to paste into the shell of a client."""
    head = f"Serving on {sandbox.url}; press Ctrl-C to stop.\nConsole: {sandbox.url}{PREFIX}/console/\n\n"
    return head + _exports(sandbox)


def _exports(sandbox: Sandbox) -> str:
    """Shell commands that set the environment variables of each vendor's client, with the sandbox's credentials."""
    lines: list[str] = []
    for name, vendor in sandbox.vendors.items():
        assignments = [f"export {variable}={shlex.quote(value)}" for variable, value in vendor.environment.items()]
        lines += ["", f"# {name}", *assignments]
    return "\n".join(lines[1:]) + "\n"
