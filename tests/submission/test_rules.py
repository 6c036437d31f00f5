"""The rules of submission that need no database."""

import unicodedata
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.canonical import commitment, digest
from shared.envelope import LOG
from shared.events.submission import MOST_OPTIONS
from submission.amounts import CostRefused, check_cost
from submission.freezing import NoProjects, TooManyOptions, freeze
from submission.programmes.charter import log_name
from submission.tables import Project
from submission.texts import LONGEST_TITLE, TitleRefused, publish_text, read_title


@given(st.text())
def test_a_log_can_be_named_after_any_title(title: str) -> None:
    name = log_name(title, "0a1b2c3d")
    assert LOG.fullmatch(name)
    assert name != "platform"


def test_a_log_is_named_after_its_title() -> None:
    assert log_name("Budget citoyen : Été 2027 !", "0a1b2c3d") == "budget-citoyen-ete-2027-0a1b2c3d"


@given(st.text())
def test_a_title_that_is_taken_is_normal_visible_and_stays_so(written: str) -> None:
    try:
        title = read_title(written)
    except TitleRefused:
        return
    assert unicodedata.is_normalized("NFC", title)
    assert 1 <= len(title) <= LONGEST_TITLE
    assert (title == title.strip() and title.isprintable()) or not title.isascii()
    assert read_title(title) == title


@pytest.mark.parametrize(
    "written",
    ["", "  ", "a\x00b", "a\nb", "x\x7f", "a\u2028b", "a\u202eb", "a\u2066b", "\ud800", "é" * 201],
)
def test_a_title_that_nobody_could_read_is_refused(written: str) -> None:
    with pytest.raises(TitleRefused):
        read_title(written)


def test_a_title_is_normalised_before_it_is_measured() -> None:
    assert read_title(" " + "e\u0301" * 200 + " ") == "é" * 200


@pytest.mark.parametrize("cost", [0, -1, 10**15 + 1, 10**40])
def test_a_cost_that_is_none_is_refused(cost: int) -> None:
    with pytest.raises(CostRefused):
        check_cost(cost)


def test_a_text_is_named_by_its_commitment() -> None:
    salt = bytes(range(32))
    event = publish_text("Un banc", salt)
    assert bytes.fromhex(event.content_id) == commitment(salt, "Un banc")


def project(project_id: UUID, cost: int) -> Project:
    title = digest(str(project_id)).hex()
    return Project(project_id=project_id, programme_id=UUID(int=7), title=title, cost=cost)


@given(st.lists(st.uuids(), min_size=1, max_size=6, unique=True), st.randoms())
def test_frozen_options_are_the_same_in_whatever_order_they_are_read(ids, drawn) -> None:  # type: ignore[no-untyped-def]
    projects = [project(each, cost=place + 1) for place, each in enumerate(ids)]
    event = freeze(UUID(int=1), UUID(int=7), projects)
    drawn.shuffle(projects)
    assert freeze(UUID(int=1), UUID(int=7), projects) == event
    assert [str(option) for option in event.options] == sorted(str(each) for each in ids)
    ordered = sorted(projects, key=lambda p: str(p.project_id))
    written = [{"cost": p.cost, "option": str(p.project_id), "title": p.title} for p in ordered]
    assert event.digest == digest(written).hex()


def test_a_round_has_options_and_not_too_many() -> None:
    with pytest.raises(NoProjects):
        freeze(uuid4(), uuid4(), [])
    with pytest.raises(TooManyOptions):
        freeze(uuid4(), uuid4(), [project(uuid4(), 1)] * (MOST_OPTIONS + 1))


def test_the_largest_round_fits_into_an_entry_of_the_ledger() -> None:
    projects = [project(uuid4(), 10**15) for _ in range(MOST_OPTIONS)]
    assert len(freeze(uuid4(), uuid4(), projects).body()) < 60 * 1024
