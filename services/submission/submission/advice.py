"""What each refusal says to people, by its code: what is wrong, and what to do about it."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark
from submission.carriers.advice import ADVICE as OF_CARRIERS
from submission.counters.advice import ADVICE as OF_COUNTERS
from submission.documents.advice import ADVICE as OF_DOCUMENTS
from submission.imports.advice import ADVICE as OF_IMPORTS
from submission.programmes.advice import ADVICE as OF_PROGRAMMES
from submission.projects.advice import ADVICE as OF_PROJECTS

ADVICE: Final[Mapping[str, str]] = {
    **OF_CARRIERS,
    **OF_COUNTERS,
    **OF_DOCUMENTS,
    **OF_IMPORTS,
    **OF_PROGRAMMES,
    **OF_PROJECTS,
    "programme_unknown": mark("There is no such programme. Choose one of the list of programmes."),
    "project_unknown": mark("There is no such project, or it is not yours."),
    "project_exists": mark("A project with this id is there already: amend it instead."),
    "idempotency_conflict": mark(
        "This key was used for another request. Send this one with a key of its own."
    ),
    "too_many_options": mark("A programme has at most 1,400 projects: no more can be added."),
    "title_refused": mark("Give it a title in one line of at most 200 characters."),
    "words_refused": mark(
        "A text is missing, too long, or has characters that nobody can see. Check what you wrote."
    ),
    "address_refused": mark("This is not a mail address: it looks like name@example.org."),
    "language_refused": mark("Choose one of the languages."),
    "territory_unknown": mark("Choose one of the territories."),
    "no_rules": mark("This programme was imported: it takes no ideas."),
    "phase_not_open": mark(
        "This is not possible at this time of the year. The programme's page says from when to when"
        " it is."
    ),
    "deposit_not_begun": mark("Begin with what your idea is: what you wrote here is not kept yet."),
    "draft_changed": mark(
        "What was written has changed since the page was opened. Open the link anew and read it"
        " again."
    ),
    "too_many_links": mark(
        "Five messages were sent to this address within the hour. Look into your mailbox, or wait"
        " an hour."
    ),
    "link_unknown": mark(
        "The link is older than a day, or was copied in part. Open your idea again and ask for"
        " another message."
    ),
    "counter_not_attended": mark(
        "A dossier can be filed once somebody has come to a counter for this idea."
    ),
    "carrier_status_refused": mark(
        "Wrong legal status: only organisations of the social and solidarity economy, with one of"
        " the statuses of the list, can carry a dossier."
    ),
    "cost_refused": mark("Give an amount in euros, such as 4 500 or 4 500,50."),
    "cost_over_ceiling": mark("More is asked for than the ceiling allows. Ask for less."),
    "document_unknown": mark("Choose among the documents of the list."),
    "dossier_unknown": mark("There is no dossier for this idea yet."),
    "dossier_incomplete": mark(
        "A label needs a complete dossier: one that declares all documents, and that was reviewed"
        " as it stands now."
    ),
    "family_unknown": mark("Choose one of the families of labels."),
    "already_decided": mark("The committee has decided about this project: that stands."),
    "project_frozen": mark("A vote has this project as an option: it stays as it is meanwhile."),
    "charter_refused": mark("Correct what is said to be wrong in the charter, and send it again."),
    "phase_fixed": mark(
        "What depends on this phase has happened already: its dates stand as they are."
    ),
    "phase_unknown": mark("Choose one of the programme's phases."),
    "labelling_not_over": mark(
        "The options are known once the labelling is over and the committee has decided. Wait until"
        " then, or end it earlier."
    ),
    "options_frozen": mark("The options of the vote were frozen before: look at the round."),
    "no_projects": mark(
        "There is nothing to vote on yet: residents vote on projects that have a label, a committee"
        " on complete dossiers."
    ),
    "body_decides": mark(
        "The committee of this programme votes on labels: no member gives or refuses one alone."
    ),
    "no_committee": mark(
        "No committee of this programme votes on labels: a member says each decision at the desk."
    ),
    "body_unknown": mark("Choose one of the bodies of this programme that give no labels."),
    "body_in_round": mark("This body has a vote that is not decided yet: wait for its result."),
    "fund_in_round": mark("Wait until the result of the fund’s other vote is validated."),
    "by_its_charter": mark("Use the pages of this programme: the key is for imports only."),
    "officer_unknown": mark("Choose somebody of the list, or name the subject of the account."),
    "grant_refused": mark("Choose a role, and where it holds."),
    "role_of_whole_programme": mark(
        "This role is one of a whole programme, or of all of them: choose no territory for it."
    ),
}


def advice_of(code: str) -> str:
    """The sentence for a refusal's code, to be translated where it is shown."""
    return ADVICE[code]
