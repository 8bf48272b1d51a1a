"""The commands as a person meets them: what they write, what they print, how they end."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from generator.front.command_line import Sdkgen, moments
from sdkgen.write import RECORD, files_of

# --- generate


def test_a_second_generate_of_the_same_spec_changes_nothing(sdkgen: Sdkgen, in_root: Any) -> None:
    package = in_root.root / "packages" / "acme-client"

    first = sdkgen("generate")
    before = moments(package)
    second = sdkgen("generate")

    assert (first.code, second.code) == (0, 0)
    assert (package / "src" / "acme_client" / "client.py").is_file()
    assert second.out == "acme: nothing to do\n"
    assert moments(package) == before


def test_rendering_again_touches_nothing_that_is_equal(sdkgen: Sdkgen, in_root: Any) -> None:
    package = in_root.root / "packages" / "acme-client"
    sdkgen("generate")
    before = moments(package)

    assert sdkgen("generate", "--force").out == "acme: unchanged\n"
    assert moments(package) == before


def test_an_operation_that_goes_takes_its_files_along(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    source = in_root.root / "packages" / "acme-client" / "src" / "acme_client"
    assert list(source.rglob("get_widget.py"))

    spec = in_root.workspace.spec("acme")
    text = spec.read_text()
    start, end = text.index("  /widgets/{id}:"), text.index("components:")
    text = text[:start] + text[end:]
    text = text.replace("  - {name: widgets, description: Things.}\n", "").replace(
        "security: []", "security: [{bearer: []}, {}]"
    )
    spec.write_text(text)
    ended = sdkgen("generate")

    assert ended.code == 0, ended.err
    assert "removed" in ended.out
    assert not list(source.rglob("*widget*.py")) or {path.name for path in source.rglob("*widget*.py")} == {"widget.py"}
    assert sdkgen("check").code == 0


def test_the_next_run_restores_a_file_changed_by_hand(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    client = in_root.root / "packages" / "acme-client" / "src" / "acme_client" / "client.py"
    generated = client.read_bytes()
    client.write_text("changed")

    assert sdkgen("generate").out == "acme: 1 file changed\n"
    assert client.read_bytes() == generated


def test_the_sandbox_gets_the_bundled_document(sdkgen: Sdkgen, in_root: Any) -> None:
    (in_root.root / "packages" / "vendor-sandbox").mkdir()

    ended = sdkgen("generate")

    document = in_root.root / "packages" / "vendor-sandbox" / "src" / "vendor_sandbox" / "specs" / "acme.json"
    calls = "packages/vendor-sandbox/src/vendor_sandbox/clients/acme.json"
    assert ended.out.endswith(f"acme.json for the sandbox, {calls}\n")
    assert json.loads((in_root.root / calls).read_text())["package"] == "acme_client"
    assert (
        json.loads(document.read_text())["paths"]["/token"]["post"]["responses"]["200"]["description"] == "The token."
    )


def test_a_wrong_spec_changes_nothing(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    before = moments(in_root.root / "packages")
    in_root.spec(("getWidget", "widget"))

    ended = sdkgen("generate")

    assert ended.code == 1
    assert "specs/acme/openapi.yaml:38: the operation id `widget` is not a verb and a noun." in ended.err
    assert ended.err.endswith("1 problem\n")
    assert moments(in_root.root / "packages") == before


def test_the_problems_of_all_vendors_are_reported_in_one_run(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("zeta/openapi.yaml", "openapi: 2.0\n")
    in_root.spec(("      x-source: {kind: seed}\n", ""))

    ended = sdkgen("generate")

    told = [line.partition(":")[0] for line in ended.err.splitlines() if line.startswith("specs/")]
    assert (ended.code, told) == (1, ["specs/acme/openapi.yaml", "specs/zeta/openapi.yaml"])
    assert ended.err.endswith("2 problems\n")


def test_a_valid_vendor_is_written_although_another_is_faulty(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("zeta/openapi.yaml", "openapi: 2.0\n")

    assert sdkgen("generate").code == 1
    assert (in_root.root / "packages" / "acme-client" / "pyproject.toml").is_file()


def test_only_the_named_vendor_is_written(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("zeta/openapi.yaml", "openapi: 2.0\n")

    assert sdkgen("generate", "acme").code == 0


# --- check


def test_check_of_what_was_just_generated_is_content(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")

    ended = sdkgen("check")

    assert (ended.code, ended.out) == (0, "1 package up to date with the specs\n")


def test_check_lists_changed_missing_and_extra_files_with_the_fix(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    package = in_root.root / "packages" / "acme-client"
    (package / "README.md").write_text("by hand")
    (package / "pyproject.toml").unlink()
    (package / "notes.txt").write_text("x")

    ended = sdkgen("check")

    assert ended.code == 1
    assert [line for line in ended.err.splitlines() if line.startswith("packages/")] == [
        "packages/acme-client/README.md: differs from the output for the spec. Run `sdkgen generate acme`. [drift]",
        "packages/acme-client/notes.txt: was not written by sdkgen. Move it out of the package. [drift]",
        "packages/acme-client/pyproject.toml: is missing. Run `sdkgen generate acme`. [drift]",
    ]
    assert ended.out == "To fix it: sdkgen generate acme\n"


def test_check_reports_a_missing_package_in_one_line(sdkgen: Sdkgen, in_root: Any) -> None:
    ended = sdkgen("check")

    assert ended.code == 1
    assert [line for line in ended.err.splitlines() if line.startswith("packages/")] == [
        "packages/acme-client: is missing. Run `sdkgen generate acme`. [drift]"
    ]


def test_check_does_not_trust_the_record_of_the_last_run(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    package = in_root.root / "packages" / "acme-client"
    readme = package / "README.md"
    readme.write_text("by hand")
    record = json.loads((package / RECORD).read_text())
    record["outputs"]["README.md"] = __import__("hashlib").sha256(b"by hand").hexdigest()
    (package / RECORD).write_text(json.dumps(record))

    assert sdkgen("generate").out == "acme: nothing to do\n"
    assert sdkgen("check").code == 1


def test_check_writes_nothing(sdkgen: Sdkgen, in_root: Any) -> None:
    assert sdkgen("check").code == 1
    assert not (in_root.root / "packages" / "acme-client").exists()


NO_SPEC = "no longer has a spec. Run `sdkgen generate`, which removes what it wrote, or add its spec. [drift]"


@pytest.mark.parametrize("clone", [False, True])
def test_what_was_written_for_a_removed_spec_is_named_and_removed(
    clone: bool, sdkgen: Sdkgen, in_root: Any, docs: Path
) -> None:
    (in_root.root / "packages" / "vendor-sandbox").mkdir()
    in_root.write("gone/openapi.yaml", in_root.workspace.spec("acme").read_text())
    in_root.write("gone/coverage.yaml", COVERAGE)
    in_root.write("../packages/mine-client/README.md", "x")
    sdkgen("generate")
    before = {*files_of(in_root.root)}
    package = in_root.root / "packages" / "gone-client"
    if clone:  # where the record is not
        (package / RECORD).unlink()
    for name in ("openapi.yaml", "coverage.yaml"):
        (in_root.workspace.specs / "gone" / name).unlink()
    written = ["docs/generated/coverage/gone.md", "docs/generated/losses/gone.md", "packages/gone-client"]
    of_the_sandbox = "packages/vendor-sandbox/src/vendor_sandbox"
    written += ["packages/mine-client", f"{of_the_sandbox}/clients/gone.json", f"{of_the_sandbox}/specs/gone.json"]

    named, ended, again = sdkgen("check"), sdkgen("generate"), sdkgen("generate")

    assert [line for line in named.err.splitlines() if "[drift]" in line] == [f"{name}: {NO_SPEC}" for name in written]
    removed = ", ".join([written[5], written[4], *written[:3]])
    assert ended.out == f"acme: nothing to do\ngone: no longer has a spec: {removed} removed\n"
    assert (ended.code, ended.err, again.out) == (0, "", "acme: nothing to do\n")
    assert before - {*files_of(in_root.root)} == {name for name in before if "gone" in name}
    assert not package.exists()


def test_a_removed_spec_leaves_what_sdkgen_did_not_write(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")
    package = in_root.root / "packages" / "acme-client"
    (package / "notes.md").write_text("N")
    in_root.workspace.spec("acme").unlink()

    ended = sdkgen("generate")

    assert ended.code == 1
    what = "was not written by sdkgen, and its vendor no longer has a spec. Move it away."
    assert ended.err == f"packages/acme-client/notes.md: {what}\n1 problem\n"
    assert [*files_of(package)] == ["notes.md"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("packages", "packages: is a link, and links are not followed."),
        ("packages/acme-client", "packages/acme-client: is a link, and links are not followed."),
        ("packages/acme-client/src", "packages/acme-client/src: is a link where a folder is needed."),
        (f"packages/acme-client/{RECORD}", f"packages/acme-client/{RECORD}: is a link."),
        ("docs/generated", "docs/generated: is a link, and links are not followed."),
        ("docs/generated/losses/acme.md", "docs/generated/losses/acme.md: is a link, and links are not followed."),
    ],
)
def test_links_in_the_repository_are_not_followed(
    at: str, expected: str, sdkgen: Sdkgen, in_root: Any, docs: Path
) -> None:
    sdkgen("generate")
    inside, outside = in_root.root / at, in_root.root / "outside"
    inside.rename(outside)
    inside.symlink_to(outside)
    before = moments(outside) if outside.is_dir() else outside.stat().st_mtime_ns
    in_root.spec(("summary: Get a widget", "summary: Get one widget"))

    ended = sdkgen("generate")

    assert ended.code == 1
    assert expected in ended.err
    assert (moments(outside) if outside.is_dir() else outside.stat().st_mtime_ns) == before


def test_a_package_that_sdkgen_did_not_write_is_not_overwritten(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("../packages/acme-client/pyproject.toml", "[project]\n")

    ended = sdkgen("generate")

    assert ended.code == 1
    assert "packages/acme-client: holds `pyproject.toml`, which sdkgen did not write." in ended.err
    assert [*files_of(in_root.root / "packages")] == ["acme-client/pyproject.toml"]


def test_check_compares_the_sandbox_s_document(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("../packages/vendor-sandbox/src/vendor_sandbox/specs/acme.json", "{}")
    sdkgen("generate")
    in_root.write("../packages/vendor-sandbox/src/vendor_sandbox/specs/acme.json", "{}")

    ended = sdkgen("check")

    assert (
        "packages/vendor-sandbox/src/vendor_sandbox/specs/acme.json: differs from the output for the spec. "
        "Run `sdkgen generate acme`. [drift]"
    ) in ended.err


# --- pages of documentation


COVERAGE = """\
operations:
  - {operation: POST /token, source: seed}
  - {operation: 'GET /widgets/{id}', source: seed}
"""


@pytest.fixture
def docs(in_root: Any) -> Path:
    """The folder that generated pages go to."""
    folder: Path = in_root.root / "docs"
    folder.mkdir()
    return folder


def test_a_tree_without_docs_gets_no_pages(sdkgen: Sdkgen, in_root: Any) -> None:
    sdkgen("generate")

    assert sdkgen("check").code == 0
    assert not (in_root.root / "docs").exists()


def test_coverage_is_read_again_when_it_comes_changes_and_goes(sdkgen: Sdkgen, in_root: Any, docs: Path) -> None:
    assert sdkgen("generate").out.endswith(" new, docs/generated/losses/acme.md\n")
    assert sdkgen("generate").out == "acme: nothing to do\n"

    in_root.write("acme/coverage.yaml", COVERAGE)
    assert sdkgen("generate").out == "acme: unchanged, docs/generated/coverage/acme.md\n"
    assert "`widgets.get_widget`" in (docs / "generated/coverage/acme.md").read_text()

    in_root.write("acme/coverage.yaml", COVERAGE.replace("source: seed", "source: observed"))
    assert sdkgen("generate").out == "acme: unchanged, docs/generated/coverage/acme.md\n"
    assert sdkgen("check").code == 0

    (in_root.workspace.specs / "acme/coverage.yaml").unlink()
    assert sdkgen("generate").out == "acme: unchanged, docs/generated/coverage/acme.md removed\n"
    assert not (docs / "generated/coverage/acme.md").exists()


def test_the_next_run_restores_a_page_changed_by_hand(sdkgen: Sdkgen, docs: Path) -> None:
    sdkgen("generate")
    generated = (docs / "generated/losses/acme.md").read_bytes()
    (docs / "generated/losses/acme.md").write_text("No losses.\n")

    assert sdkgen("generate").out == "acme: unchanged, docs/generated/losses/acme.md\n"
    assert (docs / "generated/losses/acme.md").read_bytes() == generated


def test_check_finds_pages_that_are_wrong_missing_or_of_nothing(sdkgen: Sdkgen, in_root: Any, docs: Path) -> None:
    sdkgen("generate")
    for name in ("generated/coverage/acme.md", "generated/coverage/gone.md"):
        (docs / name).parent.mkdir(exist_ok=True)
        (docs / name).write_text("Everything.\n")
    (docs / "generated/losses/acme.md").unlink()

    ended = sdkgen("check")

    assert ended.code == 1
    assert [line for line in ended.err.splitlines() if line.startswith("docs/")] == [
        "docs/generated/coverage/acme.md: belongs to no spec. Run `sdkgen generate acme`. [drift]",
        f"docs/generated/coverage/gone.md: {NO_SPEC}",
        "docs/generated/losses/acme.md: is missing. Run `sdkgen generate acme`. [drift]",
    ]


def test_lint_reads_the_coverage(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("acme/coverage.yaml", COVERAGE.replace("/token", "/tokens"))

    ended = sdkgen("lint")

    assert ended.code == 1
    assert "specs/acme/coverage.yaml:2: the spec does not have `POST /tokens`." in ended.err


# --- lint


def test_lint_of_a_good_spec(sdkgen: Sdkgen, in_root: Any) -> None:
    ended = sdkgen("lint")

    assert (ended.code, ended.out, ended.err) == (0, "1 spec without problems\n", "")


def test_a_second_reading_says_how_much_was_compared(sdkgen: Sdkgen, in_root: Any) -> None:
    ended = sdkgen("second-reading")

    assert (ended.code, ended.err) == (0, "")
    assert re.fullmatch(r"1 spec read twice, \d\d places compared\n", ended.out)


def test_a_second_reading_reports_a_dead_reference(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.spec(("'#/components/schemas/Widget'", "'#/components/schemas/Widgets'"))

    ended = sdkgen("second-reading")

    assert ended.code == 1
    assert "refers to nothing in specs/acme/openapi.yaml" in ended.err


def test_accepted_losses_are_silent_and_stale_ones_are_reported(sdkgen: Sdkgen, in_root: Any) -> None:
    loss = ("        size: {type: integer}\n", "        size: {type: integer, not: {const: 4}}\n")
    entry = (
        "servers:\n",
        "x-accepted-losses:\n  - {loss: unsupported-keyword, at: /components/schemas/Widget, reason: Four never "
        "comes.}\nservers:\n",
    )
    in_root.spec(loss, entry)
    accepted = sdkgen("lint")
    in_root.spec(entry)
    stale = sdkgen("lint")

    assert (accepted.code, stale.code) == (0, 1)
    assert (
        "specs/acme/openapi.yaml:4: no loss `unsupported-keyword` at `/components/schemas/Widget`. "
        "Remove the entry. [accepted-loss]"
    ) in stale.err


# --- what was typed


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["generate", "acmee"], "specs: there is no vendor `acmee`. Did you mean `acme`?"),
        (["check", "../acme"], "specs: there is no vendor `../acme`. Did you mean `acme`?"),
        (["lint", "--root", "nowhere"], "nowhere: there is no `specs` folder in it."),
        (["generate", "--spec", "a.yaml"], "--spec needs --output"),
        (["generate", "--output", "out"], "--output, --name and --package-version go with --spec"),
        (["generate", "--package-version", "1.0"], "--output, --name and --package-version go with --spec"),
        (["generate", "--spec", "a.yaml", "--output", "out", "--package-version", "v1"], "`v1` is not a version."),
        (["generate", "acme", "--spec", "a.yaml", "--output", "out"], "--spec names one document"),
        (["generate", "--spec", "a.yaml", "--output", "out", "--name", "../x"], "--name: `../x` is not a vendor name."),
        (["generate", "--spec", "..yaml", "--output", "out"], "is not a vendor name. Give one with `--name`."),
        (
            ["generate", "--spec", "https://a.example/a.json", "--output", "out"],
            "--spec names a file; nothing is fetched",
        ),
        (["frobnicate"], "No such command 'frobnicate'"),
    ],
)
def test_what_was_typed_wrong_ends_with_2(arguments: list[str], expected: str, sdkgen: Sdkgen, in_root: Any) -> None:
    ended = sdkgen(*arguments)

    assert ended.code == 2
    assert expected in ended.err.replace("\n│ ", " ")


def test_a_folder_without_specs_is_reported(sdkgen: Sdkgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    ended = sdkgen("lint")

    assert ended.code == 2
    assert "there is no `specs` folder here or above." in ended.err


def test_the_repository_is_found_from_below(sdkgen: Sdkgen, in_root: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(in_root.root / "specs" / "acme")

    assert sdkgen("lint").code == 0


def test_a_vendor_folder_with_an_impossible_name_is_reported(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.write("Bad Name/openapi.yaml", "openapi: 3.1.0\n")

    ended = sdkgen("lint")

    assert ended.code == 2
    assert "specs/Bad Name: `Bad Name` is not a vendor name." in ended.err


def test_control_characters_of_a_document_do_not_reach_the_terminal(sdkgen: Sdkgen, in_root: Any) -> None:
    in_root.spec(("tags: [widgets]", 'tags: ["\\e[31m"]'))

    assert "\x1b" not in sdkgen("lint").err
