"""One case per message about ``x-`` keys: the smallest change of a good spec, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Reported = Callable[..., list[str]]

EXPIRES = "            - expires_in: $response.body#/expires_in\n"
CREDENTIALS = "              username: {}\n"
REFUSED = "            refused:\n              - {status: [400], body: {/error: [invalid_grant]}}\n"
REFRESH = (
    "        refresh:\n"
    "          operationId: createToken\n"
    "          body: {grant_type: refresh_token, refresh_token: {token: refresh_token}}\n"
)
OPTIONAL = (
    "Remove `required: false` from the credential, or give the grant without it requests of its own. [token-member]"
)
SIZE = "        size: {type: integer}\n"

CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    # --- what the JSON Schemas say
    "misspelt source of the expiry": (
        [("- expires_in: $res", "- expires_inn: $res")],
        ["72: `expires_inn` is not a key of expires in x-token-lifecycle. Did you mean `expires_in`? [extension]"],
    ),
    "misspelt key of the lifecycle": (
        [("        grants:\n", "        grant:\n")],
        [
            "57: `grants` is missing in x-token-lifecycle. Named grants; each becomes one credentials class: "
            "password, PasswordCredentials. [extension]",
            "58: `grant` is not a key of x-token-lifecycle. Did you mean `grants`? [extension]",
        ],
    ),
    "key of another object": (
        [(EXPIRES, EXPIRES + "          expires_in: $response.body#/expires_in\n")],
        ["73: `expires_in` is not a key of token in x-token-lifecycle. Did you mean `expires`? [extension]"],
    ),
    "text instead of true": (
        [("password: {secret: true}", "password: {secret: yes}")],
        ["62: `yes` is not true or false. Write `true`. [extension]"],
    ),
    "no runtime expression": (
        [("access_token: $response.body#/access_token", "access_token: access_token")],
        [
            "69: `access_token` is not a runtime expression such as $response.body#/access_token or "
            "$response.header.X-Token. [extension]"
        ],
    ),
    "number instead of places": (
        [("access_token: $response.body#/access_token", "access_token: 1")],
        ["69: `1` is not a string or an object or an array. [extension]"],
    ),
    "bad place in a list": (
        [("access_token: $response.body#/access_token", "access_token: [$response.body#/access_token, nowhere]")],
        [
            "69: `nowhere` is not a runtime expression such as $response.body#/access_token or "
            "$response.header.X-Token. [extension]"
        ],
    ),
    "two sources in one entry": (
        [("- expires_in: $response.body#/expires_in", "- {expires_in: $response.body#/expires_in, default: 60}")],
        [
            "72: `expires_in`, `default` are mutually exclusive in expires in x-token-lifecycle. Keep one of them. "
            "[extension]"
        ],
    ),
    "entry without a source": (
        [("- expires_in: $response.body#/expires_in", "- unit: seconds")],
        [
            "72: one of `expires_in`, `expires_at`, `jwt_claim`, `default` is missing in expires in x-token-lifecycle. "
            "[extension]"
        ],
    ),
    "unknown unit": (
        [("- expires_in: $response.body#/expires_in", "- {expires_in: $response.body#/expires_in, unit: second}")],
        ["72: `second` is not one of `seconds`, `milliseconds`. Did you mean `seconds`? [extension]"],
    ),
    "lifetime of nothing": (
        [("- expires_in: $response.body#/expires_in", "- default: 0")],
        ["72: 0 is less than or equal to the minimum of 0. [extension]"],
    ),
    "status that is none": (
        [("- {status: [401]}", "- {status: [4011]}")],
        ["77: `4011` is not a status (401) or a class of them (5XX). [extension]"],
    ),
    "pointer that does not parse": (
        [("{/error: [invalid_grant]}", "{error: [invalid_grant]}")],
        ["67: the key `error` is not a JSON Pointer such as /error. [extension]"],
    ),
    "condition of nothing": (
        [("- {status: [401]}", "- {}")],
        ["77: a condition on a response in x-token-lifecycle is empty. [extension]"],
    ),
    "value instead of a list of values": (
        [("{/error: [invalid_grant]}", "{/error: invalid_grant}")],
        ["67: `invalid_grant` is not an array or a condition on a value. [extension]"],
    ),
    "credential with a capital": (
        [
            ("              username: {}\n", "              userName: {}\n"),
            ("username: {credential: username}", "username: {credential: userName}"),
        ],
        ["61: the key `userName` is not a name in small letters: client_id. [extension]"],
    ),
    "grant without a way": (
        [
            ("            requests:\n", ""),
            ("              - operationId: createToken\n", ""),
            (
                "                body: {grant_type: password, username: {credential: username}, password: "
                "{credential: password}}\n",
                "",
            ),
        ],
        [
            "59: one of `requests`, `access_token` is missing in a grant in x-token-lifecycle. [extension]",
        ],
    ),
    "unknown extension": (
        [("      x-source: {kind: seed}\n", "      x-sorce: {kind: seed}\n")],
        [
            "17: POST /token has no `x-source`. "
            "Write `x-source: {kind: doc, url: …}`, or seed, observed, inferred. [stated-source]",
            "19: `x-sorce` is not a known extension. Did you mean `x-source`? [extension]",
        ],
    ),
    "extension in another place": (
        [(SIZE, "        size: {type: integer, x-method: get}\n")],
        ["99: `x-method` is not allowed on a schema. Allowed on: operation. [extension]"],
    ),
    "source without its page": (
        [("x-source: {kind: doc, url: 'https://acme.example/doc'}", "x-source: {kind: doc}")],
        ["39: `url` is missing in x-source. Name the page. [extension]"],
    ),
    "text with a comma": (
        [("x-source: {kind: seed}", "x-source: {kind: inferred, reason: Others have it, too}")],
        ["19: `too` is not a key of x-source. Known: `kind`, `reason`, `url`. [extension]"],
    ),
    "text with a comma and more words": (
        [("x-source: {kind: seed}", "x-source: {kind: inferred, reason: Others have it, so does this}")],
        [
            "19: `so does this` is not a key of x-source. Put quotes around a string that contains a comma or a "
            "colon. [extension]"
        ],
    ),
    "name of a class": (
        [("servers:\n  - url", "x-client: {class: acme}\nservers:\n  - url")],
        ["3: `acme` is not the name of a class: CrmCom. [extension]"],
    ),
    # --- grants and credentials
    "two grants of one name": (
        [
            (
                "  securitySchemes:\n",
                "  securitySchemes:\n    key: {type: apiKey, in: header, name: k, x-token-lifecycle: "
                "{grants: {password: {credentials: {p: {}}, access_token: {credential: p}}}}}\n",
            ),
            ("[{bearer: []}]", "[{bearer: []}, {key: []}]"),
        ],
        [
            "60: the grant `password` has the same name as the one in specs/acme/openapi.yaml:54. "
            "Rename one of them. [unique-grant]"
        ],
    ),
    "credentials instead of credential": (
        [("username: {credential: username}", "username: {credentials: username}")],
        [
            "65: `credentials: username` sends this literal text, not the credential. Write `{credential: username}`. "
            "[grant-credentials]"
        ],
    ),
    "place that no response has": (
        [("access_token: $response.body#/access_token", "access_token: $response.body#/acces_token")],
        [
            "69: no response contains `$response.body#/acces_token`. Did you mean `access_token`? [token-response]",
        ],
    ),
    "credential that is not declared": (
        [("username: {credential: username}", "username: {credential: usernme}")],
        [
            "61: the credential `username` of the grant `password` is never sent. Remove it, or send it. "
            "[grant-credentials]",
            "65: `usernme` is not a credential of the grant `password`. Did you mean `username`? [grant-credentials]",
        ],
    ),
    "static token of no credential": (
        [
            (
                "  securitySchemes:\n",
                "  securitySchemes:\n    key: {type: apiKey, in: header, name: k, x-token-lifecycle: "
                "{grants: {key: {credentials: {secret_key: {}}, access_token: {credential: secret_kye}}}}}\n",
            ),
            ("[{bearer: []}]", "[{bearer: []}, {key: []}]"),
        ],
        [
            "54: `secret_kye` is not a credential of the grant `key`. Did you mean `secret_key`? [grant-credentials]",
            "54: the credential `secret_key` of the grant `key` is never sent. Remove it, or send it. "
            "[grant-credentials]",
        ],
    ),
    "refresh with a credential of one grant only": (
        [
            (
                "refresh_token: {token: refresh_token}}",
                "refresh_token: {token: refresh_token}, username: {credential: client_id}}",
            )
        ],
        [
            "75: `client_id` is not a credential of the grant `password`, which this request also serves. "
            "Known: `password`, "
            "`username`. [shared-credentials]"
        ],
    ),
    "token before there is one": (
        [("username: {credential: username},", "username: {token: access_token},"), (CREDENTIALS, "")],
        ["64: there is no token yet when the first request is sent. Send a credential. [known-token-part]"],
    ),
    "token in a header that no success has": (
        [
            ("access_token: $response.body#/access_token", "access_token: $response.header.X-Tokne"),
            (
                "description: The token.\n",
                "description: The token.\n          headers: {x-token: {schema: {type: string}}}\n",
            ),
        ],
        ["70: no response has the header `X-Tokne`. Did you mean `x-token`? [token-header]"],
    ),
    "cookie instead of a token": (
        [
            (
                "access_token: $response.body#/access_token",
                "access_token: [$response.header.X-Token, {from: $response.header.set-cookie}]",
            )
        ],
        [
            "69: `$response.header.set-cookie` is a cookie with its attributes, not a token. "
            "Read the token from the body or from another header. [token-header]"
        ],
    ),
    "secret extras that nothing sends": (
        [
            (
                EXPIRES,
                EXPIRES
                + "          extras: {name: {from: $response.body#/username, secret: false}, "
                + "id: {from: $response.body#/access_token}}\n",
            )
        ],
        [
            "73: no response contains `$response.body#/username`. "
            "Known: `access_token`, `expires_in`, `refresh_token`. [token-response]",
            "73: no request sends the secret extra `id`. Remove it, send it as `{token: …}`, or write `secret: false`. "
            "Models mask `format: password`. [unused-extra]",
        ],
    ),
    "optional credential for a required member": (
        [
            ("required: [grant_type]", "required: [grant_type, username]"),
            (CREDENTIALS, "              username: {required: false}\n"),
            ("{grant_type: refresh_token, ", "{grant_type: refresh_token, username: {credential: username}, "),
        ],
        [
            f"{line}: `createToken` requires the member `username`, but its credential is optional. {OPTIONAL}"
            for line in (65, 75)
        ],
    ),
    "optional credential for a required header": (
        [
            (
                "      security: []\n",
                "      security: []\n      parameters: [{name: X-App, in: header, required: true, schema: {type: "
                "string}}]\n",
            ),
            (CREDENTIALS, "              username: {required: false}\n"),
            (
                "body: {grant_type: password, username: {credential: username}",
                "headers: {x-app: {credential: username}}\n                body: {grant_type: password",
            ),
            (REFRESH, REFRESH + "          headers: {X-App: {token: access_token}}\n"),
        ],
        [
            "66: `createToken` requires the header parameter `X-App`, but its credential is optional. "
            + OPTIONAL.replace("token-member", "token-parameter")
        ],
    ),
    "extra that no response gives": (
        [("refresh_token: {token: refresh_token}}", "refresh_token: {token: user_id}}")],
        ["75: no response contains `user_id`. Add it to `token` of x-token-lifecycle. [known-token-part]"],
    ),
    "refresh without a refresh token": (
        [("          refresh_token: $response.body#/refresh_token\n", "")],
        ["74: no response contains `refresh_token`. Add it to `token` of x-token-lifecycle. [known-token-part]"],
    ),
    "no access token": (
        [("          access_token: $response.body#/access_token\n", "")],
        [
            "59: no response of the grant `password` contains an access token. "
            "Declare its location: `token: {access_token: $response.body#/access_token}`. [access-token]"
        ],
    ),
    "nothing but optional requests": (
        [
            (
                "              - operationId: createToken\n",
                "              - operationId: createToken\n                optional: true\n",
            )
        ],
        ["59: every request of the grant `password` is optional. One of them must succeed. [access-token]"],
    ),
    "no expiry": (
        [("          expires:\n" + EXPIRES, "")],
        [
            "59: the grant `password` does not declare when its tokens expire. "
            "Add `expires` to `token`; `expires: []` means that the lifetime is unknown. [stated-expiry]"
        ],
    ),
    "refresh of nothing": (
        [("refresh_token: {token: refresh_token}}", "refresh_token: abc}")],
        ["73: the refresh request sends no part of the token. Send `{token: refresh_token}`. [refresh-token]"],
    ),
    "refresh token without use": (
        [(REFRESH, "")],
        [
            "68: responses contain a refresh token that no request uses. "
            "Add `refresh`, or remove the refresh token from `token`. "
            "[refresh-token]"
        ],
    ),
    "one variable for two credentials": (
        [("password: {secret: true}", "password: {secret: true, env: USERNAME}")],
        [
            "62: the credentials `username` and `password` share the variable `USERNAME`. Set `env` of one of "
            "them. [environment]"
        ],
    ),
    "variable of a server": (
        [("password: {secret: true}", "password: {secret: true, env: SSO_URL}")],
        ["62: the variable of `password` is reserved for the client. Set `env`. [environment]"],
    ),
    # --- token requests against operations
    "operation that does not exist": (
        [("              - operationId: createToken", "              - operationId: createTokn")],
        ["64: `createTokn` is not an operation of this spec. Did you mean `createToken`? [token-operation]"],
    ),
    "operation that needs the token": (
        [("      security: []\n", "      security: [{bearer: []}]\n")],
        [
            "64: `createToken` requires the token that it is to obtain. "
            "State the security of `createToken`: `security: []` if it needs no token. [token-operation]"
        ],
    ),
    "unknown query parameter": (
        [(REFUSED, "                query: {tenant: acme}\n" + REFUSED)],
        ["66: `tenant` is not a query parameter of `createToken`. [token-parameter]"],
    ),
    "unknown cookie": (
        [(REFUSED, "                cookies: {sid: {credential: username}}\n" + REFUSED)],
        ["66: `sid` is not a cookie parameter of `createToken`. [token-parameter]"],
    ),
    "credential of a cookie that is not declared": (
        [
            (
                "      security: []\n",
                "      security: []\n      parameters: [{name: sid, in: cookie, schema: {type: string}}]\n",
            ),
            (REFUSED, "                cookies: {sid: {credential: session}}\n" + REFUSED),
        ],
        [
            "67: `session` is not a credential of the grant `password`. Known: `password`, `username`. "
            "[grant-credentials]"
        ],
    ),
    "required header that is not sent": (
        [
            (
                "      security: []\n",
                "      security: []\n      parameters: [{name: X-App, in: header, required: true, schema: {type: "
                "string}}]\n",
            )
        ],
        [
            "65: `createToken` requires the header parameter `X-App`. Add it under `headers`. [token-parameter]",
            "74: `createToken` requires the header parameter `X-App`. Add it under `headers`. [token-parameter]",
        ],
    ),
    "unknown member of the body": (
        [("username: {credential: username},", "user_name: {credential: username},")],
        ["65: `user_name` is not a member of the body of `createToken`. Did you mean `username`? [token-member]"],
    ),
    "required member that is not sent": (
        [("{grant_type: refresh_token, ", "{")],
        ["75: `createToken` requires `grant_type` in its body. Send it. [token-member]"],
    ),
    "value that the schema does not allow": (
        [("grant_type: {type: string}", "grant_type: {type: string, enum: [password], x-open: false}")],
        ["75: `refresh_token` is not a value of `grant_type` in `createToken`. Known: `password`. [token-member]"],
    ),
    "no placement for a method": (
        [("        expired:\n", "        placements: [{in: query, name: token, methods: [POST]}]\n        expired:\n")],
        [
            "76: no placement declares where GET /widgets/{id} sends the token. Add one for its method. "
            "[token-placement]"
        ],
    ),
    "placement that the operation declares too": (
        [
            ("        expired:\n", "        placements: [{in: query, name: token}]\n        expired:\n"),
            ("      parameters:\n", "      parameters:\n        - {name: token, in: query, schema: {type: string}}\n"),
        ],
        [
            "37: `getWidget` declares `token`, which carries the token. Remove the parameter; the lifecycle adds "
            "it. [token-placement]"
        ],
    ),
    "placement in a body that is not there": (
        [("        expired:\n", "        placements: [{in: body, name: token}]\n        expired:\n")],
        [
            "37: `getWidget` has no JSON body to send the token in. The scheme `bearer` puts it into `token`. "
            "[token-placement]"
        ],
    ),
    "placement in a body without the member": (
        [
            ("        expired:\n", "        placements: [{in: body, name: token}]\n        expired:\n"),
            ("    get:\n", "    post:\n"),
            (
                "      parameters:\n",
                "      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Widget'}, "
                "example: {id: w1}}}}\n"
                "      parameters:\n",
            ),
        ],
        [
            "96: the body of `getWidget` has no member `token` for the token. "
            "Add it to `properties`; the generator takes it out of the model. [token-placement]"
        ],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_reported_with_its_line_and_its_remedy(case: str, reported: Reported) -> None:
    changes, expected = CASES[case]

    assert reported(*changes) == [f"specs/acme/openapi.yaml:{line}" for line in expected]


def test_a_later_step_may_send_what_an_earlier_response_gave(reported: Reported) -> None:
    second = (
        "              - {operationId: createToken, body: {grant_type: x, refresh_token: {token: refresh_token}}}\n"
    )

    assert reported((REFUSED, second + REFUSED)) == []


def test_an_empty_list_states_that_the_expiry_is_unknown(reported: Reported) -> None:
    assert reported(("          expires:\n" + EXPIRES, "          expires: []\n")) == []
