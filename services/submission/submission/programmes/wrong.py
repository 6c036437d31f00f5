"""What is wrong with a charter in a sentence of a page, by its code."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

WORDS: Final[Mapping[str, str]] = {
    "too_long": mark("A charter has at most {most} bytes, this one has {length}."),
    "not_yaml": mark("Line {line}: {what}."),
    "unreadable": mark("{what}."),
    "key_twice": mark("Line {line}: the key {key} is there twice."),
    "not_plain": mark("Line {line}: {what} is not taken in a charter."),
    "unknown_key": mark("No charter has this key."),
    "missing": mark("This has to be said."),
    "malformed": mark("{what}."),
    "unseen_character": mark("The character {character} cannot be seen."),
    "too_large": mark("The rules take {length} bytes on the ledger, at most {most} fit."),
    "preset_unknown": mark(
        "{name} is none of the presets {known}, and the file does not say everything."
    ),
    "name_twice": mark("The name {name} is there twice."),
    "no_such_day": mark("{day} is no day of {year}."),
    "phase_missing": mark("An edition needs the phase {phase}."),
    "window_empty": mark("It opens at {opens_at} and closes at {closes_at}."),
    "phase_outside_year": mark("{instant} is not within {edition}."),
    "labelled_before_filed": mark(
        "Labelling ends at {labelling}, dossiers are filed until {dossiers}."
    ),
    "vote_before_labels": mark("Voting opens at {vote}, labelling ends at {labelling}."),
    "ceiling_over_envelope": mark("{ceiling} euros are more than the envelope, {envelope}."),
    "least_over_most": mark("A ballot names at least {least} and at most {most} projects."),
    "said_by_format": mark("The ballot's format says this: leave it out."),
    "said_by_rule": mark("The rule says this: leave it out."),
    "contradiction": mark("{what}."),
    "not_together": mark("{what}."),
    "envelope_differs": mark(
        "All in all {amount} euros are given out, the envelope is {envelope}."
    ),
    "not_of_charter": mark("This charter has no {kind} {name}."),
    "kind_unknown": mark(
        "Nothing has a {kind}: projects have a territory, a family, a theme, a category and"
        " a carrier, ballots a tier."
    ),
    "kind_of_ballots": mark("Projects have no tier, ballots have."),
    "kind_of_projects": mark("A ballot has no {kind}, nobody knows whose it is."),
    "carrier_in_rule": mark(
        "In a rule each carrier is one of itself, and {name} is none: what is only for some types"
        " of carriers is a category of theirs."
    ),
    "labels_twice": mark("Another body gives the labels already."),
    "one_officer": mark("{acts} need a second officer; only a rehearsal goes without."),
    "screening_loosened": mark(
        "{value} lets more pass than {standard}, which every vote has; only a rehearsal may."
    ),
    "electorate_too_small": mark(
        "The vote is for {electors} people, and nothing is secret among fewer than {least}; only a"
        " rehearsal may."
    ),
    "flush_too_small": mark(
        "Ballots would leave among {k} voters every {interval} seconds, and nothing is secret below"
        " {least_k} voters every {least_interval} seconds; only a rehearsal may."
    ),
    "assumption_of_nothing": mark("The charter says nothing at this place."),
    "level_missing": mark("A territory is on one of the charter's levels."),
    "level_unknown": mark("This charter has no level {level}."),
    "level_skipped": mark("{level} is not the level below {outer}."),
    "within_unknown": mark("This charter has no territory {name}."),
    "within_itself": mark("{name} lies within itself."),
    "cycle_number": mark("There is no cycle {number} of {of}."),
    "cycle_over_total": mark("The envelope is {envelope} euros, all cycles together have {total}."),
    "cycle_spent": mark(
        "The other cycles have {taken} euros of {total}, and this one {envelope}: that is too much."
    ),
    "cycle_total_differs": mark("The cycle {edition} shares {total} euros: say the same."),
    "fund_missing": mark("A standing fund has an amount for each year."),
    "citizens_vote": mark(
        "Residents vote on a citizen budget; without a vote it is of another kind."
    ),
    "nobody_may_submit": mark("This names nobody; where everybody may, leave it out."),
    "age_reversed": mark("Nobody is at least {least} and at most {most} years old."),
    "consent_over_adult": mark("Nobody consents for a person of {age} years who is of age."),
    "consent_of_nobody": mark("Nobody below {age} years may submit: one has to be {least}."),
    "sponsor_unknown": mark("{type} may not submit, so none needs a sponsor."),
    "limit_over_limit": mark("{more} are more than the {fewer} that there can be before."),
    "link_twice": mark("The link {link} is there twice."),
    "least_over_links": mark("Nobody has {least} links of {most}."),
    "theme_missing": mark("Nothing is in this list; where themes are open, say so."),
    "document_of_nobody": mark("Nobody who may file a dossier is asked for this."),
    "nothing_listed": mark("Nothing is in this list: leave it out, or say what is."),
    "cost_kind_unknown": mark("This charter has no kind of cost {name}."),
    "cost_allowed_and_excluded": mark("{name} is eligible and excluded."),
    "excluded_without_kinds": mark(
        "Which costs are eligible has to be said beside what is excluded: a cost of no kind is"
        " refused by nobody."
    ),
    "months_reversed": mark("Nothing takes at least {least} and at most {most} months."),
    "operating_and_free_of_it": mark("All costs are operating costs, and a project asks for none."),
    "category_unknown": mark("This charter has no category {name}."),
    "percent_and_full": mark("All of the cost may be asked for by everybody."),
    "floor_over_ceiling": mark("Nobody gets at least {floor} and at most {ceiling} euros."),
    "majority_impossible": mark("{percent} percent are not more than half of the cost."),
    "ceiling_over_fund": mark("{ceiling} euros are more than the fund has in a year, {amount}."),
    "money_without_envelope": mark("It gives money, and nothing says how much there is."),
    "vote_phase_without_vote": mark("Nobody votes in this phase."),
    "vote_without_options": mark(
        "Residents vote on projects with a label, or that a body admitted."
    ),
    "nothing_decides": mark("Neither residents nor a body decide what becomes of a project."),
    "labels_without_families": mark("There are no families of labels."),
    "body_unknown": mark("This charter has no body {name}."),
    "body_admits_nothing": mark("{name} admits nothing to another body."),
    "admitted_by_itself": mark("What {name} votes on would have to be admitted by itself before."),
    "days_missing": mark("A fund's committee votes again and again: say how many days each time."),
    "web_always": mark("Everybody on the roll can vote on the web."),
    "channel_and_paper": mark("{channels}: there is no paper to vote on."),
    "paper_nowhere": mark("One can vote on paper, and on the web alone."),
    "desk_missing": mark("A counter has to be attended, and no desk is one of advisers."),
    "nobody_receives": mark(
        "No desk receives the ideas of {territories}: neither a first one nor one of advisers."
    ),
    "first_desk_twice": mark("Another desk receives the ideas of this territory first."),
    "remind_without_answer": mark("Nothing says by when this desk answers."),
    "remind_after_answer": mark("{remind} before it is due would be before the {answer} begin."),
    "seconds_in_earnest": mark("Nobody acts within {duration}; only a rehearsal may ask for it."),
    "milestones_missing": mark(
        "Whether a project has begun or is finished in time is what its milestones say: list them."
    ),
    "instalments_not_whole": mark("All instalments together are {percent} percent of the grant."),
    "nothing_amended": mark("This is the charter as it stands."),
    "title_fixed": mark(
        "The edition is called “{title}” since it was published, and stays so: the file says it."
    ),
    "fixed_published": mark("This is fixed since the charter was published."),
    "phases_are_redated": mark(
        "A phase gets another window by an act of its own, not by an amendment."
    ),
    "fixed_frozen": mark("This is fixed since the options of the vote were frozen."),
    "fixed_opened": mark("This is fixed since the body votes, or has voted."),
    "fixed_agreed": mark("This is fixed since an agreement was signed."),
    "in_use": mark("Projects may have {name}: it can be called otherwise, and does not go away."),
    "partial_grants": mark("A project is funded whole or not at all."),
    "no_jury": mark("No jury ranks projects yet."),
    "identity_elsewhere": mark(
        "Voters declare who they are or have a posted code, and an identity provider may vouch for"
        " them beside; not {asked}."
    ),
    "own_project_excluded": mark(
        "To exclude a carrier's vote for her own project, her ballot would have to be known."
    ),
    "paper_over_web": mark(
        "To let paper replace a vote on the web, that one ballot would have to be found again;"
        " the first channel is the one that counts."
    ),
    "all_duplicates_void": mark(
        "To make both ballots of a person void, they would have to be found again;"
        " nobody gets a second right to vote instead."
    ),
    "email_alone": mark("An e-mail address alone proves nobody: one mailbox would be many voters."),
    "third_party_identity": mark(
        "Who checks identities elsewhere would say here who may vote, and nobody could"
        " check it; voters declare who they are, have a posted code, or come through"
        " FranceConnect."
    ),
    "final_ballot": mark(
        "To make a ballot final once it is sent, whoever was made to vote could never undo"
        " it; a voter can replace hers until voting ends."
    ),
    "organisations_vote": mark(
        "An organisation's ballot would be a second one of somebody; people vote, each once."
    ),
}
