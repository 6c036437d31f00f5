"""What a page says to whoever was refused: what can be done now. By the refusal's code."""

from shared.web.messages import mark

ADVICE = {
    "round_unknown": mark(
        "Check the address in your letter or message, or start again from the list of votes."
    ),
    "voting_closed": mark("Voting is over. Results are published once the ballots are counted."),
    "not_open": mark("Come back when voting has begun; your code stays good."),
}
