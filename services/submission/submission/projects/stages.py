"""Where a project stands, after each event of its life, and what comes next."""

from collections.abc import Sequence

from shared.web.messages import mark
from submission.programmes.tables import Phase

# In the order of the year, each in words.
STAGES = {
    "idea": mark("deposited"),
    "asked": mark("asking for a counter"),
    "placed": mark("place at a counter"),
    "guided": mark("guided at a counter"),
    "dossier": mark("dossier filed"),
    "incomplete": mark("dossier to complete"),
    "complete": mark("dossier complete"),
    "labelled": mark("labelled"),
    "refused": mark("not labelled"),
    "funded": mark("funded"),
    "not-funded": mark("not funded"),
    "agreement": mark("agreement signed"),
    "lapsed": mark("grant lapsed"),
}
OF_DOSSIERS = tuple(STAGES)[tuple(STAGES).index("dossier") :]
# Where a decision about money leads, and what follows it.
OF_MONEY = ("funded", "not-funded", "agreement", "lapsed")

# What an event's type says, without publisher and version, to where it leads.
_LEADS = {
    "idea-deposited": "idea",
    "handoff-requested": "asked",
    "handoff-accepted": "asked",
    "handoff-redirected": "asked",
    "handoff-scheduled": "placed",
    "place-awaited": "asked",
    "handoff-declined": "idea",
    "handoff-returned": "idea",
    "handoff-missed": "idea",
    "handoff-attended": "guided",
    "dossier-filed": "dossier",
    "dossier-amended": "dossier",
    "project-labelled": "labelled",
    "label-refused": "refused",
    "agreement-signed": "agreement",
    "grant-lapsed": "lapsed",
}
# A further counter changes nothing for whoever was guided already.
_BEFORE_GUIDED = {"idea", "asked", "placed"}
# The phase that a project waits for, by stage.
_NEXT = {
    "idea": "counters",
    "asked": "counters",
    "placed": "counters",
    "guided": "dossiers",
    "dossier": "labelling",
    "incomplete": "dossiers",
    "complete": "labelling",
    "labelled": "vote",
}


def stage_after(stage: str, event: str, *, good: bool = True) -> str:
    """The stage of a project after an event of its life.

    `good` says how the event went where it may go either way: whether nothing was missing, whether
    the desk had guided it, or whether the project was funded.
    """
    match event:
        case "dossier-reviewed":
            return "complete" if good else "incomplete"
        # Two topics: either may be heard first.
        case "option-decided" if stage not in ("agreement", "lapsed"):
            return "funded" if good else "not-funded"
        case "agreement-signed" if stage == "lapsed":
            return stage
        case "handoff-returned" if good and stage in _BEFORE_GUIDED:
            return "guided"
    if event.startswith(("handoff-", "place-")) and stage not in _BEFORE_GUIDED:
        return stage
    return _LEADS.get(event, stage)


def stage_without(stage: str, *, labelled: bool, funded: bool | None) -> str:
    """The stage of a project once a round was annulled that may have decided about its money:
    that of before, by its label and by what another round decided last. What that one funded goes
    its way."""
    if stage not in OF_MONEY or (funded and stage != "not-funded"):
        return stage
    if funded is not None:
        return "funded" if funded else "not-funded"
    return "labelled" if labelled else "complete"


def next_of(stage: str, phases: Sequence[Phase]) -> Phase | None:
    """The phase that a project waits for; None where its way in this edition has ended."""
    return next((phase for phase in phases if phase.name == _NEXT.get(stage)), None)
