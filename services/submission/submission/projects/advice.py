"""What the refusals of projects say to people, by their codes."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "project_not_active": mark(
        "This project was withdrawn, merged or split, or is suspended: nothing can be done with it"
        " now. Its page says why."
    ),
    "not_suspended": mark("This project is not suspended: load the page anew."),
    "dossier_complete": mark(
        "The dossier of one of these projects is complete: it is neither merged nor split any more."
    ),
    "merge_refused": mark("Choose 1 to 20 other projects of this programme."),
    "parts_refused": mark(
        "Give 2 to 10 different titles. What its carrier has erased cannot be split."
    ),
    "own_idea": mark("You carry this idea: others support it."),
    "changed_meanwhile": mark(
        "What you were shown was changed after you opened the form, in another window or by"
        " somebody else. Nothing was recorded: open it anew."
    ),
    "labelled_over_envelope": mark(
        "All labelled projects are funded by these rules, and together they cost more than the"
        " envelope. Votes could not change that: a project has to be withdrawn first."
    ),
    "theme_unknown": mark("Choose one of the themes."),
    "category_unknown": mark("Choose one of the categories, or none."),
    "principle_missing": mark("A project keeps to all of these principles: tick each of them."),
    "cost_kind_refused": mark("Choose one of the kinds of costs that are paid."),
    "cost_excluded": mark("The rules exclude costs of this kind: leave the line out."),
    "nature_refused": mark("Choose the kind of money that the rules pay."),
    "months_refused": mark("Give the number of months within the bounds of the rules."),
    "plan_unbalanced": mark(
        "What the project costs and what pays for it are not the same sum: together with the amount"
        " asked for, the income is as much as the costs."
    ),
    "over_rate": mark("More is asked for than the part of the cost that the rules pay."),
    "over_base": mark("More is asked for than the cost that counts."),
    "asked_over_ceiling": mark("More is asked for than a grant can be. Ask for less."),
    "asked_under_floor": mark("Less is asked for than a grant is at least."),
    "own_share_missing": mark(
        "The carrier pays too small a part itself, with its own money, gifts and work."
    ),
    "public_share_over": mark("Public money pays too large a part of the cost."),
    "budget_minority": mark("Ask for more than half of what the project costs."),
}
