"""The arguments of the command line, and the completion of bash."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

from .._version import __version__
from ..masking import mask_secrets
from .clients import ClientDescription

COMMANDS = {
    "login": "log in now and store the token",
    "token": "print an access token, renewed if necessary, for use with curl",
    "status": "show the current login, its expiry and its store; shows no secret",
    "logout": "revoke the token if the API has a logout, and forget it",
    "doctor": "check clock, store, provider and refused logins, and recommend fixes",
    "completion": 'print a script that lets bash complete commands and options: eval "$(… completion)"',
}


class Parser(argparse.ArgumentParser):
    """Masks the values of arguments in its errors, since one may be a password; misspelt commands are shown."""

    given: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        values = [_value_in(text) for text in self.given]
        super().error(mask_secrets(message, [text for text in values if not get_close_matches(text, COMMANDS)]))

    def option_strings(self) -> list[str]:
        """The long options, for completion."""
        return [name for action in self._actions for name in action.option_strings if name.startswith("--")]


def _value_in(argument: str) -> str:
    if argument.startswith("--"):
        return argument.partition("=")[2]
    return argument[2:] if argument.startswith("-") else argument


def parse(client: ClientDescription | None, given: Sequence[str]) -> tuple[Parser, argparse.Namespace]:
    """Parse the arguments. Exits with status 2 if they are wrong, with 0 after ``--help`` and ``--version``.

    Args:
        client: the client whose command this is; ``None``: any, by ``--client``.
        given: the arguments.
    """
    about = "Tokens of an installed API client." if client is None else f"Tokens of {client.distribution}."
    parser = Parser(prog=_program(client), description=about)
    _add_common(parser, client)
    mine = f"auth-core {__version__}"
    version = mine if client is None else f"{client.distribution} {client.version}, {mine}"
    parser.add_argument("--version", action="version", version=version)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    subparsers = {name: commands.add_parser(name, help=text, description=text) for name, text in COMMANDS.items()}
    subparsers["login"].add_argument("--grant", help="the grant to use, if the API has several")
    subparsers["login"].add_argument(
        "--again", action="store_true", help="forget recently refused logins and try again"
    )
    subparsers["token"].add_argument(
        "--header", action="store_true", help="print the complete header line, for curl --header @-"
    )
    for subparser in subparsers.values():
        _add_common(subparser, client, after_command=True)
    for each in (parser, *subparsers.values()):
        each.given = given
    arguments = parser.parse_args(given)
    arguments.server += getattr(arguments, "more_servers", [])
    if arguments.command == "completion":
        arguments.script = _completion(parser, subparsers)
    return parser, arguments


def _program(client: ClientDescription | None) -> str | None:
    """The name in messages; ``None``: the name of the script that was started."""
    started = Path(sys.argv[0])
    if client is None:
        return "python -m auth_core"
    return f"python -m {started.parent.name}" if started.name == "__main__.py" else None


def _add_common(parser: Parser, client: ClientDescription | None, *, after_command: bool = False) -> None:
    """The options that every command has, before or after its name."""

    def add(name: str, default: object = None, **settings: Any) -> None:
        parser.add_argument(name, default=argparse.SUPPRESS if after_command else default, **settings)

    if client is None:
        add("--client", help="name of the client (cinchy); required if several are installed")
        variables = "AUTH_CORE_STORE"
    else:
        variables = f"{client.environment}_TOKEN_STORE, else AUTH_CORE_STORE"
    add(
        "--store",
        metavar="STORE",
        help=f"where tokens are kept: file (default), file:DIRECTORY, keyring, memory; also {variables}: put "
        "the URL of a Redis server there, since it may hold a password",
    )
    parser.add_argument(
        "--server",
        action="append",
        default=[],
        dest="more_servers" if after_command else "server",
        metavar="NAME=URL",
        help="address of a server: base_url=https://…",
    )
    add("--allow-http", default=False, action="store_true", help="allow server URLs with http, in clear text")
    add("--json", default=False, action="store_true", help="print the result as one line of JSON, errors too")


def _completion(parser: Parser, subparsers: dict[str, Parser]) -> str:
    """A bash script: after a command its own options, before it the commands and the common options."""
    name = Path(sys.argv[0]).name
    if name == "__main__.py":
        parser.error("completion is for an installed command, not for python -m")
    function = f"_{''.join(letter if letter.isalnum() else '_' for letter in name)}"
    cases = [f'    {each}) words="{" ".join(sub.option_strings())}" ;;' for each, sub in subparsers.items()]
    return "\n".join(
        (
            f"{function}() {{",
            f'  local word command="" words="{" ".join((*subparsers, *parser.option_strings()))}"',
            '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
            f'    case "$word" in {"|".join(subparsers)}) command="$word"; break ;; esac',
            "  done",
            '  case "$command" in',
            *cases,
            "  esac",
            '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
            "}",
            f"complete -F {function} {name}",
        )
    )
