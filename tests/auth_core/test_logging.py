"""What a program hears that has not configured logging: the error it gets, and nothing next to it."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import httpx
from auth_core import Authenticator, LoginRefused
from auth_core.httpx_auth import HttpxTokenSender
from auth_core_testing import IdentityProvider, PasswordCredentials, oauth_lifecycle

provider = IdentityProvider(users={"alice": "right"})
client = httpx.Client(transport=provider.transport())
credentials = PasswordCredentials(username="alice", password="wrong")
servers = {"base_url": "https://idp.example"}
made = Authenticator({"oauth": oauth_lifecycle()}, [credentials], servers, send=HttpxTokenSender(client))
try:
    made.source("oauth").token()
except LoginRefused:
    print("refused")
"""


def test_a_refused_login_prints_nothing_by_itself() -> None:
    finished = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False)
    assert (finished.stdout, finished.stderr) == ("refused\n", "")
