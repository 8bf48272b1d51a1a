"""One case per message: the smallest change of a good spec, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[..., list[str]]

GET = "      operationId: getWidget\n"
WIDGET = "        size: {type: integer}\n"

CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    # --- operations
    "no operation id": (
        [(GET, "")],
        ["37: GET /widgets/{id} has no operationId. Use a verb and a noun: `createToken`. [operation-id]"],
    ),
    "operation id without a noun": (
        [("getWidget", "widget")],
        [
            "38: the operation id `widget` is not a verb and a noun. Use a verb and a noun in camel case: "
            "`createToken`. [operation-id]"
        ],
    ),
    "no tag": (
        [("      tags: [widgets]\n", ""), ("  - {name: widgets, description: Things.}\n", "")],
        ["36: GET /widgets/{id} has no tag. Give it exactly one tag: the resource that gets the method. [one-tag]"],
    ),
    "two tags": (
        [("[widgets]", "[widgets, login]")],
        ["40: GET /widgets/{id} has 2 tags. Give it exactly one tag: the resource that gets the method. [one-tag]"],
    ),
    "unknown tag": (
        [("tags: [widgets]", "tags: [widget]")],
        [
            "12: no operation has the tag `widgets`. Remove it. [described-tag]",
            "40: the tag `widget` is not described. Did you mean `widgets`? [described-tag]",
        ],
    ),
    "tag without description": (
        [("{name: widgets, description: Things.}", "{name: widgets}")],
        ["12: the tag `widgets` has no description. Describe the resource in one sentence. [described-tag]"],
    ),
    "two methods of one name": (
        [
            ("tags: [widgets]", "tags: [login]\n      x-method: create_token"),
            ("  - {name: widgets, description: Things.}\n", ""),
        ],
        [
            "40: the method `create_token` of `login` is already defined in specs/acme/openapi.yaml:17. "
            "Choose another `x-method`. [unique-method]"
        ],
    ),
    "method that every resource has": (
        [("tags: [widgets]", "tags: [widgets]\n      x-method: with_raw_response")],
        [
            "41: the method name `with_raw_response` is reserved in every resource. "
            "Choose another `x-method`. [unique-method]"
        ],
    ),
    "no security": (
        [("      security: []\n", "")],
        ["17: POST /token does not state its security. Write `security: []` if it needs no token. [stated-security]"],
    ),
    "security at the root": (
        [("tags:\n", "security: []\ntags:\n")],
        ["11: the root has a default for security. State it at every operation instead. [stated-security]"],
    ),
    "unknown security scheme": (
        [("{bearer: []}", "{bearr: []}")],
        [
            "42: `bearr` is not a declared security scheme. Did you mean `bearer`? [known-security-scheme]",
            "54: no operation uses the security scheme `bearer`. Remove it. [known-security-scheme]",
        ],
    ),
    "security scheme that only the root's default names": (
        [
            ("tags:\n", "security: [{bearer: []}, {bearr: []}]\ntags:\n"),
            ("      security: [{bearer: []}]\n", "      security: []\n"),
        ],
        [
            "11: `bearr` is not a declared security scheme. Did you mean `bearer`? [known-security-scheme]",
            "11: the root has a default for security. State it at every operation instead. [stated-security]",
        ],
    ),
    "no source": (
        [("      x-source: {kind: seed}\n", "")],
        [
            "17: POST /token has no `x-source`. "
            "Write `x-source: {kind: doc, url: …}`, or seed, observed, inferred. [stated-source]"
        ],
    ),
    "no summary": (
        [("      summary: Get a widget\n", "")],
        ["37: GET /widgets/{id} has no summary. Summarize the operation in one line. [summary]"],
    ),
    "long summary": (
        [("Get a widget", "word " * 30)],
        [
            "41: the summary of GET /widgets/{id} is too long. "
            "Keep it within 100 characters; the rest belongs in `description`. [summary]"
        ],
    ),
    "no success": (
        [("        200:\n          description: The widget.", "        404:\n          description: The widget.")],
        [
            "45: GET /widgets/{id} has no response with status 2xx. Describe it; omit the content if it is "
            "unknown. [success-response]"
        ],
    ),
    "two media types": (
        [
            (
                "              example: {id: w1, size: 3}",
                "              example: {id: w1}\n            text/plain: {example: x}",
            )
        ],
        ["48: there are 2 media types: `application/json`, `text/plain`. Keep the best one. [one-media-type]"],
    ),
    "failure without a named schema": (
        [
            (
                "      responses:\n        200:\n          description: The widget.\n",
                "      responses:\n        404:\n          description: None.\n          content:\n"
                "            application/json: {schema: {type: object}}\n"
                "        200:\n          description: The widget.\n",
            )
        ],
        [
            "49: the failure 404 of GET /widgets/{id} has no named schema. "
            "Refer to one under `components/schemas`, which failures share. [error-schema]"
        ],
    ),
    # --- servers
    "no server without a name": (
        [
            ("  - url: https://{host}\n", "  - url: https://{host}\n    x-name: main\n"),
            ("{base_url}/sso", "{main_url}/sso"),
        ],
        ["3: there is no server without a name. The API's own server is unnamed: it becomes `base_url`. [server-name]"],
    ),
    "second server without a name": (
        [("  - &sso", "  - url: https://two.example\n  - &sso")],
        ["6: a second server has no name. Name it (`x-name: sso`), or remove it. [server-name]"],
    ),
    "server of a path without a name": (
        [("servers: [*sso]", "servers: [{url: https://sso.example}]")],
        [
            "16: a server of a path or an operation has no name. "
            "Write `x-name: sso`, so that it becomes the argument `sso_url`. [server-name]"
        ],
    ),
    "two servers of one name": (
        [("servers: [*sso]", "servers: [{url: https://sso.example, x-name: sso}]")],
        [
            "16: the server `sso` differs from the one of the same name in specs/acme/openapi.yaml:6. "
            "Use an anchor (`&sso`) and an alias (`*sso`). [server-name]"
        ],
    ),
    "two servers of one path": (
        [("servers: [*sso]", "servers: [*sso, *sso]")],
        ["6: a path or an operation has a second server. Keep the one that is called. [one-server]"],
    ),
    "relative URL": (
        [("url: https://{host}\n    variables: {host: {default: acme.example}}", "url: /api")],
        ["4: the URL `/api` is not absolute. Write `https://…`, with `{host}` if users differ. [server-url]"],
    ),
    "URL with a query": (
        [("url: https://{host}\n", "url: https://{host}?v=1\n")],
        ["4: the URL `https://{host}?v=1` has a query or a fragment. Leave it out. [server-url]"],
    ),
    "undeclared variable": (
        [("url: https://{host}\n", "url: https://{hots}\n")],
        [
            "4: the variable `hots` is not declared. Did you mean `host`? [server-url]",
            "5: the variable `host` is not in the URL. Remove it. [server-url]",
        ],
    ),
    "default that the enum of a variable does not have": (
        [
            (
                "{host: {default: acme.example}}\n  - &sso",
                "{host: {default: acme.exampel, enum: [acme.example]}}\n  - &sso",
            )
        ],
        [
            "5: the default of the variable `host` is not in its `enum`. Did you mean `acme.example`? [server-url]",
        ],
    ),
    "default over an unknown server": (
        [("'{base_url}/sso'", "'{base}/sso'")],
        ["9: `base` is not a server of this spec. Did you mean `base_url`? [server-default]"],
    ),
    "default in a cycle": (
        [("'{base_url}/sso'", "'{sso_url}/sso'")],
        ["9: `sso_url` depends on itself. Give one of the servers its own URL. [server-default]"],
    ),
    # --- schemas
    "schema name in small letters": (
        [("    Widget:", "    widget:"), ("schemas/Widget", "schemas/widget")],
        ["94: the schema name `widget` is not a class name. Write it in Pascal case: `TokenResponse`. [schema-name]"],
    ),
    "schema name of the package": (
        [("    Widget:", "    Response:"), ("schemas/Widget", "schemas/Response")],
        ["94: the schema name `Response` is taken by the generated package. Choose another. [schema-name]"],
    ),
    "schema names that become one module": (
        [("    Widget:", "    WIDGET: {type: object}\n    Widget:")],
        ["95: the schema names `WIDGET` and `Widget` become one module. Rename one of them. [schema-name]"],
    ),
    "title": (
        [(WIDGET, "        size: {type: integer, title: Size}\n")],
        ["99: the title `Size` would rename the class. Remove it, and use `description` instead. [schema-title]"],
    ),
    "object without a name": (
        [(WIDGET, "        size: {type: object, properties: {x: {type: integer}}}\n"), ("size: 3", "size: {x: 3}")],
        [
            "99: an object with properties has no name of its own. "
            "Move it to `components/schemas` and refer to it. [named-schema]"
        ],
    ),
    "closed response": (
        [(WIDGET, WIDGET + "      additionalProperties: false\n")],
        [
            "100: the schema of a response forbids additional members. "
            "Remove the keyword: members that are added later would be rejected. [open-response]"
        ],
    ),
    "union without discriminator": (
        [
            (
                WIDGET,
                WIDGET + "    Either:\n      oneOf: [{$ref: '#/components/schemas/Widget'}, "
                "{$ref: '#/components/schemas/Token'}]\n",
            )
        ],
        [
            "101: a union of objects has no discriminator. "
            "Add `discriminator` with `propertyName` and `mapping`. [union-tag]"
        ],
    ),
    "variant without its tag": (
        [
            (
                WIDGET,
                WIDGET + "    Either:\n      oneOf: [{$ref: '#/components/schemas/Widget'}, "
                "{$ref: '#/components/schemas/Other'}]\n"
                "      discriminator: {propertyName: id, mapping: {w: '#/components/schemas/Widget', o: "
                "'#/components/schemas/Other'}}\n"
                "    Other: {type: object, required: [id], properties: {id: {type: string, const: o}}}\n",
            )
        ],
        ["94: the variant does not require `id` with a `const`. Add both to the variant. [union-tag]"],
    ),
    "nullable": (
        [(WIDGET, "        size: {type: integer, nullable: true}\n")],
        ["99: `nullable` has no effect in OpenAPI 3.1. Write `type: [string, 'null']`. [nullable]"],
    ),
    "decimal as a number": (
        [(WIDGET, "        size: {type: number, format: decimal}\n")],
        ["99: a decimal would become a float and lose digits. Write `type: string`. [exact-number]"],
    ),
    "table over an unknown member": (
        [(WIDGET, WIDGET + "      x-table: {columns: idd, rows: size}\n")],
        ["100: `idd` is not a property of the table. Did you mean `id`? [table]"],
    ),
    "table whose columns have no such name": (
        [
            (
                WIDGET,
                WIDGET + "        columns: {type: array, items: {$ref: '#/components/schemas/Column'}}\n"
                "        rows: {type: array, items: {type: array, items: {}}}\n"
                "      x-table: {columns: columns, name: nam, rows: rows}\n"
                "    Column: {type: object, properties: {name: {type: string}}}\n",
            )
        ],
        ["102: `nam` is not a property of a column. Did you mean `name`? [table]"],
    ),
    "enumeration of another type": (
        [(WIDGET, "        size: {type: string, enum: [no, 1, no]}\n"), ("size: 3", "size: no")],
        [
            "99: `1` is not of the type of the enumeration. Put quotes around it. [enumeration]",
            "99: `no` occurs twice in the enumeration. Keep one. [enumeration]",
        ],
    ),
    "a format that is not the only one": (
        [
            (
                WIDGET,
                "        day: {type: string, x-format: '%d.%m.%Y', format: day, example: 1.2.2024}\n"
                "        size: {type: integer, x-format: '%Y'}\n",
            )
        ],
        [
            "99: `1.2.2024` is not written as `%d.%m.%Y`. Fix one of them. [declared-format]",
            "99: `x-format` is used next to `format`. Keep one of them. [declared-format]",
            "100: `x-format` is used on a schema that is no string. Remove it. [declared-format]",
        ],
    ),
    "x-open without enumeration": (
        [(WIDGET, "        size: {type: integer, x-open: false}\n")],
        ["99: `x-open` is used without `enum`. Remove it. [enumeration]"],
    ),
    "x-enum-varnames without enumeration": (
        [(WIDGET, "        size: {type: integer, x-enum-varnames: [LOW]}\n")],
        ["99: `x-enum-varnames` is used without `enum`. Remove it. [enumeration]"],
    ),
    "a value without its name": (
        [(WIDGET, "        size: {type: integer, enum: [1, 3], x-enum-varnames: [LOW]}\n")],
        [
            "99: `x-enum-varnames` has 1 names for 2 values. Name each value, in their order. [enumeration]",
        ],
    ),
    "names in small letters": (
        [(WIDGET, "        size: {type: integer, enum: [3], x-enum-varnames: [low]}\n")],
        ["99: `low` is not a name in capitals: HIGH_PRIORITY. [extension]"],
    ),
    # --- examples
    "no example": (
        [("              example: {id: w1, size: 3}\n", "")],
        [
            "49: the response 200 of GET /widgets/{id} has no example. "
            "Add a synthetic `example`, without real tokens or personal data. [example]"
        ],
    ),
    "request without example": (
        [("            example: {grant_type: password, username: ada, password: secret}\n", "")],
        [
            "26: the request body of POST /token has no example. "
            "Add a synthetic `example`, without real tokens or personal data. [example]"
        ],
    ),
    "example of another type": (
        [("example: {id: w1, size: 3}", "example: {id: w1, size: three}")],
        ["51: the example does not match its schema: `three` is not an integer. [true-example]"],
    ),
    "example without a required member": (
        [("example: {id: w1, size: 3}", "example: {size: 3}")],
        ["51: the example does not match its schema: `id` is missing in the example. [true-example]"],
    ),
    "example of a response without a member that only requests have": (
        [
            ("example: {id: w1, size: 3}", "example: {size: 3}"),
            ("id: {type: string}", "id: {type: string, writeOnly: true}"),
        ],
        [],
    ),
    "example of a response without a member that only responses have": (
        [
            ("example: {id: w1, size: 3}", "example: {size: 3}"),
            ("id: {type: string}", "id: {type: string, readOnly: true}"),
        ],
        ["51: the example does not match its schema: `id` is missing in the example. [true-example]"],
    ),
    "example that is no date": (
        [(WIDGET, "        size: {type: string, format: date-time}\n"), ("size: 3", "size: yesterday")],
        ["51: the example does not match its schema: 'yesterday' is not a 'date-time'. [true-example]"],
    ),
    "parameter's example of another type": (
        [("schema: {type: string}, example: w1", "schema: {type: integer}, example: w1")],
        ["44: the example does not match its schema: `w1` is not an integer. [true-example]"],
    ),
    "date-time without its format": (
        [(WIDGET, "        size: {type: string}\n"), ("size: 3", "size: '2026-03-02T10:00:00+01:00'")],
        [
            "99: an example is the date-time `2026-03-02T10:00:00+01:00`, but the schema has no `format`. "
            "Write `format: date-time`, or describe the permitted values with `pattern`. [date-time]"
        ],
    ),
    # --- keywords
    "unknown keyword of a schema": (
        [(WIDGET, "        size: {type: integer, minmum: 0}\n")],
        [
            "99: `minmum` is not honoured: it is not a keyword of OpenAPI. Did you mean `minimum`? Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-keyword]"
        ],
    ),
    "unsupported keyword": (
        [(WIDGET, "        size: {type: integer, not: {const: 4}}\n")],
        [
            "99: `not` is not honoured: what it forbids is accepted. Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-keyword]"
        ],
    ),
    "links": (
        [
            (
                "          description: The widget.\n",
                "          description: The widget.\n          links: {next: {operationId: getWidget}}\n",
            )
        ],
        [
            "48: `links` is not honoured: no method calls the linked operation. Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-keyword]"
        ],
    ),
    "content of a parameter that is neither JSON nor text": (
        [
            (
                "required: true, schema: {type: string}, example: w1}",
                "required: true, content: {image/png: {schema: {type: string}, example: w1}}}",
            )
        ],
        [
            "44: no value is written as `image/png`. Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-media-type]"
        ],
    ),
    "x-default that leads to another host": (
        [("'{base_url}/sso'", "'{base_url}.example/sso'")],
        [
            "9: `{base_url}.example/sso` may lead to another host. "
            "Write `{base_url}`, or continue with a slash: `{base_url}/sso`. [server-host]"
        ],
    ),
    "x-default of a host made of another's": (
        [("'{base_url}/sso'", "'https://{base_url}'")],
        [
            "9: `https://{base_url}` may lead to another host. "
            "Write `{base_url}`, or continue with a slash: `{base_url}/sso`. [server-host]"
        ],
    ),
    "response that is not parsed": (
        [
            (
                "            application/json:\n              schema: {$ref: '#/components/schemas/Widget'}",
                "            application/xml:\n              schema: {$ref: '#/components/schemas/Widget'}",
            )
        ],
        [
            "49: `application/xml` is not parsed: the response is text. Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-media-type]"
        ],
    ),
    "flows of OAuth": (
        [
            (
                "components:\n  securitySchemes:\n",
                "components:\n  securitySchemes:\n    oauth:\n      type: oauth2\n      flows: {}\n",
            ),
            ("[{bearer: []}]", "[{bearer: []}, {oauth: []}]"),
        ],
        [
            "55: the flows of `oauth2` are not implemented: the client accepts a token. Change the spec, "
            "or list it under `x-accepted-losses` with a reason. [unsupported-security]"
        ],
    ),
    "content type of a part": (
        [
            (
                "          application/x-www-form-urlencoded:\n",
                "          application/x-www-form-urlencoded:\n"
                "            encoding: {username: {contentType: text/csv}}\n",
            )
        ],
        [
            "27: the content type `text/csv` of the part `username` is not honoured: parts of a body are written "
            "in the "
            "usual way. Change the spec, or list it under `x-accepted-losses` with a reason. [unsupported-encoding]"
        ],
    ),
}


def test_the_small_spec_breaks_no_rule(reported: Reported) -> None:
    assert reported() == []


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_reported_with_its_line_and_its_remedy(case: str, reported: Reported) -> None:
    changes, expected = CASES[case]

    assert reported(*changes) == [f"specs/acme/openapi.yaml:{line}" for line in expected]


@pytest.mark.parametrize(
    ("schema", "example"),
    [
        ("{type: string, format: date-time}", "2026-03-02T10:00:00Z"),
        ("{type: string, pattern: ^2}", "2026-03-02T10:00:00Z"),
        ("{type: string}", "2026-03-02"),
        ("{type: string}", "2026-03-02T10:00:00.1234567Z"),
    ],
)
def test_text_with_pattern_or_unlike_date_time_needs_no_format(reported: Reported, schema: str, example: str) -> None:
    assert reported((WIDGET, f"        size: {schema}\n"), ("size: 3", f"size: '{example}'")) == []


def test_two_operations_with_one_id_are_led_to_both_places(reported: Reported) -> None:
    messages = reported(("operationId: getWidget", "operationId: createToken"))

    assert (
        "specs/acme/openapi.yaml:38: the operation id `createToken` is already used in specs/acme/openapi.yaml:18. "
        "Rename one of them. [unique-operation-id]"
    ) in messages


def test_the_usual_content_type_of_a_part_is_no_loss(reported: Reported) -> None:
    part = "            encoding: {username: {contentType: text/plain}}\n"

    assert (
        reported(
            ("          application/x-www-form-urlencoded:\n", "          application/x-www-form-urlencoded:\n" + part)
        )
        == []
    )
