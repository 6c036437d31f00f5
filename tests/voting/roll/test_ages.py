"""Turnout by age is counted once, from bands that hide one voter, and then nobody knows an age."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from shared.codes import new_code
from shared.events.roll import RegistrationsCounted
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import EASY, Edition
from tests.voting.roll.registering import code_of, register, telephone
from tests.voting.roll.test_counter import admitted
from tests.voting.roll.test_held import cases, decide
from tests.voting.roll.test_letters import IDENTITY, post
from voting.roll import counting
from voting.roll.held.counts import FEWEST_OF_AN_AGE, OfAge, ages
from voting.roll.identity import BANDS, band_of

YEAR = datetime.now(UTC).year
BORN = f"{YEAR - 60}-01-01"


@st.composite
def codes(draw: st.DrawFn) -> list[OfAge]:
    """Codes by band of ages, as they stand beside one another."""
    found = list[OfAge]()
    for since in draw(st.lists(st.sampled_from(BANDS), unique=True)):
        registered = draw(st.integers(1, 120))
        found.append(OfAge(since, registered, draw(st.integers(0, registered))))
    return found


@given(codes())
def test_every_band_hides_one_voter_and_together_they_are_everybody(rows: Sequence[OfAge]) -> None:
    found = ages(rows)
    if found is None:
        # Two bands would have been one too few for some of them.
        parts = [sum(r.used for r in sorted(rows)[:n]) for n in range(1, len(rows))]
        whole = sum(row.used for row in rows)
        assert not any(
            part >= FEWEST_OF_AN_AGE and whole - part >= FEWEST_OF_AN_AGE for part in parts
        )
        return
    assert len(found) > 1 and all(band.used >= FEWEST_OF_AN_AGE for band in found)
    assert sum(band.used for band in found) == sum(row.used for row in rows)
    assert sum(band.registered for band in found) == sum(row.registered for row in rows)
    assert [band.until for band in found] == [*(band.since for band in found[1:]), None]
    assert found[0].since == 0
    for row in rows:
        [band] = [b for b in found if b.since <= row.since and (b.until or 200) > row.since]
        assert band.registered >= row.registered


@given(st.integers(0, 115))
def test_an_age_is_in_the_last_band_that_begins_before_it(age: int) -> None:
    assert band_of(age) in BANDS
    assert band_of(age) <= age
    assert not [first for first in BANDS if band_of(age) < first <= age]


async def bands(roll: Roll) -> list[int | None]:
    rows = await roll.connection.fetch("select band from code order by band nulls first")
    return [row["band"] for row in rows]


async def many(roll: Roll, round_id: UUID, band: int | None, used: int, unused: int) -> None:
    """So many codes of people of one age, as they stand in the roll, used or not."""
    named = "sha256(convert_to($2::text || ' of ' || n, 'UTF8'))"
    await roll.connection.execute(
        f"insert into code (round_id, code, tier, band) select $1::uuid, {named}, 'B',"
        " $3::smallint from generate_series(1, $4::int) n",
        *(round_id, str(band), band, used + unused),
    )
    await roll.connection.execute(
        f"insert into token (round_id, code, blinded, tier) select $1::uuid, {named}, {named}, 'B'"
        " from generate_series(1, $3::int) n",
        *(round_id, str(band), used),
    )


async def test_whose_age_is_known_is_counted_by_it_once_and_forgotten(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id, born=BORN)
    assert (await roll.token(round_id, await code_of(roll), new_blinded())).status == 201
    letter = {"code": new_code(), **IDENTITY, "born": f"{YEAR - 20}-01-01"}
    assert (await post(roll, round_id, letter)).status == 201
    await admitted(roll, edition, first_name="Odile", born=f"{YEAR - 80}-01-01")
    await roll.code(round_id)
    assert await bands(roll) == [None, 18, 50, 75]
    await many(roll, round_id, 18, 30, 5)
    await many(roll, round_id, 50, 29, 6)
    await many(roll, round_id, 75, 29, 0)
    await many(roll, round_id, None, 40, 0)
    await roll.connection.execute("update counting set intervals = 0")
    await counting.announce_counts(roll.database, 900)
    assert "ages" not in (await roll.announced(RegistrationsCounted))[-1], "not while people vote"
    await roll.close(round_id)
    counted = (await roll.announced(RegistrationsCounted))[-1]
    # 29 of 75 and more would be too few: they are told with their neighbours.
    assert counted["ages"] == [
        {"since": 0, "until": 50, "registered": 36, "used": 30},
        {"since": 50, "registered": 66, "used": 59},
    ]
    assert set(await bands(roll)) == {None}


async def test_ages_of_few_voters_are_not_told_and_forgotten_all_the_same(roll: Roll) -> None:
    edition = Edition()
    round_id = await edition.held(roll)
    await register(roll, round_id, born=BORN)
    await many(roll, round_id, 18, 59, 0)
    await roll.close(round_id)
    assert "ages" not in (await roll.announced(RegistrationsCounted))[-1]
    assert set(await bands(roll)) == {None}


async def test_who_is_admitted_after_she_was_held_has_her_age_beside_her_code_alone(
    roll: Roll,
) -> None:
    edition = Edition(screening=EASY.model_copy(update={"burst": 1}))
    await edition.held(roll)
    await register(roll, edition.round_id, born=BORN, telephone=telephone(1))
    young = {"first_name": "Ada", "born": f"{YEAR - 20}-01-01"}
    await register(roll, edition.round_id, telephone=telephone(2), **young)
    [case] = await cases(roll)
    assert await roll.connection.fetchval("select band from held") == 18
    await decide(roll, edition, "admit", case)
    assert await bands(roll) == [18, 50]
    assert await roll.connection.fetchval("select band from held") is None
