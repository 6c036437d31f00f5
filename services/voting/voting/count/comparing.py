"""A count beside the selection that a published file has, in words. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from shared.pabulib import Project, selected
from voting.count.allocation.result import Decided, Result

# How many differences one sentence names; all of them are in the answer's lists.
MOST_SAID = 10
# How the file says that it selected something otherwise than within its budget.
BESIDE = {2: "by the city's rule for what does not wholly fit", 3: "with money beside the budget"}


def agrees(result: Result, chosen: Sequence[str] | None) -> bool | None:
    """Whether both fund the same; None where the file does not say."""
    return None if chosen is None else set(chosen) == set(result.winners)


def explanation(result: Result, projects: Sequence[Project]) -> str:
    """How many are funded; and of each project on which the file differs, what was decided."""
    chosen = selected(projects)
    said = f"{len(result.winners)} of {len(projects)} projects funded"
    if all(project.selected is None for project in projects):
        return f"{said}; the file does not say which were selected"
    if chosen is None:
        return f"{said}; the file does not say of each whether it was selected"
    if agrees(result, chosen):
        return f"{said}, those that the file selected"
    decided = {each.option: each for each in result.options}
    verdicts = {project.id: project.selected or 0 for project in projects}
    missing = [decided[option] for option in chosen if not decided[option].funded]
    further = [decided[option] for option in result.winners if option not in set(chosen)]
    return "".join(
        [
            f"{said}, the file selected {len(chosen)}",
            _differing("selected in the file alone", missing, lambda d: _missed(d, verdicts)),
            _differing("funded here alone", further, lambda d: f"place {d.place}, {d.votes} votes"),
        ]
    )


def listed(each: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    said, more = ", ".join(each[:MOST_SAID]), len(each) - MOST_SAID
    return f"{said} and {more} more" if more > 0 else said


def _differing(what: str, decided: Iterable[Decided], why: Callable[[Decided], str]) -> str:
    each = [f"{d.option} ({why(d)})" for d in decided]
    return f"; {what}: {listed(each)}" if each else ""


def _missed(decided: Decided, verdicts: Mapping[str, int]) -> str:
    beside = BESIDE.get(verdicts[decided.option])
    reason = _reason(decided)
    return reason if beside is None else f"{reason}; the city selected it {beside}"


def _reason(decided: Decided) -> str:
    facts = decided.facts
    match decided.reason:
        case "does_not_fit":
            return f"needs {money(facts['needs'])}, {money(facts['left'])} left"
        case "lost_tie":
            how = "the id" if facts["criterion"] == "option" else facts["criterion"]
            return f"lost a tie with {facts['to']} by {how}"
        case "unaffordable":
            needs, have = money(facts["needs"]), money(facts["have"])
            return f"its supporters have {have} of {needs}"
    return decided.reason.replace("_", " ")


def money(cents: int | str) -> str:
    """Whole and hundredths, as files have them."""
    return f"{int(cents) // 100}.{int(cents) % 100:02}"
