"""Start-up cost of a client (import, first and second client), compared with ``import httpx`` in a new interpreter."""

from __future__ import annotations

import subprocess
import sys

from bench.measure import Contest, contest

CREATE = (
    "from cinchy_client import Cinchy, PersonalAccessTokenCredentials as Token; "
    "make = lambda: Cinchy(base_url='http://127.0.0.1:1', sso_url='http://127.0.0.1:1', "
    "connections_url='http://127.0.0.1:1', credentials=Token(personal_access_token='t')); "
)
PROGRAMS = {
    "import httpx": "import httpx",
    "import cinchy_client": "import cinchy_client",
    "first client ready": CREATE + "make()",
    "first and second client": CREATE + "make(); make()",
}


def run() -> list[Contest]:
    contestants = {
        name: lambda program=program: subprocess.run([sys.executable, "-c", program], check=True)
        for name, program in PROGRAMS.items()
    }
    return [contest("A new interpreter", contestants, rounds=11)]
