"""Who may deposit and file by what is kept: limits hold whoever acts at the same time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comptoir.browser import Browser
from shared.database import Database, database_time
from shared.events.scheme import Funding, Submitting
from shared.refusal import Refusal
from submission.carriers.checking import (
    CarrierBusy,
    check_may_file,
    hold_lead,
    may_reach_vote,
)
from submission.carriers.limits import (
    ConsentMissing,
    EarlierWinner,
    NumberMissing,
    SponsorMissing,
    SseExpired,
    TooManyDossiers,
    TooManyIdeas,
    TooManyOfCarrier,
    WinnersOnly,
)
from submission.carriers.tables import Carriage
from submission.projects.finding import edition, idea_for_update
from submission.projects.queries import keep
from submission.tables import Project
from tests.submission.carrying import (
    RNA,
    SIRET,
    SSE,
    code,
    database,
    declare,
    deposit,
    filed,
    funded,
    give,
    resident,
    say,
)
from tests.submission.proposing import Town


async def file(
    replica: Database, project_id: UUID, kinds: Sequence[str] = (), *, hold: bool = True
) -> Carriage:
    """File a dossier as its form does."""
    async with replica.begin() as session:
        if hold:
            await hold_lead(session, project_id)
        idea = await idea_for_update(session, project_id)
        found = await edition(session, idea.programme_id)
        now = await database_time(session)
        carriage = await check_may_file(session, found, idea, kinds, now)
        row = Project(
            project_id=project_id, programme_id=idea.programme_id, title=idea.title, cost=1
        )
        await keep(session, row)
    return carriage


async def number_filed(town: Town) -> int:
    found: int = await town.connection.fetchval(
        "select count(*) from project where programme_id = $1", town.programme_id
    )
    return found


async def refusal(replica: Database, project_id: UUID, *kinds: str) -> type[Refusal] | None:
    """What a filing is refused by."""
    try:
        await file(replica, project_id, kinds)
    except Refusal as refused:
        return type(refused)
    return None


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(held=st.lists(st.booleans(), min_size=2, max_size=5), most=st.integers(1, 2))
async def test_no_interleaving_passes_a_limit(town: Town, held: list[bool], most: int) -> None:
    """Whoever waits for the carrier's lock, and whoever does not, count what the others filed."""
    town.programme_id = await town.publish(rehearsal=True)
    await say(town, Submitting(most_dossiers=most))
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        projects = [await deposit(replica, town, person) for _ in held]
        done = await asyncio.gather(
            *(file(replica, p, hold=h) for p, h in zip(projects, held, strict=True)),
            return_exceptions=True,
        )
    refused = [each for each in done if isinstance(each, BaseException)]
    assert {type(each) for each in refused} <= {TooManyDossiers, CarrierBusy}
    filed_now = await number_filed(town)
    assert filed_now == len(held) - len(refused)
    assert 1 <= filed_now <= most
    if all(held):
        assert filed_now == min(most, len(held)), "who waits is refused by the limit alone"


async def test_somebody_deposits_as_many_ideas_as_the_charter_takes(town: Town) -> None:
    await say(town, Submitting(most_ideas=2))
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        done = await asyncio.gather(
            *(deposit(replica, town, person) for _ in range(5)), return_exceptions=True
        )
        other = await resident(town, "ben@example.org")
        await deposit(replica, town, other, "ben@example.org")
    refused = [each for each in done if isinstance(each, BaseException)]
    assert [type(each) for each in refused] == [TooManyIdeas] * 3
    ideas = await town.connection.fetchval(
        "select count(*) from idea join carrier using (project_id)"
        " where programme_id = $1 and resident = $2",
        town.programme_id,
        person,
    )
    assert ideas == 2


async def test_the_conditions_of_a_sponsored_carrier_are_its_sponsor_s(town: Town) -> None:
    ada = town.browser()
    project_id = await town.deposit(ada)
    yesterday = f"{datetime.now(UTC).date() - timedelta(days=2)}"
    found = await declare(ada, siret="", sse=SSE["sse"], sse_until=yesterday)
    await say(town, Submitting(sponsored=("person",), sse=True))
    async with database(town) as replica:
        assert await refusal(replica, project_id) is SponsorMissing
        await give(ada, project_id, "sponsor", found)
        assert await refusal(replica, project_id) is SseExpired
        form = f"/organisations/{found}"
        await ada.fill(form, form, **SSE)
        carriage = await file(replica, project_id)
    assert (carriage.type, carriage.part) == ("person", "lead")


async def test_who_was_funded_is_barred_for_some_years_and_may_measure(town: Town) -> None:
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        earlier, now, later = [await deposit(replica, town, person) for _ in range(3)]
        await say(town, Submitting(winners_only=("impact-measurement",)))
        assert await refusal(replica, now, "impact-measurement") is WinnersOnly
        await funded(town, earlier, datetime.now(UTC) - timedelta(days=400))
        assert await refusal(replica, now, "impact-measurement") is None
        await say(town, Submitting(barred_years=2))
        assert await refusal(replica, later) is EarlierWinner
        await say(town, Submitting(barred_years=1))
        assert await refusal(replica, later) is None


@pytest.mark.parametrize("what", ["annulled", "lapsed", "lapsed in part", "a rehearsal"])
async def test_what_funded_nothing_bars_nobody(town: Town, what: str) -> None:
    person = await resident(town, f"{what.replace(' ', '-')}@example.org")
    async with database(town) as replica:
        earlier, now = [await deposit(replica, town, person) for _ in range(2)]
        await funded(town, earlier)
        await say(town, Submitting(barred_years=2))
        assert await refusal(replica, now) is EarlierWinner
        match what:
            case "annulled":
                await town.connection.execute(
                    "update round_state set annulled_at = now(), annulled_act = 'TA 62, n° 7',"
                    " annulled_event_id = gen_random_uuid() where round_id ="
                    " (select round_id from decision where project_id = $1)",
                    earlier,
                )
            case "lapsed":
                await happened(town, earlier, "grant-lapsed")
            case "lapsed in part":
                await happened(town, earlier, "instalment-paid")
                await happened(town, earlier, "grant-lapsed")
            case _:
                rehearsed, town.programme_id = town.programme_id, await town.publish()
                assert rehearsed != town.programme_id
                await say(town, Submitting(barred_years=2))
                now = await deposit(replica, town, person)
        barred = EarlierWinner if what == "lapsed in part" else None
        assert await refusal(replica, now) is barred


async def of_number(
    replica: Database, town: Town, browser: Browser, resident: UUID, **said: str
) -> UUID:
    """An idea of an organisation that is declared so."""
    project_id = await deposit(replica, town, resident)
    found = await declare(browser, **said)
    await town.connection.execute(
        "update carriage set carrier_id = $2, organisation_id = $2, type = $3, resident = null"
        " where project_id = $1 and part = 'lead'",
        project_id,
        found,
        said.get("type", "association"),
    )
    return project_id


ASSOCIATIONS = Funding(identifiers=("siret", "rna"))
# Of two other establishments of the same organisation, and of another one.
ESTABLISHMENT, THIRD, OTHER = "73282932000025", "73282932000033", "44306184100005"


@pytest.mark.parametrize(
    ("of", "refused"),
    [
        ({"siret": "", "rna": ""}, NumberMissing),
        ({"siret": SIRET, "rna": ""}, NumberMissing),
        ({"siret": "", "rna": RNA}, NumberMissing),
        ({"siret": SIRET, "rna": RNA}, None),
        ({"siret": "", "rna": "", "type": "cooperative"}, NumberMissing),
        ({"siret": SIRET, "rna": "", "type": "cooperative"}, None),
        ({"siret": "", "rna": "", "type": "collective"}, None),
    ],
)
async def test_what_one_organisation_has_is_counted_by_its_numbers(
    town: Town, of: dict[str, str], refused: type[Refusal] | None
) -> None:
    ada = town.browser()
    await town.deposit(ada)
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        project_id = await of_number(replica, town, ada, person, **of)
        for limit in ("most_ideas", "most_dossiers", "most_voted", "barred_years"):
            await say(town, Submitting.model_validate({limit: 1}), ASSOCIATIONS)
            assert await refusal(replica, project_id) is refused
            if refused is None:
                return
        await say(town, Submitting(), ASSOCIATIONS)
        assert await refusal(replica, project_id) is None, "nothing is counted"


async def test_one_association_under_two_names_passes_no_limit(town: Town) -> None:
    """By another establishment's SIRET, and by a number that it had when it filed before."""
    ada, ben = town.browser(), town.browser()
    await town.deposit(ada)
    await town.deposit(ben, "ben@example.org")
    one, two = [await resident(town, f"{who}@example.org") for who in ("ada", "ben")]
    await say(town, Submitting(most_dossiers=1, most_voted=1), Funding(identifiers=("siret",)))
    async with database(town) as replica:
        first = await of_number(replica, town, ada, one)
        await file(replica, first)
        branch = await of_number(replica, town, ben, two, siret=ESTABLISHMENT, name="Le verger")
        assert await refusal(replica, branch) is TooManyDossiers
        [kept] = await town.connection.fetch(
            "select organisation_id from carriage where project_id = $1", first
        )
        form = f"/organisations/{kept['organisation_id']}"
        await ada.fill(form, form, siret=OTHER)
        again = await of_number(replica, town, ben, two, name="Les Amis")
        assert await refusal(replica, again) is TooManyDossiers
        await filed(town, branch)
        await filed(town, again)
        async with replica.begin() as session:
            found = await edition(session, town.programme_id)
            projects = [await session.get_one(Project, each) for each in (branch, again)]
            with pytest.raises(TooManyOfCarrier):
                await may_reach_vote(session, found.rules, projects)
        await funded(town, first)
        await say(town, Submitting(barred_years=1), Funding(identifiers=("siret",)))
        later = await of_number(replica, town, ben, two, siret=THIRD, name="Encore")
        assert await refusal(replica, later) is EarlierWinner


async def test_two_members_of_an_association_have_its_ideas_between_them(town: Town) -> None:
    ada, ben = town.browser(), town.browser()
    mine, hers = await town.deposit(ada), await town.deposit(ben, "ben@example.org")
    name = f"Les Amis du verger {uuid4().hex[:8]}"
    found = await declare(ada, name=name)
    await say(town, Submitting(most_ideas=1))
    assert (await give(ada, mine, "lead", found)).status == 200
    before = await town.snapshot()
    said = {"part": "lead", "number": SIRET}
    sent = await town.send(ben, f"/projects/{hers}/carriers", **said)
    assert code(sent) == (409, "too_many_ideas")
    assert await town.snapshot() == before
    await town.connection.execute(
        "update carrier set resident = null, name = null, address = null, erased_at = now()"
        " where project_id = $1",
        mine,
    )
    person = await resident(town, "ada@example.org")
    await town.connection.execute(
        "update organisation set kept_by = $1 where organisation_id = $2", person, found
    )
    async with database(town) as replica:
        with pytest.raises(TooManyIdeas):
            await deposit(replica, town, person, name=name, carrier_type="association")


async def happened(town: Town, project_id: UUID, kind: str) -> None:
    """Count said this of a project's grant."""
    await town.connection.execute(
        "insert into project_event (event_id, project_id, kind, at, about)"
        " values (gen_random_uuid(), $1, $2, now(), '{}')",
        project_id,
        kind,
    )


async def test_a_minor_files_once_her_representative_has_agreed(town: Town) -> None:
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        project_id = await deposit(replica, town, person, representative="parent@example.org")
        assert await refusal(replica, project_id) is ConsentMissing
        link, browser = await town.link("parent@example.org"), town.browser()
        assert (await browser.get(link)).status == 200
        assert await refusal(replica, project_id) is ConsentMissing, "opening the link is nothing"
        seen = await browser.fill(link, link, answer="agree")
        late = await town.send(browser, link, answer="disagree", sure="yes")
        assert code(late) == (409, "consent_given")
        assert "You agreed on" in seen.words()
        assert await refusal(replica, project_id) is None
    kept = await town.connection.fetchrow("select * from consent where project_id = $1", project_id)
    assert kept is not None and kept["address"] is None


@pytest.mark.parametrize("most", [1, 2])
async def test_a_vote_takes_so_many_of_a_carrier(town: Town, most: int) -> None:
    await say(town, Submitting(most_voted=most))
    person = await resident(town, "ada@example.org")
    async with database(town) as replica:
        ids = [await deposit(replica, town, person) for _ in range(2)]
        for each in ids:
            await filed(town, each)
        async with replica.begin() as session:
            found = await edition(session, town.programme_id)
            projects = [await session.get_one(Project, each) for each in ids]
            if most == 2:
                assert await may_reach_vote(session, found.rules, projects) == projects
                return
            with pytest.raises(TooManyOfCarrier) as refused:
                await may_reach_vote(session, found.rules, projects)
    assert all(str(each) in str(refused.value) for each in ids)
