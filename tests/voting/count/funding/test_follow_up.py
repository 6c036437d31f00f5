"""What everybody sees of grants: a page, a file for programs, the national file."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from shared.events.carriers import CarrierLeft
from tests.voting.count.edition import TITLES
from tests.voting.count.funding.held import NAME, RNA, SIRET, TODAY, Grants
from tests.voting.count.funding.national import AUTHORITY, telling_its_siret


@pytest.fixture
async def national(grants: Grants, tmp_path: Path) -> Any:
    async with telling_its_siret(grants.count, tmp_path) as client:
        yield client


async def test_the_page_says_all_that_followed(grants: Grants) -> None:
    page = f"/rounds/{grants.edition.round_id}/follow-up"
    visitor = await grants.officers.visitor()
    words = (await visitor.get(page)).words()
    assert TITLES[0] in words and "decided" in words and "Show the logo" in words
    await grants.signed()
    await grants.pay("order", "2027/MD-4512")
    await grants.step("milestone", milestone="begun", on=str(TODAY))
    await grants.by_two("reduce", spent="60 000")
    await grants.by_two("lapse", ground="renounced")
    words = (await visitor.get(page)).words()
    for said in ("CD62-2027-118", "Works begun", "60 000 € were spent", "its carrier renounced it"):
        assert said in words, said
    results = await visitor.get(f"/rounds/{grants.edition.round_id}/results")
    assert page in results.text
    french = await grants.officers.visitor("fr")
    assert "renoncé" in (await french.get(page)).words()


async def test_a_program_reads_the_same(signed: Grants) -> None:
    await signed.pay("order", "2027/MD-4512")
    visitor = await signed.officers.visitor()
    found = json.loads((await visitor.get(f"/rounds/{signed.edition.round_id}/funding.json")).text)
    assert found["sums"] == {
        "granted": 40_000_00,
        "signed": 40_000_00,
        "paid": 20_000_00,
        "lapsed": 0,
        "left": 20_000_00,
    }
    [grant] = found["grants"]
    assert (grant["title"], grant["state"], grant["cost"]) == (TITLES[0], "signed", 80_000_00)
    assert [each["reference"] for each in grant["instalments"]] == ["2027/MD-4512", None]


async def test_the_national_file_has_organisations_and_needs_the_authority_s_number(
    grants: Grants, national: Any
) -> None:
    path = f"/rounds/{grants.edition.round_id}/subventions.csv"
    refused = await (await grants.officers.visitor()).get(path)
    assert refused.status == 409, "this replica was told no SIRET"
    await grants.signed()
    answer = await national.ask("GET", path)
    assert answer.status == 200
    [line] = csv.DictReader(io.StringIO(answer.raw.decode()))
    assert (line["nomBeneficiaire"], line["idBeneficiaire"]) == (NAME, SIRET)
    assert (line["rnaBeneficiaire"], line["idAttribuant"]) == (RNA, AUTHORITY)
    assert (line["montant"], line["objet"]) == ("40000.00", TITLES[0])
    assert (line["dateConvention"], line["notificationUE"]) == (str(TODAY), "oui")
    await grants.edition.erase(NAME)
    assert [*csv.DictReader(io.StringIO((await national.ask("GET", path)).raw.decode()))] == []


async def test_the_national_file_names_who_signed_whoever_carries_the_project_by_now(
    grants: Grants, national: Any
) -> None:
    """A lead that was not there when the agreement was signed takes its place, or joins a person
    who signed: submission had not heard of the agreement yet."""
    path = f"/rounds/{grants.edition.round_id}/subventions.csv"

    async def named() -> list[tuple[str, str]]:
        answer = await national.ask("GET", path)
        read = csv.DictReader(io.StringIO(answer.raw.decode()))
        return [(line["nomBeneficiaire"], line["idBeneficiaire"]) for line in read]

    await grants.signed()
    party = await grants.count.connection.fetchrow("select carrier_id from party")
    assert party is not None
    about = {"project_id": grants.option, "programme_id": grants.edition.programme}
    left = CarrierLeft.model_validate(about | {"carrier_id": party["carrier_id"], "part": "lead"})
    await grants.count.handle(left)
    await grants.carrier(name="Association Qui n’a rien signé")
    assert await named() == [(NAME, SIRET)]
    await grants.count.connection.execute("update granted set signed_with = null")
    assert await named() == [], "a person signed, who is counted and not named"
    visitor = await grants.officers.visitor()
    words = (await visitor.get(f"/rounds/{grants.edition.round_id}/follow-up")).words()
    assert "1 agreement is not in the national file" in words


async def test_people_are_counted_and_not_named(signed: Grants) -> None:
    await signed.count.connection.execute("update party set carrier_type = 'person'")
    visitor = await signed.officers.visitor()
    words = (await visitor.get(f"/rounds/{signed.edition.round_id}/follow-up")).words()
    assert "1 agreement is not in the national file" in words and NAME not in words
