"""Why an option is where it is: one code each, whose numbers are in the facts of its decision."""

from typing import Literal

Reason = Literal[
    "funded",
    "part_funded",  # got what was left: `amount` of `wanted`
    "does_not_fit",  # `needs`, `left`
    # Came after `to`, level with it, by `criterion`, and then did not fit (`needs`, `left`); under
    # equal shares: had its price, and then its supporters had less (`needs`, `have`).
    "lost_tie",
    "after_stop",  # the step had stopped, or its pass was full, before it was its turn
    "quota",  # the group `of`, `value` had `most`
    "cap",  # as a quota, over the whole count; `with`: the first who has it
    "exclusive",  # a cap of one: `with` has it
    "most_winners",
    "limit",  # the "most" envelope `envelope` had `left`, it needs `needs`
    "no_votes",
    "below_threshold",  # `threshold`: which of the rule's, from 0; a median grade: -1
    "unaffordable",  # its supporters have `have` of `needs`
    "outvoted",  # the other of two results was preferred
    "not_ranked",
    "not_admitted",  # no step was for it
    "withdrawn",
    "below_floor",
    "not_cofinanced",
    "no_quorum",
    "rejected",
]
