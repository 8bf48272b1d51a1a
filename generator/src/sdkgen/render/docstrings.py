"""Docstrings of methods and classes, from what the spec states."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from sdkgen.code import Code, in_docstring, joined, prose, sentence
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.credentials import CredentialFact, CredentialsFact
from sdkgen.facts.operations import OperationFact
from sdkgen.facts.pages import PagesFact
from sdkgen.facts.parameters import ParameterFact
from sdkgen.facts.servers import ServerFact, VariableFact
from sdkgen.models.schema_types import ModelType

__all__ = [
    "EXAMPLE_WIDTH",
    "argument",
    "client_docstring",
    "constructor_options",
    "credentials_docstring",
    "method_docstring",
    "package_docstring",
    "pages_docstring",
    "sections",
    "stream_docstring",
]

WIDTH = 108
"""Columns available inside a method, whose docstring is indented by eight, with a margin."""
EXAMPLE_WIDTH = WIDTH - 4
"""Columns for the lines of an example."""

_OPTIONS = ("request_options", "Keywords for this call, such as `timeout` and `extra_headers`: ``RequestOptions``.")

_OF_LISTS = (
    (
        "continuation_token",
        "The page's `continuation_token` after which to go on, from a call with the same arguments.",
    ),
    ("prefetch", "Whether the next page is requested while the items of one are being used."),
)

_ANY_ERROR = "Base class of all errors; ``errors.py`` has the tree."


def sections(*parts: Code) -> Code:
    """Join the parts of a docstring with blank lines; empty parts are omitted."""
    return joined("\n\n", [part for part in parts if part])


def argument(name: str, text: str) -> Code:
    """Return one entry of ``Args:``."""
    return prose(f"{name}: {text}", width=WIDTH, indent=4, hanging=4)


def _listed(title: str, entries: Iterable[Code]) -> Code:
    lines = list(entries)
    return joined("\n", [Code(f"{title}:"), *lines]) if lines else Code("")


def _example(lines: Code) -> Code:
    """The section with the example call of a method."""
    return in_docstring("Example:\n" + textwrap.indent(lines, "    "))


def method_docstring(operation: OperationFact, base_error: Code, example: Code, deprecation: str = "") -> Code:
    """Return the docstring of a method: summary, example, arguments, result, errors and source.

    Args:
        operation: The operation.
        base_error: The base class of all errors of the client.
        example: The lines of an example call.
        deprecation: The deprecation notice, if there is one.
    """
    summary = prose(sentence(operation.summary or f"Call {operation.operation_id}"), width=WIDTH)
    description = prose(operation.description, width=WIDTH)
    given = [*operation.by_position, *operation.by_name]
    arguments = [_parameter(parameter) for parameter in given if parameter.description]
    if operation.body is not None and operation.body.members != ():
        arguments.append(argument("body", _body(operation.body)))
    is_list = operation.pages is not None and operation.pages.method_name is None
    arguments += [argument(*one) for one in (*(_OF_LISTS if is_list else ()), _OPTIONS)]
    errors = [_error(error.error, error.status, error.description) for error in operation.errors]
    errors.append(argument(base_error, _ANY_ERROR))
    returns = [_returns(operation)] if operation.returns else []
    source = prose(f"Source: {operation.source}", width=WIDTH) if operation.source else Code("")
    stream = operation.stream
    as_it_arrives = ""
    if stream is not None and not stream.is_only:
        what = "iterates over the items as they arrive" if stream.items is not None else "reads the body as it arrives"
        as_it_arrives = f"`{stream.method_name}` {what}."
    all_pages = _all_pages(operation.pages)
    notes = prose(f"{operation.page_notes} {all_pages} {as_it_arrives} {operation.repetition_notes}", width=WIDTH)
    deprecated = prose(deprecation, width=WIDTH)
    lists = (_listed("Args", arguments), _listed("Returns", returns), _listed("Raises", errors))
    return Code(sections(summary, deprecated, description, notes, _example(example), *lists, source) + "\n")


def _all_pages(pages: PagesFact | None) -> str:
    if pages is None:
        return ""
    if pages.method_name is None:
        return "Iterating over the returned page yields the items of all pages."
    return f"`{pages.method_name}` iterates over the rows of all pages."


def pages_docstring(operation: OperationFact, example: Code, deprecation: str = "") -> Code:
    """Return the docstring of the method that goes through the pages of a table."""
    name = operation.method_name
    summary = Code(f"The same as `{name}`, page by page: iterating over the returned page yields all rows.")
    more = prose(
        f"Arguments and errors are those of `{name}`, which is called again for every page; `body` is what it returns.",
        width=WIDTH,
    )
    arguments = _listed("Args", [argument(*one) for one in (*_OF_LISTS, _OPTIONS)])
    return Code(sections(summary, prose(deprecation, width=WIDTH), more, _example(example), arguments) + "\n")


def stream_docstring(
    operation: OperationFact, base_error: Code, example: Code, deprecation: str = "", *, is_async: bool
) -> Code:
    """Return the docstring of a method that reads the response as it arrives; empty without one."""
    stream = operation.stream
    if stream is None:
        return Code("")
    if stream.is_only:
        return method_docstring(operation, base_error, example, deprecation)
    name = operation.method_name
    word = "async with" if is_async else "with"
    if stream.items is not None:
        summary = f"Call `{name}` and iterate over the items of its response as they arrive."
        more = f"`{word}` closes a stream that is not read to its end."
    else:
        summary = f"Call `{name}` and read its response as it arrives, in constant memory."
        more = f"The call is sent by `{word}`; the response has `to_file`, `iter_bytes`, `iter_lines` and `iter_rows`."
    same = f"Arguments and errors are those of `{name}`."
    texts = (prose(text, width=WIDTH) for text in (summary, deprecation, f"{more} {same}"))
    return Code(sections(*texts, _example(example)) + "\n")


def _body(body: BodyFact) -> str:
    """Describe the argument that is the whole body, with the class that it has."""
    if not isinstance(body.kind, ModelType):
        return f"The body of the request: ``{body.kind.accepted()}``."
    whole = "The whole body, in place of its members" if body.takes_both else "The body of the request"
    return (
        f"{whole}: :class:`{body.kind.annotation}`, or a dict with the API's names (``{body.kind.model.dict_name}``)."
    )


def _parameter(parameter: ParameterFact) -> Code:
    return argument(parameter.python, parameter.description)


def _returns(operation: OperationFact) -> Code:
    text = f"Nothing. {operation.returns}" if operation.result == "None" else operation.returns
    return prose(text, width=WIDTH, indent=4)


def _error(error: str, status: str, description: str) -> Code:
    status = "Any other failure" if status == "default" else f"Status {status}"
    return argument(error, f"{status}. {description}" if description else f"{status}.")


def credentials_docstring(fact: CredentialsFact) -> Code:
    """Return the docstring of a credentials class."""
    return Code(
        sections(
            prose(sentence(fact.description) or f"Credentials of the grant `{fact.grant}`.", width=WIDTH),
            prose(
                "Every value can be a function without arguments that returns a string; it is called once per login.",
                width=WIDTH,
            ),
            _listed("Args", map(_credential, fact.credentials)),
        )
        + "\n"
    )


def _credential(fact: CredentialFact) -> Code:
    once = "Single-use; pass a function that returns a new value each time." if fact.single_use else ""
    text = " ".join(filter(None, [sentence(fact.description), once, f"Environment: ``{fact.environment}``."]))
    return argument(fact.name, text)


def package_docstring(summary: str) -> Code:
    """Return the docstring of the package."""
    contents = "The clients and their errors can be imported from this package, the models from ``models``."
    return Code(sections(prose(sentence(summary), width=WIDTH), prose(contents, width=WIDTH)) + "\n")


def client_docstring(
    summary: str,
    servers: Iterable[ServerFact],
    variables: Iterable[VariableFact],
    environment: str,
    base_error: Code,
    *,
    is_async: bool,
) -> Code:
    """Return the docstring of a client, with every argument of its constructor."""
    entries = [argument(server.argument, _server(server)) for server in servers]
    entries += [argument(variable.argument, _variable(variable)) for variable in variables]
    entries += [argument(name, text) for name, text in constructor_options(environment, is_async=is_async)]
    raises = [
        argument("ConfigurationError", "An argument is missing or invalid; the message names the one to pass."),
        argument("MissingCredentials", "The environment has no complete credentials."),
        argument(base_error, "Base class of all errors; ``errors.py`` has the tree."),
    ]
    async_note = "Its methods are async. " if is_async else ""
    shared = "Thread-safe. " if not is_async else ""
    return Code(
        sections(
            prose(sentence(summary), width=WIDTH),
            prose(
                f"{async_note}{shared}Use it as a context manager (``{'async with' if is_async else 'with'}``), or close "
                "it at the end.",
                width=WIDTH,
            ),
            _listed("Args", entries),
            _listed("Raises", raises),
        )
        + "\n"
    )


def constructor_options(environment: str, *, is_async: bool) -> tuple[tuple[str, str], ...]:
    """The arguments of the constructor of every client, each with its description."""
    kind = "AsyncClient" if is_async else "Client"
    token_client = (
        "The ``httpx.Client`` or ``httpx2.Client`` that requests tokens; required with `http_client`."
        if is_async
        else "The ``httpx.Client`` or ``httpx2.Client`` that requests tokens; default: `http_client`."
    )
    return (
        (
            "credentials",
            "One credentials object or several (``auth.py`` has the classes). Default: the environment "
            f"(``{environment}_...``), read by the constructor. ``()``: none.",
        ),
        (
            "timeout",
            "Seconds to connect, to send a part of the request, to wait for a part of the response and to wait for "
            "a free connection, each; default: 30, and 5 to connect. An ``httpx.Timeout`` or ``httpx2.Timeout`` sets "
            "them separately. A server that sends part after part can exceed it; `total_timeout` ends such a call.",
        ),
        (
            "total_timeout",
            "Seconds for a whole call, with its tokens, retries, the pauses between them and the body; default: 600. "
            "``None``: no limit. A renewal of the token goes on for the other calls.",
        ),
        (
            "max_retries",
            "How often a call is tried again after a failure that may pass, if its request can be sent again; "
            "default: 2.",
        ),
        (
            "max_retry_after",
            "Seconds by which a server that asks for it (``Retry-After``) extends the pause before a retry at most; "
            "default: 5.",
        ),
        ("headers", "Headers for every call."),
        ("http_client", f"Your own ``httpx.{kind}`` or ``httpx2.{kind}``; it is neither changed nor closed."),
        ("token_http_client", token_client),
        (
            "http_library",
            'The library of the HTTP clients that are made here: ``"httpx"`` or ``"httpx2"`` (extra ``httpx2``). '
            f"Environment: ``{environment}_HTTP``. Default: httpx. Not together with `http_client`.",
        ),
        (
            "verify",
            "A TLS context, such as ``ssl.create_default_context(cafile=...)``, or ``False`` to accept any "
            "certificate. Not together with `http_client`, which has its own.",
        ),
        ("proxy", "URL of the proxy (``http://proxy.example:3128``). Not together with `http_client`."),
        ("allow_http", "Permit plain http to hosts other than this machine; tokens are then sent in clear text."),
        ("refresh_policy", "When tokens are renewed; the default suits lifetimes from seconds to days."),
        (
            "token_store",
            f"Where tokens are kept. Environment: ``{environment}_TOKEN_STORE`` (``file``, ``file:/a/directory``, "
            "``keyring``, ``redis://...``, ``memory``). Default: in memory, for this client.",
        ),
        ("expired", "Conditions on responses which mean that the token has expired; default: those of the spec."),
        ("token_member_names", 'Other names for members of token requests: ``{"username": "email"}``.'),
        (
            "token_encoding",
            'How the bodies of token requests are written: ``"json"`` or ``"form"``; default: as in the spec.',
        ),
        ("on_token_event", "Called with every token event, on the thread where it occurs."),
        ("hooks", "Called for every request: ``Hooks``, ``OpenTelemetryHooks``, an ``Observer``, or several."),
        ("clock", "The clock to use, for tests."),
    )


def _server(server: ServerFact) -> str:
    text = sentence(server.description)
    default = f" Default: ``{server.default}``." if server.default is not None else ""
    return f"{text or 'URL of the API.'} Environment: ``{server.variable}``.{default}"


def _variable(fact: VariableFact) -> str:
    """Return what a variable of a server's URL is."""
    text = sentence(fact.description) or "Part of the server's URL."
    allowed = f" One of {', '.join(f'``{value}``' for value in fact.allowed)}." if fact.allowed else ""
    return f"{text}{allowed} Environment: ``{fact.variable}``. Default: ``{fact.default}``."
