"""What the refusals of counters and gatherings say to people."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "counter_unknown": mark("Choose one of the counters."),
    "counter_elsewhere": mark(
        "This counter is another desk’s. Hand the idea on to that desk, which gives its places."
    ),
    "counter_full": mark("All places at this counter are taken. Choose another one."),
    "counter_over": mark("This counter has taken place, or will not. Choose another one."),
    "counter_not_begun": mark("Who came can be said once the counter has begun."),
    "handoff_unknown": mark("There is no such request. Look at the list of your desk."),
    "handoff_waiting": mark(
        "The idea has asked a counter already. Once it has answered, another one can be asked."
    ),
    "handoff_decided": mark(
        "This request was answered already. Load the page anew to see where it stands."
    ),
    "missed_too_often": mark(
        "Its carrier has stayed away from as many counters as the rules allow: no further place is"
        " given."
    ),
    "desk_unknown": mark("Choose one of the desks of the list."),
    "window_refused": mark(
        "A counter begins in the future, ends after it begins, and within a day."
    ),
    "capacity_refused": mark("Give the number of places, from 1 to 10,000."),
    "capacity_below_placed": mark(
        "More places are given already. Nobody loses a place: give at least that many."
    ),
    "workshop_unknown": mark("Choose among the workshops of the list."),
    "gathering_over": mark("This session is over, or cancelled: it is not changed any more."),
    "gathering_not_over": mark(
        "The list is closed once the session has ended and everybody with a place is marked."
    ),
}
