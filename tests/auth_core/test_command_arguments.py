"""What the command line says about wrong arguments."""

from __future__ import annotations

import pytest
from auth_core.command import main


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["status", "--grant", "hunter22"], "unrecognized arguments: --grant ****"),
        (["status", "--again=hunter22"], "unrecognized arguments: --again=****"),
        (["redis://:hunter22@h"], "invalid choice: '****'"),
        (["login", "--password", "hunter22"], "--password ****"),
        (["login", "-phunter22"], "unrecognized arguments"),
        (["login", "--again=hunter22"], "ignored explicit argument '****'"),
        (["--s=hunter22", "status"], "ambiguous option: --s=****"),
        (["stats"], "invalid choice: 'stats'"),
    ],
)
def test_no_value_is_repeated(arguments, shown, capsys):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    reported = capsys.readouterr().err

    assert ended.value.code == 2
    assert "hunter22" not in reported
    assert shown in reported


@pytest.mark.parametrize("server", ["https://u:hunter22@h", "https://u:hunter22@h/?a=b", "hunter22"])
def test_a_server_without_a_name_is_not_repeated(server, capsys):
    assert main(["--server", server, "status"]) == 3
    assert "hunter22" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--store", "redis://:hunter22@h", "status"], ["status", "--store=redis://:hunter22@h"]]
)
def test_a_store_with_a_password_is_refused_before_and_after_the_command(arguments, capsys):
    assert main(arguments) == 3
    reported = capsys.readouterr().err
    assert "set AUTH_CORE_STORE instead" in reported
    assert "hunter22" not in reported
