"""Any other document: ``sdkgen generate --spec`` writes into a folder of its own, and removes only what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.front.command_line import Ended, Sdkgen, moments
from sdkgen import write as sdkgen_write
from sdkgen.write import RECORD, files_of

FOREIGN = """\
openapi: 3.0.3
info: {title: Pets, version: '1'}
servers: [{url: 'https://pets.example'}]
paths:
  /pets:
    get:
      responses:
        200:
          description: Pets
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Pet'}}}}
          links: {next: {operationId: nothing}}
components:
  schemas:
    Pet: {type: object, properties: {name: {type: string, nullable: true, not: {enum: [x]}}}}
"""


def test_any_document_becomes_a_package_and_its_losses_are_reported(sdkgen: Sdkgen, tmp_path: Path) -> None:
    (tmp_path / "Pet Store.yaml").write_text(FOREIGN)

    ended = sdkgen("generate", "--spec", tmp_path / "Pet Store.yaml", "--output", tmp_path / "out")

    assert ended.code == 0, ended.err
    assert "loss: Pet Store.yaml:11: `links` is not honoured: no method calls the linked operation." in ended.err
    assert "loss: Pet Store.yaml:14: `not` is not honoured: what it forbids is accepted." in ended.err
    assert ended.err.endswith("2 losses\n")
    assert (tmp_path / "out" / "src" / "pet_store_client" / "client.py").is_file()


def test_json_with_a_user_given_name_and_version(sdkgen: Sdkgen, tmp_path: Path) -> None:
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/a": {"get": {"responses": {"204": {"description": "D"}}}}},
    }
    (tmp_path / "x.json").write_text(json.dumps(document, indent="\t"))

    options = ("--name", "my-pets", "--package-version", "2.1.0")
    ended = sdkgen("generate", "--spec", tmp_path / "x.json", "--output", tmp_path / "out", *options)

    assert ended.code == 0, ended.err
    assert '__version__ = "2.1.0"' in (tmp_path / "out" / "src" / "my_pets_client" / "_version.py").read_text()


def test_a_foreign_documents_dead_reference_loses_only_that_part(sdkgen: Sdkgen, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FOREIGN.replace("'#/components/schemas/Pet'", "'https://pets.example/pet.json'"))

    ended = sdkgen("generate", "--spec", tmp_path / "a.yaml", "--output", tmp_path / "out")

    assert ended.code == 0, ended.err
    assert (
        "loss: a.yaml:10: `$ref: https://pets.example/pet.json` is remote, and remote documents are not fetched."
        in ended.err
    )


def generate_pets(sdkgen: Sdkgen, folder: Path, text: str = FOREIGN) -> Ended:
    (folder / "a.yaml").write_text(text)
    return sdkgen("generate", "--spec", folder / "a.yaml", "--output", folder / "out")


@pytest.mark.parametrize("record", [None, "{}", '{"outputs": {"a": "b", "thesis.txt": null}}', "[", "\N{BOM}"])
def test_a_folder_with_other_files_is_not_touched(record: str | None, sdkgen: Sdkgen, tmp_path: Path) -> None:
    (tmp_path / "out" / ".git").mkdir(parents=True)
    names = {"thesis.txt": "precious", ".git/HEAD": "H"} | ({} if record is None else {RECORD: record})
    for name, text in names.items():
        (tmp_path / "out" / name).write_text(text)

    ended = generate_pets(sdkgen, tmp_path)

    assert ended.code == 1
    assert "out: holds `.git/HEAD`, `thesis.txt`, which sdkgen did not write. Name a new or an empty" in ended.err
    assert {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()} == {
        Path(name).name for name in names
    }


def test_only_recorded_and_unchanged_files_are_replaced_or_removed(sdkgen: Sdkgen, tmp_path: Path) -> None:
    package = tmp_path / "out"
    assert generate_pets(sdkgen, tmp_path).code == 0
    for name in (".git/HEAD", "tests/test_it.py", "src/a_client/models/mine.py"):
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("mine")
    ended = generate_pets(sdkgen, tmp_path, FOREIGN.replace("Pet:", "Dog:").replace("/Pet'", "/Dog'"))

    assert (ended.code, "1 file new" in ended.out, "1 file removed" in ended.out) == (0, True, True)
    assert {".git/HEAD", "tests/test_it.py", "src/a_client/models/mine.py"} < {*files_of(package)}
    assert not (package / "src/a_client/models/pet.py").exists()

    (package / "src/a_client/models/dog.py").write_text("edited")
    refused = generate_pets(sdkgen, tmp_path)
    assert refused.code == 1
    assert "models/dog.py: is no longer generated, and was changed since sdkgen wrote it. Move it away" in refused.err
    assert not (package / "src/a_client/models/pet.py").exists()


def test_an_interrupted_run_does_not_stop_the_next(
    sdkgen: Sdkgen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_pets(sdkgen, tmp_path)
    written: list[str] = []

    def full(path: Path, content: bytes) -> None:
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        written.append(path.name)
        write(path, content)

    with monkeypatch.context() as patched:
        write = sdkgen_write._write
        patched.setattr(sdkgen_write, "_write", full)
        assert generate_pets(sdkgen, tmp_path, FOREIGN.replace("Pet", "Dog").replace("pets", "dogs")).code == 1

    assert len(written) == 3
    assert generate_pets(sdkgen, tmp_path).code == 0
    assert not list((tmp_path / "out").rglob("*dog*.py"))


@pytest.mark.parametrize("at", [".", "src/a_client", RECORD])
def test_links_in_the_output_are_refused(at: str, sdkgen: Sdkgen, tmp_path: Path) -> None:
    generate_pets(sdkgen, tmp_path)
    inside, outside = tmp_path / "out" / at, tmp_path / "outside"
    inside.rename(outside)
    inside.symlink_to(outside)
    before = outside.read_bytes() if outside.is_file() else moments(outside)

    ended = generate_pets(sdkgen, tmp_path, FOREIGN.replace("Pet", "Dog"))

    assert ended.code == 1
    assert ("is a link" in ended.err) is (at != RECORD)
    assert (outside.read_bytes() if outside.is_file() else moments(outside)) == before


def test_a_package_may_be_written_again(sdkgen: Sdkgen, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FOREIGN)
    arguments = ("generate", "--spec", tmp_path / "a.yaml", "--output", tmp_path / "out")

    assert sdkgen(*arguments).code == 0
    assert sdkgen(*arguments).out == f"{tmp_path / 'out'}: unchanged\n"
