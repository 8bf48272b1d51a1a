"""The example on the page about stores is a store: it passes the contract as a reader would run it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "stores.md"
FILES = dict(re.findall(r'^```python title="([\w.]+)"\n(.*?)^```', PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_store_of_the_page_passes_the_contract(tmp_path):
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:asyncio",
        "-W",
        "error",
        str(tmp_path),
    ]
    finished = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert finished.returncode == 0, finished.stdout
    assert int(re.search(r"(\d+) passed", finished.stdout)[1]) >= 30
    assert "skipped" not in finished.stdout


def test_the_example_keeps_nothing_in_clear_text(tmp_path, monkeypatch):
    (tmp_path / "encrypted_store.py").write_text(FILES["encrypted_store.py"])
    monkeypatch.syspath_prepend(str(tmp_path))
    module = pytest.importorskip("encrypted_store")
    monkeypatch.delitem(sys.modules, "encrypted_store")
    store = module.EncryptedStore(str(tmp_path / "store"), module.Fernet.generate_key())
    salt = store.salt

    files = [path.read_bytes() for path in (tmp_path / "store").iterdir()]
    assert len(files) == 2
    assert not any(salt.hex().encode() in content or b"{" in content for content in files)
