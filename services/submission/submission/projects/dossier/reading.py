"""A dossier as its form says it, and a kept one as its form shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from shared.events.charter import CharterRules
from submission.projects.dossiers import check_documents, read_cost, read_status
from submission.projects.ideas import read_name, read_summary
from submission.projects.naming import check_principles, read_category, read_theme, themes
from submission.projects.plans import (
    MOST_LINES,
    OTHERS,
    Plan,
    check_plan,
    in_euros,
    read_plan,
    written_plan,
)
from submission.projects.tables import Idea
from submission.reading import Reader
from submission.tables import Project
from submission.texts import read_title


@dataclass(frozen=True, slots=True)
class Written:
    """A dossier as it is written now; everything in it is checked."""

    title: str
    summary: str
    carrier: str
    status: str | None
    cost: int
    documents: tuple[str, ...]
    theme: str | None
    category: str | None
    principles: tuple[str, ...] | None
    plan: Plan | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of costs that it has."""
        return () if self.plan is None else tuple(line.kind for line in self.plan.costs)

    def said(self) -> dict[str, Any]:
        """What its event says beside words, as the event's and the row's fields have it."""
        plan = self.plan
        return {
            "carrier_status": self.status,
            "cost": self.cost,
            "documents": self.documents,
            "theme": self.theme,
            "category": self.category,
            "principles": self.principles,
            "nature": plan and plan.nature,
            "months": plan and plan.months,
            "costs": plan and plan.costs,
            "income": plan and plan.income,
        }


def read_dossier(rules: CharterRules, data: Mapping[str, str]) -> Written:
    """A dossier that the charter takes. Raises `FormRefused`."""
    reader = Reader(data)
    documents, principles = reader.ticked("document"), reader.ticked("principle")
    title = reader.read("title", read_title, "")
    carrier = reader.read("carrier", read_name, "")
    status = None
    if rules.carrier_statuses:
        status = reader.read("status", partial(read_status, rules), "")
    theme = reader.read("theme", partial(read_theme, rules), None)
    category = reader.read("category", partial(read_category, rules), None)
    cost = reader.read("cost", partial(read_cost, rules), 0)
    plan = read_plan(rules, reader, data, cost)
    if plan is not None and cost:
        reader.check("plan", lambda: check_plan(rules, plan, category))
    summary = reader.read("summary", read_summary, "")
    reader.check("principles", lambda: check_principles(rules, principles))
    reader.check("documents", lambda: check_documents(rules, documents))
    reader.done()
    return Written(
        title=title,
        summary=summary,
        carrier=carrier,
        status=status,
        cost=cost,
        documents=documents,
        theme=theme,
        category=category,
        principles=check_principles(rules, principles),
        plan=plan,
    )


def from_idea(idea: Idea, words: Mapping[str, str]) -> dict[str, str]:
    """A form that nothing was filed with yet, as the idea said it."""
    return {
        "title": words.get(idea.title, ""),
        "summary": words.get(idea.summary, ""),
        "theme": idea.theme or "",
        "category": idea.category or "",
        "revision": "0",
    }


def from_project(project: Project, words: Mapping[str, str]) -> dict[str, str]:
    """A form as a dossier says it now."""
    return {
        "title": words.get(project.title, ""),
        "summary": words.get(project.summary or "", ""),
        "carrier": words.get(project.carrier or "", ""),
        "status": project.carrier_status or "",
        "cost": in_euros(project.cost),
        "theme": project.theme or "",
        "category": project.category or "",
        "nature": project.nature or "",
        "months": "" if project.months is None else str(project.months),
        "revision": str(project.revision),
        **written_plan(project.costs, project.income),
        **{f"principle-{name}": "yes" for name in project.principles or ()},
        **{f"document-{name}": "yes" for name in project.documents},
    }


def fields(rules: CharterRules) -> tuple[str, ...]:
    """The fields of the form in its order, but for what no person writes."""
    return (
        *("title", "carrier", "status", "theme", "category", "cost"),
        *(f"cost-{of}-{n}" for n in range(1, MOST_LINES + 1) for of in ("kind", "amount")),
        *(f"income-{source}" for source in OTHERS),
        *("nature", "months", "summary"),
        *(f"principle-{each.name}" for each in rules.principles or ()),
        *(f"document-{each.name}" for each in rules.documents),
    )


def labels(rules: CharterRules, language: str) -> dict[str, str]:
    """What the charter names, by its name, for a version that is shown beside another."""
    named = (
        *(*rules.carrier_statuses, *themes(rules), *(rules.categories or ())),
        *((rules.costs.kinds if rules.costs is not None else None) or ()),
    )
    return {each.name: str(getattr(each, language)) for each in named}
