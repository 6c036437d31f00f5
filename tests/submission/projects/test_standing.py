"""What may be withdrawn, suspended, merged and split, and what dossiers keep to: pure rules."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from shared.refusal import Refusal
from submission.freezing import LabelledOverEnvelope, ProjectFrozen, check_envelope
from submission.labelling.bodies.tables import BodyDecision
from submission.projects.dossiers import AlreadyDecided
from submission.projects.editing import (
    ChangedMeanwhile,
    Differs,
    check_revision,
    differences,
    read_revision,
)
from submission.projects.naming import (
    CategoryUnknown,
    PrincipleMissing,
    ThemeUnknown,
    check_principles,
    read_category,
    read_theme,
)
from submission.projects.stages import stage_after
from submission.projects.standing import (
    DossierComplete,
    MergeRefused,
    NotSuspended,
    PartsRefused,
    ProjectNotActive,
    check_merge,
    check_movable,
    check_resume,
    check_suspend,
    check_withdraw,
    read_ids,
    read_titles,
)
from submission.projects.tables import Idea
from submission.projects.work.work import Looked, read_looked, read_seen
from submission.tables import Project
from tests.submission.editions import edition
from tests.submission.planned import CATEGORIES, PRINCIPLES, THEMES

PROGRAMME, NOW = uuid4(), datetime(2027, 3, 1, tzinfo=UTC)
RULES = edition().rules
STANDINGS = ("active", "suspended", "withdrawn", "merged", "split")


def movable(idea: Idea, project: Project | None) -> None:
    """Whether what no body has decided about may be merged or split."""
    check_movable(idea, project, [])


# What an act needs, said a second time: from which standings it leads on.
ALLOWED: dict[Callable[[Idea, Project | None], None], tuple[str, ...]] = {
    check_withdraw: ("active", "suspended"),
    check_suspend: ("active",),
    lambda idea, _: check_resume(idea): ("suspended",),
    movable: ("active",),
}


def idea(standing: str = "active", programme_id: UUID = PROGRAMME) -> Idea:
    """An idea that stands so."""
    return Idea(
        project_id=uuid4(),
        programme_id=programme_id,
        territory="artois",
        title="t",
        summary="s",
        carrier="c",
        stage="idea",
        deposited_at=NOW,
        standing=standing,
    )


def dossier(of: Idea | None = None, **said: Any) -> Project:
    """A dossier."""
    project_id = uuid4() if of is None else of.project_id
    return Project(project_id=project_id, programme_id=PROGRAMME, title="t", cost=100, **said)


@pytest.mark.parametrize("standing", STANDINGS)
@pytest.mark.parametrize("act", range(len(ALLOWED)))
def test_each_act_leads_on_from_its_standings_and_from_no_other(standing: str, act: int) -> None:
    check, allowed = [*ALLOWED.items()][act]
    if standing in allowed:
        check(idea(standing), None)
        return
    with pytest.raises((ProjectNotActive, NotSuspended)):
        check(idea(standing), None)


@pytest.mark.parametrize("check", [check_withdraw, check_suspend, movable])
def test_nothing_moves_while_a_round_has_it(
    check: Callable[[Idea, Project | None], None],
) -> None:
    with pytest.raises(ProjectFrozen):
        check(idea(), dossier(round_id=uuid4()))


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"missing": []}, DossierComplete),
        ({"missing": [], "family": "cooperation"}, AlreadyDecided),
        ({"refused": True}, AlreadyDecided),
    ],
)
def test_what_is_complete_or_decided_is_neither_merged_nor_split(
    said: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        check_movable(idea(), dossier(**said), [])
    whole, other = idea(), idea()
    with pytest.raises(refusal):
        check_merge(whole, [other], [dossier(other, **said)], [])
    with pytest.raises(refusal):
        check_merge(whole, [other], [dossier(whole, **said)], [])


@pytest.mark.parametrize("chosen", [True, False])
def test_what_a_body_decided_about_is_neither_merged_nor_split(chosen: bool) -> None:
    """Unless there was no money left: it can be given to the body again as another one."""
    whole, other = idea(), idea()
    said: dict[str, Any] = {"body_name": "jury", "round_id": uuid4(), "chosen": chosen, "amount": 0}
    decided = BodyDecision(project_id=whole.project_id, **said)
    with pytest.raises(AlreadyDecided, match="jury"):
        check_movable(whole, dossier(whole), [decided])
    for into, merged in ((whole, other), (other, whole)):
        with pytest.raises(AlreadyDecided):
            check_merge(into, [merged], [dossier(whole), dossier(other)], [decided])
    check_merge(other, [idea()], [dossier(other)], [decided])
    again = BodyDecision(project_id=whole.project_id, **said, again=True)
    check_movable(whole, dossier(whole), [again])


def test_a_dossier_that_lacks_something_can_be_merged() -> None:
    check_movable(idea(), dossier(missing=["budget"]), [])
    check_movable(idea(), dossier(), [])


def test_a_merger_takes_other_projects_of_the_programme_each_once() -> None:
    whole = idea()
    check_merge(whole, [idea(), idea()], [], [])
    twice = idea()
    for merged in ([], [whole], [twice, twice], [idea() for _ in range(21)], [idea("withdrawn")]):
        with pytest.raises((MergeRefused, ProjectNotActive)):
            check_merge(whole, merged, [], [])
    with pytest.raises(MergeRefused, match="another programme"):
        check_merge(whole, [idea(programme_id=uuid4())], [], [])
    with pytest.raises(ProjectNotActive):
        check_merge(idea("suspended"), [idea()], [], [])


@pytest.mark.parametrize("written", [[], ["x"], [str(uuid4())] * 21])
def test_ticks_that_are_no_projects_are_refused(written: list[str]) -> None:
    with pytest.raises(MergeRefused):
        read_ids(written)


def test_a_project_is_split_into_two_to_ten_titles() -> None:
    assert read_titles(["Un banc", "", " Un arbre "]) == ("Un banc", "Un arbre")
    for written in (["Un banc"], ["a", "a"], [str(n) for n in range(11)]):
        with pytest.raises(PartsRefused):
            read_titles(written)


def test_where_all_that_is_labelled_is_funded_it_fits_into_the_envelope() -> None:
    assert RULES.vote is not None
    funded = RULES.vote.model_copy(update={"outcome": "all-labelled"})
    rules = RULES.model_copy(update={"vote": funded, "envelope": 200})
    check_envelope(rules, [dossier(), dossier()])
    with pytest.raises(LabelledOverEnvelope, match="300 cents, 100 more than the envelope of 200"):
        check_envelope(rules, [dossier() for _ in range(3)])
    check_envelope(rules.model_copy(update={"vote": RULES.vote}), [dossier() for _ in range(3)])
    check_envelope(rules.model_copy(update={"envelope": None}), [dossier() for _ in range(3)])


def test_a_form_that_shows_another_revision_is_refused() -> None:
    check_revision(2, dossier(revision=2))
    for shown in (0, 1, 3):
        with pytest.raises(ChangedMeanwhile, match=f"revision {shown}, the dossier is at 2"):
            check_revision(shown, dossier(revision=2))


@pytest.mark.parametrize("written", ["", "x", "-1", "²", "9" * 30])
def test_a_revision_that_is_none_shows_nothing(written: str) -> None:
    assert read_revision(written) == 0


def test_two_versions_differ_where_their_words_do_and_not_where_lines_end() -> None:
    kept = {"title": "Un banc", "summary": "a\nb", "cost": "40"}
    sent = {"title": "Un banc ", "summary": "a\r\nb", "cost": "50", "document-x": "yes"}
    fields = ("title", "summary", "cost", "document-x")
    assert differences(kept, sent, fields) == (
        Differs("cost", "40", "50"),
        Differs("document-x", "", "yes"),
    )


def test_a_theme_is_chosen_where_there_are_any() -> None:
    rules = RULES.model_copy(update={"themes": THEMES, "categories": CATEGORIES})
    assert read_theme(rules, "food") == "food"
    for written in ("", "other", "x"):
        with pytest.raises(ThemeUnknown):
            read_theme(rules, written)
    assert read_theme(rules.model_copy(update={"themes_open": True}), "other") == "other"
    assert read_theme(RULES, "whatever") is None
    assert (read_category(rules, ""), read_category(rules, "youth")) == (None, "youth")
    with pytest.raises(CategoryUnknown):
        read_category(rules, "sport")


def test_all_principles_are_ticked_or_the_dossier_is_refused() -> None:
    rules = RULES.model_copy(update={"principles": PRINCIPLES})
    assert check_principles(rules, ("local",)) == ("local",)
    assert check_principles(RULES, ("local",)) is None
    with pytest.raises(PrincipleMissing, match="local"):
        check_principles(rules, ())


def test_a_handoff_that_comes_back_changes_nothing_for_who_was_guided() -> None:
    for event in ("handoff-returned", "handoff-redirected", "place-awaited", "handoff-scheduled"):
        assert stage_after("guided", event) == "guided"
        assert stage_after("complete", event) == "complete"
    assert stage_after("placed", "handoff-returned", good=False) == "idea"
    assert stage_after("placed", "handoff-returned", good=True) == "guided"
    assert stage_after("asked", "handoff-scheduled") == "placed"


def test_a_grant_that_lapsed_stays_lapsed_whatever_is_heard_later() -> None:
    assert stage_after("agreement", "grant-lapsed") == "lapsed"
    for event in ("option-decided", "agreement-signed", "instalment-paid"):
        assert stage_after("lapsed", event) == "lapsed"


@pytest.mark.parametrize("standing", ["withdrawn", "suspended", "resumed", "split"])
def test_how_a_project_stands_leaves_its_stage_as_it_was(standing: str) -> None:
    assert stage_after("complete", f"project-{standing}") == "complete"
    assert stage_after("guided", "projects-merged") == "guided"


def test_a_work_list_reads_what_an_address_says_and_nothing_else() -> None:
    looked = read_looked({"task": "review", "x": "y", "stage": "a" * 61, "theme": "a\0b"})
    assert looked == Looked(task="review")
    assert read_looked({}).anything and not looked.anything
    assert looked.query == "task=review"


def test_what_came_after_a_page_was_made_is_new_the_next_time() -> None:
    earlier = datetime(2027, 2, 1, tzinfo=UTC)
    assert read_seen(earlier.isoformat(), NOW) == earlier
    for written in (
        "0001-01-01T00:00+14:00",
        "",
        "x",
        "2027-02-01T00:00:00",
        "2028-01-01T00:00:00+00:00",
    ):
        assert read_seen(written, NOW) == NOW
