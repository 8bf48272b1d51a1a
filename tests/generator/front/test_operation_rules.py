"""The extensions of operations (``x-pagination``, ``x-result`` …): the smallest mistakes, and what is said."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[..., list[str]]
Change = tuple[str, str]

GET = "      operationId: getWidget\n"
POST = "      operationId: createToken\n"
WIDGET = "        size: {type: integer}\n"
ID = "        - {name: id, in: path, required: true, schema: {type: string}, example: w1}\n"

PAGE = (ID, ID + "        - {name: offset, in: query, schema: {type: integer, default: 0}}\n"
        "        - {name: limit, in: query, schema: {type: integer, default: 20, maximum: 500}}\n"
        "        - {name: after, in: query, schema: {type: string}}\n")  # fmt: skip
PARTS = (WIDGET, WIDGET + "        parts: {type: array, items: {type: string}}\n"
         "        total: {type: [integer, 'null']}\n"
         "        next: {anyOf: [{type: string}, {type: 'null'}]}\n")  # fmt: skip
OFFSET = "offset: $request.query.offset"
NEXT = "next: $response.body#/next"
AFTER = "cursor: $request.query.after"
ITEMS = "items: $response.body#/parts"
LOGIN = "        password: {type: string}\n"
TOKEN = "        access_token: {type: string}\n"


def paged(*members: str) -> list[Change]:
    """The widget's parts come in pages."""
    return [PAGE, PARTS, (GET, GET + f"      x-pagination: {{{', '.join(members)}}}\n")]


def form_paged(*members: str) -> list[Change]:
    """The scopes of a token come in pages, which a form asks for."""
    fields = (LOGIN, LOGIN + "        page: {type: integer}\n")
    scopes = (TOKEN, TOKEN + "        scopes: {type: array, items: {type: string}}\n")
    pagination = f"      x-pagination: {{style: offset, items: $response.body#/scopes, {', '.join(members)}}}\n"
    return [fields, scopes, (POST, POST + pagination)]


def got(*members: str) -> list[Change]:
    """Something is said of the GET."""
    return [(GET, GET + "".join(f"      {member}\n" for member in members))]


def posted(*members: str) -> list[Change]:
    """Something is said of the POST."""
    return [(POST, POST + "".join(f"      {member}\n" for member in members))]


FORM = "          application/x-www-form-urlencoded:\n"
FIELDS = "{name: 'k{index}', value: 'v{index}', type: 't{index}', types: {string: S, number: N, 'null': S}}"


def with_entries(*, of: str = "labels", declared: str = f"x-entries: {FIELDS}", values: str = "") -> list[Change]:
    """The labels of a token are sent entry by entry."""
    kinds = values or "{type: object, additionalProperties: {anyOf: [{type: string}, {type: [integer, 'null']}]}}"
    return [
        (LOGIN, LOGIN + f"        labels: {kinds}\n"),
        (FORM, FORM + f"            encoding: {{{of}: {{{declared}}}}}\n"),
    ]


RIGHT: dict[str, list[Change]] = {
    "arguments by position": posted("x-positional: [grant_type]"),
    "an object, entry by entry": with_entries(),
    "an object, entry by entry, without types": with_entries(
        declared="x-entries: {name: 'k{index}', value: 'v{index}', x-source: {kind: observed}}"
    ),
    "offset": paged("style: offset", ITEMS, OFFSET),
    "offset in every detail": paged(
        "style: offset", ITEMS, OFFSET, "first: 0", "unit: pages", "limit: $request.query.limit", "default_limit: 20",
        "max_limit: 500", "total: $response.body#/total", "x-source: {kind: observed}",
    ),
    "offset in a form": form_paged("offset: $request.body#/page"),
    "cursor": paged("style: cursor", ITEMS, AFTER, NEXT),
    "link": paged("style: link", ITEMS, NEXT, "limit: $request.query.limit"),
    "a key in a header, its name in any case": [
        (ID, ID + "        - {name: Idempotency-Key, in: header, schema: {type: string}}\n"),
        *got("x-idempotency: {key: $request.header.idempotency-key}"),
    ],
    "a POST that reads": posted("x-safe: true"),
    "a GET that changes something": got("x-safe: false"),
    "a member that is the result, here and everywhere": [
        ("paths:\n", "x-result: $response.body#/access_token\npaths:\n"),
        *got("x-result: $response.body#/size"),
    ],
    "everywhere but here": [
        ("paths:\n", "x-result: $response.body#/access_token\npaths:\n"),
        *posted("x-result: $response.body"),
    ],
    "deprecated for another operation": got(
        "deprecated: true", "x-deprecation: {since: R16, replacement: createToken}"
    ),
    "deprecated for what has no operation": got(
        "deprecated: true", "x-deprecation: {since: unknown, replacement: Use the file export.}"
    ),
    "deprecated for nobody knows what": got(
        "deprecated: true", "x-deprecation: {since: unknown, replacement: unknown}"
    ),
}  # fmt: skip

WRONG: dict[str, tuple[list[Change], list[str]]] = {
    "a style that there is not": (
        paged("style: page", ITEMS),
        ["39: `page` is not one of `offset`, `cursor`, `link`. [extension]"],
    ),
    "an expression that is none": (
        paged("style: offset", ITEMS, "offset: offset"),
        [
            "39: `offset` is not a place in the request such as $request.query.offset or "
            "$request.body#/page. [extension]"
        ],
    ),
    "a style without what it needs": (
        paged("style: cursor", ITEMS, AFTER),
        ["39: the style `cursor` requires `next`. Add it, or choose another style. [pagination-style]"],
    ),
    "a key of another style": (
        paged("style: link", ITEMS, NEXT, "unit: pages"),
        ["39: `unit` is not allowed in the style `link`. Remove it. [pagination-style]"],
    ),
    "a misspelt parameter": (
        paged("style: offset", ITEMS, "offset: $request.query.ofset"),
        ["39: `getWidget` has no query parameter `ofset`. Did you mean `offset`? [pagination-expression]"],
    ),
    "a parameter of a kind that there is not": (
        paged("style: offset", ITEMS, "offset: $request.header.Page"),
        ["39: `getWidget` has no header parameter `Page`. Declare it under `parameters`. [pagination-expression]"],
    ),
    "a member of a body that there is not": (
        paged("style: offset", ITEMS, "offset: $request.body#/offset"),
        ["39: `getWidget` takes neither JSON nor a form. Name a parameter, or describe its body. "
        "[pagination-expression]"],
    ),
    "a field of a form that there is not": (
        form_paged("offset: $request.body#/pag"),
        ["19: the body of `createToken` has no member `/pag`. Did you mean `page`? [pagination-expression]"],
    ),
    "a member inside a field of a form": (
        form_paged("offset: $request.body#/page/number"),
        [
            "19: `createToken` takes a form, whose fields cannot be nested. Name a field. [pagination-expression]"
        ],
    ),
    "a field of a form that is no number": (
        form_paged("offset: $request.body#/username"),
        ["19: `$request.body#/username` is not a number. Its schema has the type `string`. [pagination-expression]"],
    ),
    "items that no response has": (
        paged("style: offset", "items: $response.body#/part", OFFSET),
        ["39: no response of `getWidget` has a member `/part`. Did you mean `parts`? [pagination-expression]"],
    ),
    "items in a response that is no JSON": (
        [
            *paged("style: offset", ITEMS, OFFSET),
            (
                "          content:\n            application/json:\n"
                "              schema: {$ref: '#/components/schemas/Widget'}\n"
                "              example: {id: w1, size: 3}\n",
                "",
            ),
        ],
        ["39: no response of `getWidget` is JSON. Describe the response that contains it. [pagination-expression]"],
    ),
    "items that are no array": (
        paged("style: offset", "items: $response.body#/size", OFFSET),
        ["39: `$response.body#/size` is not an array. Its schema has the type `integer`. [pagination-expression]"],
    ),
    "an offset that is no number": (
        paged("style: offset", ITEMS, "offset: $request.query.after"),
        ["39: `$request.query.after` is not a number. Its schema has the type `string`. [pagination-expression]"],
    ),
    "a link that is no text": (
        paged("style: link", ITEMS, "next: $response.body#/total"),
        ["39: `$response.body#/total` is not a string. Its schema has the type `integer`. [pagination-expression]"],
    ),
    "a default that is another": (
        paged("style: offset", ITEMS, OFFSET, "limit: $request.query.limit", "default_limit: 25"),
        [
            "39: `default_limit` is `25`, but the `default` of `$request.query.limit` is `20`. "
            "Fix one of them; the other is in specs/acme/openapi.yaml:47. [pagination-value]"
        ],
    ),
    "a first page that is not the first": (
        [*paged("style: offset", ITEMS, OFFSET), ("default: 0", "default: 1")],
        [
            "39: `first` is `0`, but the `default` of `$request.query.offset` is `1`. "
            "Fix one of them; the other is in specs/acme/openapi.yaml:46. [pagination-value]"
        ],
    ),
    "more than the most": (
        paged("style: offset", ITEMS, OFFSET, "default_limit: 50", "max_limit: 10"),
        ["39: `default_limit` is 50, more than `max_limit`, which is 10. Fix one of them. [pagination-value]"],
    ),
    "a key that is not sent": (
        got("x-idempotency: {key: $request.header.Idempotency-Key}"),
        ["39: `getWidget` has no header parameter `Idempotency-Key`. Declare it under `parameters`. [idempotency-key]"],
    ),
    "a result that is not returned": (
        got("x-result: $response.body#/sise"),
        ["39: no response of `getWidget` has a member `/sise`. Did you mean `size`? [result-expression]"],
    ),
    "a result that is not a member": (
        got("x-result: data"),
        ["39: 'data' does not match '^\\\\$response\\\\.body(#/.+)?$'. [extension]"],
    ),
    "a result of no operation": (
        [("paths:\n", "x-result: $response.body#/data\npaths:\n")],
        ["14: no operation without `x-pagination` has `$response.body#/data` in a response. "
         "Name a member that responses have, or remove it. [result-expression]"],
    ),
    "a result that is declared twice": (
        [("paths:\n", "x-result: $response.body#/size\npaths:\n"), *got("x-result: $response.body#/size")],
        ["40: `$response.body#/size` is declared at the root. Remove it here. [result-expression]"],
    ),
    "a whole response that is the result anyway": (
        got("x-result: $response.body"),
        ["39: the result is the whole response without it too. Remove it. [result-expression]"],
    ),
    "positions that are none": (
        got("x-positional: [id, sise]"),
        [
            "39: `getWidget` has no argument `sise`. Known: `id`. [positional]",
            "39: `id` is in the path and positional without it too. Remove it. [positional]",
        ],
    ),
    "a position of an optional argument": (
        [(LOGIN, LOGIN + "        otp: {type: string}\n"), *posted("x-positional: [otp, passwort]")],
        [
            "19: `createToken` has no argument `passwort`. Did you mean `password`? [positional]",
            "19: `otp` of `createToken` is no required argument. "
            "Remove it: optional arguments are passed by name. [positional]",
        ],
    ),
    "entries without a number": (
        with_entries(declared="x-entries: {name: 'k{index}', value: v, types: {string: S, number: N, 'null': S}}"),
        [
            "27: `type` is missing in x-entries. `types` requires it. [extension]",
            "27: `v` is not the name of a field with {index} in place of the number. [extension]",
        ],
    ),
    "entries of no object": (
        with_entries(values="{type: array, items: {type: string}}"),
        [
            "27: the field `labels` is no object of single values. "
            "Describe its values under `additionalProperties`, without `properties`. [entries]"
        ],
    ),
    "entries of no field, in a style": (
        with_entries(of="label", declared=f"style: form, x-entries: {FIELDS}"),
        [
            "27: `x-entries` is used next to `style`. Keep one of them. [entries]",
            "27: the form has no field `label`. Did you mean `labels`? [entries]",
        ],
    ),
    "types of entries that do not fit": (
        with_entries(values="{type: object, additionalProperties: {type: [boolean, string, number]}}"),
        [
            "27: `types` has no name for `boolean`, which a value of `labels` may be. "
            "Add it, or narrow the schema of the values. [entries]",
            "27: no value of `labels` is of type `null`. Remove it. [entries]",
        ],
    ),
    "safe by its method": (
        got("x-safe: true"),
        ["39: `x-safe` is redundant: GET /widgets/{id} is safe by its method. Remove it. [safe-method]"],
    ),
    "unsafe by its method": (
        posted("x-safe: false"),
        ["19: `x-safe` is redundant: POST /token is not safe by its method. Remove it. [safe-method]"],
    ),
    "deprecated without a word": (
        got("deprecated: true"),
        [
            "39: GET /widgets/{id} is deprecated, but has no `x-deprecation` (since when, and the replacement). "
            "Write `x-deprecation: {since: R16, replacement: createToken}`; "
            "`since: unknown` if it is unknown. [deprecation]"
        ],
    ),
    "words without deprecation": (
        got("x-deprecation: {since: R16, replacement: createToken}"),
        ["39: GET /widgets/{id} is not deprecated. Add `deprecated: true`, or remove it. [deprecation]"],
    ),
    "a misspelt replacement": (
        got("deprecated: true", "x-deprecation: {since: R16, replacement: createTokn}"),
        ["40: `createTokn` is not an operation of this spec. Did you mean `createToken`? [deprecation]"],
    ),
    "a replacement in one word": (
        got("deprecated: true", "x-deprecation: {since: R16, replacement: nothing}"),
        [
            "40: `nothing` is not an operation of this spec. "
            "Name an operation, or write a sentence, `Use the export.`; `unknown` if it is unknown. [deprecation]"
        ],
    ),
    "a replacement that is no sentence": (
        got("deprecated: true", "x-deprecation: {since: R16, replacement: the file export}"),
        [
            "40: `the file export` is neither an operation id nor a sentence. "
            "Name an operation, or write a sentence, `Use the export.`; `unknown` if it is unknown. [deprecation]"
        ],
    ),
    "a replacement by itself": (
        got("deprecated: true", "x-deprecation: {since: R16, replacement: getWidget}"),
        ["40: `getWidget` is the operation itself. Name another operation, or write a sentence. [deprecation]"],
    ),
    "a release that is a number": (
        got("deprecated: true", "x-deprecation: {since: 5.2, replacement: createToken}"),
        ["40: `5.2` is not a string. Put quotes around it. [extension]"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", RIGHT)
def test_what_is_right_is_accepted(case: str, reported: Reported) -> None:
    assert reported(*RIGHT[case]) == []


@pytest.mark.parametrize("case", WRONG)
def test_each_fault_is_reported_with_its_line_and_its_remedy(case: str, reported: Reported) -> None:
    changes, expected = WRONG[case]

    assert reported(*changes) == [f"specs/acme/openapi.yaml:{line}" for line in expected]
