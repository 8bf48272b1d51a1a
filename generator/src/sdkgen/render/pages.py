"""The generated documentation pages of a vendor: API coverage, and supported keywords of its spec."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from sdkgen.bundle import Bundle
from sdkgen.coverage import Coverage, Entry
from sdkgen.keywords import NAMES, Fate, keyword
from sdkgen.losses import ACCEPTED
from sdkgen.pointers import as_list, as_object
from sdkgen.render.readme import markdown
from sdkgen.report import count
from sdkgen.structure import operations, walk

__all__ = ["coverage_page", "losses_page"]

Row = tuple[str, ...]

_KINDS = {"openapi": "document"}


def coverage_page(whole: Bundle, coverage: Coverage, methods: Mapping[str, str]) -> str:
    """Return the coverage page: for every documented operation, the method or the reason why it has none.

    Args:
        whole: The spec.
        coverage: The operations that the vendor documents.
        methods: ``resource.method`` by operation id.
    """
    called = {
        f"{method.upper()} {path}": methods.get(str(node.value.get("operationId")), "")
        for path, method, node in operations(whole.document)
    }
    covered = [entry for entry in coverage.entries if not entry.left_out]
    others = [entry for entry in coverage.entries if entry.left_out]
    return "\n".join(
        [
            _header(coverage.file.name),
            f"# What {whole.vendor}-client covers",
            "",
            f"{count(len(coverage.entries), 'operation')} of the vendor's API are known: "
            f"{len(covered)} have a method, {len(others)} are left out.",
            "",
            "## Covered",
            "",
            *_table(
                ("operation", "method", "source"),
                ((_code(one.operation), _code(called[one.operation]), _source(one.source)) for one in covered),
            ),
            "## Left out",
            "",
            *_table(("operation", "reason", "source"), map(_left_out, others)),
        ]
    )


def _left_out(entry: Entry) -> Row:
    what = _code(entry.operation) if entry.operation else markdown(entry.name)
    return what, markdown(entry.left_out), _source(entry.source)


def _source(source: str) -> str:
    """Return the source as a link; ``seed`` is the vendor's authentication page."""
    if source.startswith(("https://", "http://")):
        address = source.replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace(" ", "%20")
        return f"<{address}>"
    return {"seed": "the vendor's authentication page", "observed": "observed in public client code"}.get(
        source, markdown(source)
    )


def losses_page(whole: Bundle) -> str:
    """Return the page about the keywords of a spec: how often each occurs, and how the client treats it."""
    found = _keywords(whole)
    accepted = as_list(whole.document.get(ACCEPTED))

    def table(fate: Fate, *more: str) -> Iterator[str]:
        rows = (key for key in sorted(found, key=_reading_order) if keyword(*key).fate is fate)
        return _table(
            ("keyword", "of", "places", *more),
            (
                (
                    _code(name),
                    _KINDS.get(kind, kind),
                    str(found[kind, name]),
                    *([keyword(kind, name).reason] if more else []),
                )
                for kind, name in rows
            ),
        )

    def places(fate: Fate) -> int:
        return sum(number for key, number in found.items() if keyword(*key).fate is fate)

    return "\n".join(
        [
            _header(whole.name),
            f"# Keywords of the spec in {whole.vendor}-client",
            "",
            f"{whole.name} and the files it refers to have {count(len(found), 'keyword')} in "
            f"{count(found.total(), 'place')}: {places(Fate.HONOURED)} honoured, {places(Fate.CHECKED)} checked, "
            f"{places(Fate.DOCUMENTATION)} documentation only, {places(Fate.UNSUPPORTED)} not honoured.",
            "",
            "## Not honoured",
            "",
            "The client does not implement these, for the reason given.",
            "",
            *(table(Fate.UNSUPPORTED, "consequence") if places(Fate.UNSUPPORTED) else ()),
            *_table(("loss", "where", "reason"), map(_accepted, accepted)),
            "## Checked",
            "",
            "The client does not check these; another party does.",
            "",
            *table(Fate.CHECKED, "checked by"),
            "## Documentation only",
            "",
            "These are for readers of the spec and do not affect the client.",
            "",
            *table(Fate.DOCUMENTATION),
            "## Honoured",
            "",
            "The client implements these, or documents them in its docstrings and README.",
            "",
            *table(Fate.HONOURED),
        ]
    )


def _reading_order(key: tuple[str, str]) -> tuple[str, str]:
    return _KINDS.get(key[0], key[0]), key[1]


def _keywords(whole: Bundle) -> Counter[tuple[str, str]]:
    """Count the occurrences of each keyword in a document, by kind of object and name."""
    nodes = (node for node in walk(whole.document) if node.kind not in NAMES)
    return Counter((node.kind, key) for node in nodes for key in node.value)


def _accepted(entry: object) -> Row:
    loss = as_object(entry)
    return _code(str(loss.get("loss"))), _code(str(loss.get("at"))), markdown(str(loss.get("reason")))


def _header(source: str) -> str:
    return f"<!-- Generated by sdkgen from {source}. Do not edit; change that file. -->\n"


def _code(text: str) -> str:
    return markdown(f"`{text}`")


def _table(head: Row, rows: Iterable[Row]) -> Iterator[str]:
    """Yield a Markdown table and an empty line, or ``Nothing.`` if there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if lines:
        yield f"| {' | '.join(head)} |"
        yield "|---" * len(head) + "|"
        yield from lines
    else:
        yield "Nothing."
    yield ""
