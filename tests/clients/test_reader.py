"""What a program sees of models: types without casts, and frameworks that take them as their own."""

from __future__ import annotations

import io
from pathlib import Path

import fastapi
import httpx
import pydantic
import pytest

from clients import reader
from crmcom_client.models import ContactInformation, PrivacyLevel
from support.type_checkers import mypy, one_process, pyright

BODY = fastapi.Body()
READ = {"number": "CI1", "title": None, "last_name": "Example", "privacy_level": {"number": "1"}}


@one_process
def test_type_checkers_have_nothing_to_say_about_a_reader(tmp_path: Path) -> None:
    program = tmp_path / "reader.py"
    program.write_text(Path(reader.__file__).read_text("utf-8"), "utf-8")
    assert mypy(program) == []
    assert pyright(tmp_path, ["reader.py"]) == []


def test_a_reader_meets_no_unset() -> None:
    contact = ContactInformation.from_dict(READ)
    assert reader.name_of(contact) == "Example"
    assert reader.anonymous(contact) == ContactInformation(number="CI1")
    written = io.StringIO()
    reader.write([contact, ContactInformation()], written)
    assert [line.count(",") for line in written.getvalue().splitlines()][1] == len(contact.to_dict()) - 1


class Case(pydantic.BaseModel):
    contact: ContactInformation
    levels: list[PrivacyLevel] = []


def test_pydantic_validates_and_writes_a_model() -> None:
    read = {**READ, "new": 5}
    case = Case.model_validate({"contact": read, "levels": [PrivacyLevel(number="2")]})
    assert case.contact == ContactInformation.from_dict(read)
    assert case.model_dump(exclude_unset=True) == {"contact": read, "levels": [{"number": "2"}]}
    assert case.model_dump()["contact"] == case.contact.to_dict()
    assert Case.model_validate_json(case.model_dump_json(exclude_unset=True)) == case
    with pytest.raises(pydantic.ValidationError, match=r"\$\.privacy_level\.number: expected a string"):
        Case.model_validate({"contact": {"privacy_level": {"number": 5}}})


async def test_fastapi_takes_and_returns_a_model_and_documents_it() -> None:
    app = fastapi.FastAPI()

    @app.put("/contact", response_model_exclude_unset=True)
    def put(contact: ContactInformation = BODY) -> ContactInformation:
        return contact

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.put("/contact", json=READ)).json() == READ
        assert (await client.put("/contact", json={"number": 5})).status_code == 422
        shown = (await client.get("/openapi.json")).json()
    response = shown["paths"]["/contact"]["put"]["responses"]["200"]["content"]["application/json"]["schema"]
    number = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    assert response["properties"]["number"] == number
    level = response["properties"]["privacy_level"]["anyOf"][0]
    assert (level["type"], level["title"], response["required"]) == ("object", "PrivacyLevel", [])
