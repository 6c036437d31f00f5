"""What two officers of the roll do together."""

from shared.events import roll
from shared.people.second_officer import SecondOfficer
from voting.roll.counter.acts import KINDS as COUNTER
from voting.roll.held.acts import KINDS as HELD
from voting.roll.messages import SOURCE
from voting.roll.reissues.acts import KINDS as REISSUES

ACTS = SecondOfficer(
    source=SOURCE,
    asked=roll.RollActAsked,
    consented=roll.RollActConsented,
    declined=roll.RollActDeclined,
    acts={**HELD, **REISSUES, **COUNTER},
)
