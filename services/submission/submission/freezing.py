"""Which projects become the options of a round, and what can no longer change then."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from shared.events.charter import CharterRules
from shared.events.submission import MOST_OPTIONS, OptionsFrozen, options_digest
from shared.refusal import Refusal
from submission.tables import Project, Round

MOST_NAMED: Final = 5  # in a sentence


class ProjectFrozen(Refusal):
    """The project is frozen for a round, or its programme's options are: nothing changes or joins
    any more."""

    code = "project_frozen"


class OptionsAlreadyFrozen(Refusal):
    """The programme's options were frozen before, for another round."""

    code = "options_frozen"


class OptionsChanged(Refusal):
    """What would be frozen is not what the first officer asked for."""

    code = "options_changed"


class NoProjects(Refusal):
    """A programme without projects has nothing to vote on."""

    code = "no_projects"


class TooManyOptions(Refusal):
    """More projects than one round can have as options."""

    code = "too_many_options"


class LabelledOverEnvelope(Refusal):
    """Everything that is labelled is funded, by this charter, and the envelope has not enough."""

    code = "labelled_over_envelope"


def check_envelope(rules: CharterRules, projects: Sequence[Project]) -> None:
    """Where all labelled projects are funded, votes order them and exclude none of them: their
    costs fit into the envelope together. Raises `LabelledOverEnvelope`."""
    if rules.vote is None or rules.vote.outcome != "all-labelled" or rules.envelope is None:
        return
    if (cost := sum(project.cost for project in projects)) > rules.envelope:
        raise LabelledOverEnvelope(
            f"the labelled projects cost {cost} cents, {cost - rules.envelope} more than the"
            f" envelope of {rules.envelope}"
        )


def check_room(projects: int) -> None:
    """Raises `TooManyOptions` where a programme with so many projects takes no further one."""
    if projects >= MOST_OPTIONS:
        raise TooManyOptions(f"a programme has at most {MOST_OPTIONS} projects")


def freeze(
    round_id: UUID,
    programme_id: UUID,
    projects: Sequence[Project],
    body_name: str | None = None,
) -> OptionsFrozen:
    """Projects of a programme as the options of a round, in the order of their ids as text.

    Residents vote on them, or the body of this name. Whoever holds the published dossiers can
    repeat the digest. Raises `NoProjects`, `TooManyOptions`.
    """
    if not projects:
        raise NoProjects(f"programme {programme_id} has nothing to vote on")
    if len(projects) > MOST_OPTIONS:
        raise TooManyOptions(f"{len(projects)} projects, a round has at most {MOST_OPTIONS}")
    return OptionsFrozen(
        round_id=round_id,
        programme_id=programme_id,
        options=tuple(sorted((project.project_id for project in projects), key=str)),
        digest=options_digest([(p.project_id, p.cost, p.title) for p in projects]),
        body_name=body_name,
    )


def asked_for(event: OptionsFrozen) -> dict[str, Any]:
    """Options as the parameters of the act that freezes them: two officers decide on these."""
    of_body = {} if event.body_name is None else {"body_name": event.body_name}
    return {
        "programme_id": str(event.programme_id),
        **of_body,
        "options": len(event.options),
        "projects": [str(each) for each in event.options],
        "digest": event.digest,
    }


def check_as_asked(event: OptionsFrozen, parameters: Mapping[str, Any]) -> None:
    """Whether these are the options that were asked for, each as it was then. Raises
    `OptionsChanged`."""
    if "digest" not in parameters or parameters["digest"] == event.digest:
        return  # an act that was asked for before acts named their options binds none
    asked, now = set(parameters["projects"]), {str(each) for each in event.options}
    raise OptionsChanged(
        f"{len(asked)} options of digest {parameters['digest'][:12]} were asked for, by now there"
        f" are {len(now)} of digest {event.digest[:12]}: joined by {_named(now - asked)}, left by"
        f" {_named(asked - now)}"
    )


def _named(options: Collection[str]) -> str:
    first = sorted(options)[:MOST_NAMED]
    more = f" and {len(options) - len(first)} more" if len(options) > len(first) else ""
    return ", ".join(first) + more or "none"


def round_of(event: OptionsFrozen) -> Round:
    """The row of a round whose options are frozen."""
    return Round(
        round_id=event.round_id,
        programme_id=event.programme_id,
        options=len(event.options),
        digest=event.digest,
        body_name=event.body_name,
    )
