"""The command line: ``<vendor>-token`` of a client, or ``python -m auth_core`` for any installed client.

``login``, ``token``, ``status``, ``logout``, ``doctor``, ``completion``. Secrets are read from the environment or a
prompt without echo, never from an argument, which every user of the machine could read in the process list.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Sequence

from ..errors import AuthError, ConfigurationError, LoginRefused, LoginRequired
from . import doctor
from .arguments import parse
from .clients import ClientDescription, installed_client
from .report import Report
from .session import Session, open_session
from .terminal import NotShown, PersonLeft, Terminal

__all__ = ["main"]

EXIT_NO, EXIT_USAGE, EXIT_CONFIGURATION, EXIT_REFUSED, EXIT_UNAVAILABLE, EXIT_INTERRUPTED = 1, 2, 3, 4, 5, 130
"""No valid token, or doctor found a problem; wrong arguments; configuration error; the credentials were refused or new
ones are needed; try later; Ctrl-C or Ctrl-D."""


def main(argv: Sequence[str] | None = None, *, client: ClientDescription | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        argv: the arguments; default: those of the process.
        client: the client; default: the one named by ``--client``, or the only one installed.
    """
    terminal = Terminal()
    parser, arguments = parse(client, sys.argv[1:] if argv is None else argv)
    try:
        if arguments.command == "completion":
            terminal.show(arguments.script)
            return 0
        if "@" in (arguments.store or ""):
            message = (
                "--store has a URL with a password, which other users can read in the process list; "
                "set AUTH_CORE_STORE instead"
            )
            raise ConfigurationError(message)
        chosen = client or installed_client(arguments.client)
        with open_session(
            chosen,
            store=arguments.store or _store_of_the_environment(chosen),
            urls=_urls(arguments.server),
            allow_http=arguments.allow_http,
            terminal=terminal,
        ) as session:
            report = _run(session, arguments)
        terminal.show(report.shown(as_json=arguments.json))
        return 0 if report.well else EXIT_NO
    except AuthError as error:
        kind = type(error).__name__
        terminal.tell(json.dumps({"error": str(error), "kind": kind}) if arguments.json else f"{parser.prog}: {error}")
        return _exit_code(error)
    except NotShown as error:
        terminal.tell(f"{parser.prog}: could not write to standard output: {error}")
        return EXIT_NO
    except (KeyboardInterrupt, PersonLeft):
        terminal.tell(f"{parser.prog}: interrupted")
        return EXIT_INTERRUPTED


def _store_of_the_environment(client: ClientDescription) -> str | None:
    variables = (f"{client.environment}_TOKEN_STORE", "AUTH_CORE_STORE")
    return next(filter(None, map(os.environ.get, variables)), None)


def _run(session: Session, arguments: argparse.Namespace) -> Report:
    match arguments.command:
        case "login":
            return session.log_in(arguments.grant, again=arguments.again)
        case "token":
            return session.header() if arguments.header else session.token()
        case "status":
            return session.status()
        case "logout":
            return session.log_out()
        case _:
            return doctor.examine(session)


def _urls(given: Sequence[str]) -> dict[str, str]:
    urls: dict[str, str] = {}
    for text in given:
        name, separator, url = text.partition("=")
        if not name.isidentifier() or not separator or not url:  # not quoted: it may be a URL with a password
            message = "--server takes NAME=URL, such as base_url=https://api.example"
            raise ConfigurationError(message)
        urls[name] = url
    return urls


def _exit_code(error: AuthError) -> int:
    match error:
        case ConfigurationError():
            return EXIT_CONFIGURATION
        case LoginRefused() | LoginRequired():
            return EXIT_REFUSED
        case _:
            return EXIT_UNAVAILABLE
