"""Labels that a committee's round gave or refused: each follows from what was decided there."""

from ledger_audit.differences import Differences
from ledger_audit.rounds import Round, Said


def check_labels(round_: Round, differences: Differences) -> None:
    """Compare the labels of which a round is the ground with its decisions.

    1. The round is one of seats, and its result was validated.
    2. Who was adopted gets the label, who was rejected is refused it, and nobody else either.
    3. Each once.
    """
    reasons = {said.body["option_id"]: said.body.get("reason") for said in round_.decisions}
    seen = set[str]()
    for said, wanted in sorted(_labels(round_), key=lambda each: each[0].index):
        project_id = said.body["project_id"]
        if "seats" not in round_.said["opened"].body:  # 1
            differences.add(said.index, "its ground is a round in which no committee voted")
        if "validated" not in round_.said:
            differences.add(said.index, "the result of the round was never validated")
        if (found := reasons.get(project_id)) != wanted:  # 2
            decided = "nothing" if found is None else found
            what = f"the round decided {decided} about this project, and not {wanted}"
            differences.add(said.index, what)
        if project_id in seen:  # 3
            differences.add(said.index, "the label of this project was decided before")
        seen.add(project_id)


def _labels(round_: Round) -> list[tuple[Said, str]]:
    return [
        *((said, "funded") for said in round_.labelled),
        *((said, "rejected") for said in round_.refused),
    ]
