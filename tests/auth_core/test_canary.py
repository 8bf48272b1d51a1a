"""The canary finds a secret in every form in which programs show one."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote, urlencode

import pytest
from auth_core.testing import Canary


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "alice"])
@pytest.mark.parametrize(
    "form",
    [
        lambda user, secret: secret,
        lambda user, secret: urlencode({user: secret}),
        lambda user, secret: quote(f"{user}/{secret}"),
        lambda user, secret: json.dumps({user: secret}),
        lambda user, secret: base64.b64encode(f"{user}:{secret}".encode()).decode(),
        lambda user, secret: base64.b64encode(f"{user}:{secret}:and more".encode()).decode(),
    ],
)
def test_every_form_is_found(user, form):
    canary = Canary()
    canary.show(form(user, canary.add("password", "correct horse battery staple")))

    assert canary.leaks() != []


def test_what_is_no_secret_is_not_found():
    canary = Canary()
    canary.add("password", "correct horse battery staple")
    canary.show("correct horse", base64.b64encode(b"alice:correct horse").decode())

    assert canary.leaks() == []
