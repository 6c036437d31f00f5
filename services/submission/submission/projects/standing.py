"""Where a project stands beside its stage: active, or suspended for a while, or over before its
end: withdrawn, merged into another one, split into several. Only what is active goes on.

A round holds its projects as they are: none of this happens to one while a round has it, and no
round takes one that is not active.
"""

from collections.abc import Sequence
from uuid import UUID

from shared.refusal import Refusal
from shared.web.messages import mark
from submission.freezing import ProjectFrozen
from submission.labelling.bodies.tables import BodyDecision
from submission.projects.dossiers import check_amendable, check_free
from submission.projects.tables import Idea
from submission.tables import Project
from submission.texts import read_title

ACTIVE = "active"
# Each in words.
STANDINGS = {
    "suspended": mark("suspended"),
    "withdrawn": mark("withdrawn"),
    "merged": mark("merged"),
    "split": mark("split"),
}
MOST_MERGED = 20
LEAST_PARTS, MOST_PARTS = 2, 10


class ProjectNotActive(Refusal):
    """The project was withdrawn, merged or split, or is suspended: it does not go on."""

    code = "project_not_active"


class NotSuspended(Refusal):
    """Only what was suspended is resumed."""

    code = "not_suspended"


class DossierComplete(Refusal):
    """An officer found the dossier complete: the project is neither merged nor split any more."""

    code = "dossier_complete"


class MergeRefused(Refusal):
    """These projects cannot be merged: none, too many, one twice, or of another programme."""

    code = "merge_refused"


class PartsRefused(Refusal):
    """A project is split into two to ten parts, each with a title of its own, by a carrier who is
    known."""

    code = "parts_refused"


def check_active(idea: Idea) -> None:
    """Raises `ProjectNotActive`."""
    if idea.standing != ACTIVE:
        raise ProjectNotActive(f"the project is {idea.standing}")


def check_withdraw(idea: Idea, project: Project | None) -> None:
    """What is suspended may be withdrawn, too. Raises `ProjectNotActive`, `ProjectFrozen`."""
    if idea.standing != "suspended":
        check_active(idea)
    check_free(project)


def may_withdraw(idea: Idea, project: Project | None) -> bool:
    """Whether a project can be withdrawn."""
    try:
        check_withdraw(idea, project)
    except (ProjectNotActive, ProjectFrozen):
        return False
    return True


def check_suspend(idea: Idea, project: Project | None) -> None:
    """Raises `ProjectNotActive`, `ProjectFrozen`."""
    check_active(idea)
    check_free(project)


def check_resume(idea: Idea) -> None:
    """Raises `NotSuspended`."""
    if idea.standing != "suspended":
        raise NotSuspended(f"the project is {idea.standing}")


def check_movable(idea: Idea, project: Project | None, decided: Sequence[BodyDecision]) -> None:
    """Whether a project may still be merged or split: its dossier was not found complete, and
    nobody has decided about it.

    Raises `ProjectNotActive`, `ProjectFrozen`, `AlreadyDecided`, `DossierComplete`.
    """
    check_active(idea)
    if project is None:
        return
    check_amendable(project, decided)
    if project.missing == []:
        raise DossierComplete("an officer found the dossier complete")


def check_merge(
    into: Idea,
    merged: Sequence[Idea],
    dossiers: Sequence[Project],
    decided: Sequence[BodyDecision],
) -> None:
    """What is merged into a project goes no further itself; the project does.

    Raises `MergeRefused`, and for each of them what `check_movable` does.
    """
    ids = [idea.project_id for idea in merged]
    if not 1 <= len(set(ids)) == len(ids) <= MOST_MERGED:
        raise MergeRefused(f"1 to {MOST_MERGED} different projects are merged, not {len(ids)}")
    if into.project_id in ids:
        raise MergeRefused(f"project {into.project_id} is not merged into itself")
    for idea in merged:
        if idea.programme_id != into.programme_id:
            raise MergeRefused(f"project {idea.project_id} is one of another programme")
    of = {project.project_id: project for project in dossiers}
    for idea in (into, *merged):
        about = [each for each in decided if each.project_id == idea.project_id]
        check_movable(idea, of.get(idea.project_id), about)


def read_ids(written: Sequence[str]) -> tuple[UUID, ...]:
    """The projects that were ticked. Raises `MergeRefused`."""
    if not 1 <= len(written) <= MOST_MERGED:
        raise MergeRefused(f"1 to {MOST_MERGED} projects are merged, not {len(written)}")
    try:
        return tuple(UUID(each) for each in written)
    except ValueError:
        raise MergeRefused("one of these is no project") from None


def read_titles(written: Sequence[str]) -> tuple[str, ...]:
    """The titles of the parts, of those lines that have one. Raises `PartsRefused`,
    `TitleRefused`."""
    titles = tuple(read_title(each) for each in written if each.strip())
    if not LEAST_PARTS <= len(titles) <= MOST_PARTS:
        raise PartsRefused(f"a project has {LEAST_PARTS} to {MOST_PARTS} parts, not {len(titles)}")
    if len(set(titles)) < len(titles):
        raise PartsRefused("two of the parts have the same title")
    return titles
