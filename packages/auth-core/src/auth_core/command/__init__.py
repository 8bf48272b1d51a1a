"""The command line: ``<vendor>-token`` of a client, or ``python -m auth_core`` for any installed client.

``login``, ``token``, ``status``, ``logout``, ``doctor``. Secrets are read from the environment or a prompt without
echo, never from an argument, which every user of the machine could read in the process list.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import NoReturn

from ..errors import AuthError, ConfigurationError, LoginRefused, LoginRequired
from ..masking import mask_secrets
from . import doctor
from .clients import ClientDescription, installed_client
from .session import Session, open_session
from .terminal import NotShown, PersonLeft, Terminal

__all__ = ["main"]

COMMANDS = ("login", "token", "status", "logout", "doctor")
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
    given = sys.argv[1:] if argv is None else argv
    parser = _parser(client, given)
    arguments = parser.parse_args(given)
    try:
        if "@" in (arguments.store or ""):
            message = (
                "--store has a URL with a password, which other users can read in the process list; "
                "set AUTH_CORE_STORE instead"
            )
            raise ConfigurationError(message)
        chosen = client or installed_client(arguments.client)
        with open_session(
            chosen,
            store=arguments.store or os.environ.get("AUTH_CORE_STORE") or None,
            urls=_urls(arguments.server),
            allow_http=arguments.allow_http,
            terminal=terminal,
        ) as session:
            return _run(session, terminal, arguments)
    except AuthError as error:
        terminal.tell(f"{parser.prog}: {error}")
        return _exit_code(error)
    except NotShown as error:
        terminal.tell(f"{parser.prog}: could not write to standard output: {error}")
        return EXIT_NO
    except (KeyboardInterrupt, PersonLeft):
        terminal.tell(f"{parser.prog}: interrupted")
        return EXIT_INTERRUPTED


class _Parser(argparse.ArgumentParser):
    """Masks the values of arguments in its errors, since one may be a password; misspelt commands are shown."""

    given: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        values = [_value_in(text) for text in self.given]
        super().error(mask_secrets(message, [text for text in values if not get_close_matches(text, COMMANDS)]))


def _value_in(argument: str) -> str:
    if argument.startswith("--"):
        return argument.partition("=")[2]
    return argument[2:] if argument.startswith("-") else argument


def _parser(client: ClientDescription | None, given: Sequence[str]) -> _Parser:
    if client is None:
        parser = _Parser(prog="python -m auth_core", description="Tokens of an installed API client.")
        parser.add_argument("--client", help="name of the client (cinchy); required if several are installed")
    else:
        parser = _Parser(description=f"Tokens of {client.distribution}.")
    parser.add_argument(
        "--store",
        metavar="STORE",
        help="where tokens are kept: file (default), file:DIRECTORY, keyring, memory; also AUTH_CORE_STORE: put "
        "the URL of a Redis server there, since it may hold a password",
    )
    parser.add_argument(
        "--server", action="append", default=[], metavar="NAME=URL", help="address of a server: base_url=https://…"
    )
    parser.add_argument("--allow-http", action="store_true", help="allow server URLs with http, in clear text")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    login = commands.add_parser("login", help="log in now and store the token")
    login.add_argument("--grant", help="the grant to use, if the API has several")
    login.add_argument("--again", action="store_true", help="forget recently refused logins and try again")
    token = commands.add_parser("token", help="print an access token, renewed if necessary, for use with curl")
    token.add_argument("--header", action="store_true", help="print the complete header line, for curl --header @-")
    commands.add_parser("status", help="show the current login, its expiry and its store; shows no secret")
    commands.add_parser("logout", help="revoke the token if the API has a logout, and forget it")
    commands.add_parser("doctor", help="check clock, store, provider and refused logins, and recommend fixes")
    for each in (parser, *commands.choices.values()):
        each.given = given
    return parser


def _run(session: Session, terminal: Terminal, arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "login":
            terminal.show(session.log_in(arguments.grant, again=arguments.again))
        case "token":
            terminal.show(session.header() if arguments.header else session.token().access_token.reveal())
        case "status":
            lines, valid = session.status()
            terminal.show("\n".join(lines))
            return 0 if valid else EXIT_NO
        case "logout":
            terminal.show(session.log_out())
        case _:
            findings = doctor.examine(session)
            terminal.show("\n".join(str(finding) for finding in findings))
            return 0 if all(finding.well for finding in findings) else EXIT_NO
    return 0


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
