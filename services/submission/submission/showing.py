"""What the pages of proposals have in common: refused forms shown again, and where one goes on."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any, Self
from uuid import UUID

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel.ext.asyncio.session import AsyncSession

from shared.database import database_time
from shared.events.scheme import Labelled
from shared.people import Person, Role
from shared.web.kit import Pages
from shared.web.messages import mark
from shared.web.refused import wants_page
from submission.advice import advice_of
from submission.programmes import queries as programmes
from submission.programmes.phases import is_open
from submission.projects import queries
from submission.projects.finding import Edition
from submission.projects.stages import STAGES
from submission.projects.standing import STANDINGS
from submission.reading import FormRefused
from submission.repeats import Answer, Asked

UNPROCESSABLE, CONFLICT = 422, 409
NAV_HOME, NAV_IDEAS = mark("The programme"), mark("Ideas")
NAV_COUNTERS, NAV_RULES = mark("Counters"), mark("Rules")
NAV_MINE = mark("My ideas")


class Went(Answer):
    """Where a form led: sent again as it is, it leads there once more."""

    to: str

    @classmethod
    def deposited(cls, project_id: UUID) -> Self:
        """To an idea's page, which says that it is there now."""
        return cls(to=f"/projects/{project_id}?deposited=yes")

    def there(self) -> Response:
        """Go there, as after every form."""
        return RedirectResponse(self.to, 303)


async def went(session: AsyncSession, asked: Asked, to: str) -> Response:
    """Remember in the transaction of an act where its form led, and go there."""
    return (await Went(to=to).keep(session, asked)).there()


async def again(
    request: Request,
    pages: Pages,
    refused: FormRefused,
    show: Callable[..., Awaitable[Response]],
) -> Response:
    """A refused form as its sender filled it in, with what is wrong in words; a program is told
    the first refusal as a problem."""
    if not wants_page(request):
        raise refused.first
    language = pages.language(request)
    errors = {
        name: pages.translate(language, advice_of(refusal.code))
        for name, refusal in refused.errors.items()
    }
    return await show(errors=errors)


async def frame(
    request: Request, pages: Pages, session: AsyncSession, edition: Edition
) -> dict[str, Any]:
    """What every page of a programme shows: its name, its year, and the way around."""
    programme_id = edition.programme_id
    language = pages.language(request)
    home = f"/programmes/{programme_id}"
    ways = (
        (home, NAV_HOME),
        (f"{home}/projects", NAV_IDEAS),
        (f"{home}/counters", NAV_COUNTERS),
        (f"{home}/rules", NAV_RULES),
        ("/ideas/mine", NAV_MINE),
    )
    title = edition.programme.title
    phases = await programmes.phases(session, programme_id)
    now = await database_time(session)
    return {
        "programme_id": programme_id,
        "programme_title": (await queries.words(session, [title])).get(title, ""),
        "log": edition.log,
        "rules": edition.rules,
        "rehearsal": edition.programme.rehearsal,
        "phases": phases,
        "open": {phase.name for phase in phases if is_open(phase, now)},
        "now": now,
        "named_pairs": partial(pairs, language),
        "stage_names": stage_names(pages, language),
        "nav": [(address, pages.translate(language, label)) for address, label in ways],
    }


def may_of(person: Person) -> Callable[..., bool]:
    """What a template asks of a person: `may('adviser', programme_id, territory)`."""

    def may(role: str, programme_id: UUID | None = None, territory: str | None = None) -> bool:
        return person.may(Role(role), programme_id, territory)

    return may


def pairs(language: str, named: Iterable[Labelled]) -> list[tuple[str, str]]:
    """Name and label of what the charter names, as a form's options are."""
    return [(each.name, str(getattr(each, language))) for each in named]


def stage_names(pages: Pages, language: str) -> dict[str, str]:
    """Every stage in words, and every standing but the usual one."""
    named = {**STAGES, **STANDINGS}
    return {name: pages.translate(language, words) for name, words in named.items()}
