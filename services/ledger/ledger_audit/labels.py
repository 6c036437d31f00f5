"""Labels that a committee's round gave or refused: each follows from what was decided there."""

from ledger_audit.differences import Differences
from ledger_audit.rounds import Round, Said

# What a round decides of who is labelled, and of who is neither labelled nor refused.
_ADOPTED, _UNDECIDED = "funded", "no_quorum"


def check_labels(round_: Round, differences: Differences) -> None:
    """Compare the labels of which a round is the ground with its decisions.

    1. The round is one of seats, and its result was validated.
    2. Who was adopted gets the label, who was not, and did not miss the quorum, is refused it.
    3. Each once.
    4. Where a committee votes on labels, none is given or refused without it.
    """
    reasons = {said.body["option_id"]: said.body.get("reason") for said in round_.decisions}
    seen = set[str]()
    for said, wanted in sorted(_labels(round_), key=lambda each: each[0].index):
        project_id = said.body["project_id"]
        if "seats" not in round_.said["opened"].body:  # 1
            differences.add(said.index, "its ground is a round in which no committee voted")
        if "validated" not in round_.said:
            differences.add(said.index, "the result of the round was never validated")
        found = reasons.get(project_id)
        if found in (None, _UNDECIDED) or (found == _ADOPTED) != (wanted == _ADOPTED):  # 2
            decided = "nothing" if found is None else found
            what = f"the round decided {decided} about this project, and not {wanted}"
            differences.add(said.index, what)
        if project_id in seen:  # 3
            differences.add(said.index, "the label of this project was decided before")
        seen.add(project_id)
    for said in round_.alone:  # 4
        differences.add(said.index, "it names no round, and a committee votes on labels")


def _labels(round_: Round) -> list[tuple[Said, str]]:
    return [
        *((said, _ADOPTED) for said in round_.labelled),
        *((said, "rejected") for said in round_.refused),
    ]
