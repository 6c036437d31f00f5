"""What events of votes say to people: rounds, their rules, ballots, decisions."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from ledger.pages import saying
from ledger.pages.saying import Body, Said
from shared.web.messages import mark


def prepared(body: Body) -> Said:
    """A round exists."""
    return saying.say(
        mark("A vote was prepared; nobody can vote yet. Options: %(n)s."),
        n=saying.number(body["options"]),
    )


def listed(body: Body) -> Said:
    """An option, with its number on ballots."""
    values = {
        "number": saying.number(body["number"]),
        "title": saying.words(body["title"]),
        "cost": saying.money(body["cost"]),
    }
    if (withdrawn := body.get("withdrawn")) is None:
        return saying.say(mark("Option %(number)s of a vote: “%(title)s”, for %(cost)s."), **values)
    sentence = mark(
        "Option %(number)s of a vote: “%(title)s”, for %(cost)s. It was withdrawn (%(withdrawn)s) "
        "and is never funded."
    )
    return saying.say(sentence, withdrawn=withdrawn, **values)


def opened_before(body: Body) -> Said:
    """The rules of a round of version 1."""
    return saying.say(
        mark(
            "A vote was opened; from now on none of its rules changes. "
            "It runs from %(opens)s to %(closes)s. Each ballot names %(least)s to %(most)s "
            "options; %(budget)s is shared out."
        ),
        opens=saying.moment(body["opens_at"]),
        closes=saying.moment(body["closes_at"]),
        least=saying.number(body["format"]["min"]),
        most=saying.number(body["format"]["max"]),
        budget=saying.money(body["budget"]),
    )


def opened(body: Body) -> Said:
    """The rules of a round: what a ballot says, and by which orders money is shared out."""
    rule = body["rule"]
    orders = dict.fromkeys(ORDERS[each["order"]["type"]] for each in rule["passes"])
    budget = next(each["amount"] for each in rule["envelopes"] if each.get("within") is None)
    values = {
        "opens": saying.moment(body["opens_at"]),
        "closes": saying.moment(body["closes_at"]),
        "format": saying.said(FORMATS[body["format"]["type"]](body["format"])),
        "budget": saying.money(budget),
        "orders": saying.sentences([*orders]),
    }
    if (voters := _voters(body)) is not None:
        sentence = mark(
            "A vote was opened; from now on none of its rules changes. "
            "It runs from %(opens)s to %(closes)s. %(format)s "
            "What is shared out: %(budget)s, %(orders)s. %(voters)s"
        )
        return saying.say(sentence, voters=saying.said(voters), **values)
    sentence = mark(
        "A vote was opened; from now on none of its rules changes. "
        "It runs from %(opens)s to %(closes)s. %(format)s "
        "What is shared out: %(budget)s, %(orders)s."
    )
    return saying.say(sentence, **values)


def _voters(body: Body) -> Said | None:
    """Among how many a ballot leaves the box, and whether an identity provider vouches for voters,
    as far as a vote hides its ballots, or its charter names one."""
    hidden = body["flush"]["k"] > 1 and body["secrecy"] != "named"
    flush = {
        "k": saying.number(body["flush"]["k"]),
        "minutes": saying.number(body["flush"]["interval"] // 60),
    }
    vouched = "identity-provider" in body.get("identity", ())
    if hidden and vouched:
        sentence = mark(
            "Ballots leave the box with those of at least %(k)s voters, at least %(minutes)s "
            "minutes after the last. An identity provider may vouch for voters."
        )
        return saying.say(sentence, **flush)
    if hidden:
        sentence = mark(
            "Ballots leave the box with those of at least %(k)s voters, at least %(minutes)s "
            "minutes after the last."
        )
        return saying.say(sentence, **flush)
    return saying.say(mark("An identity provider may vouch for voters.")) if vouched else None


def _limits(sentence: str, *names: str) -> Callable[[Body], Said]:
    """A format's sentence, with these of its numbers."""
    return lambda form: saying.say(sentence, **{name: saying.number(form[name]) for name in names})


def _contests(form: Body) -> Said:
    return saying.say(
        mark(
            "Each ballot names at most %(own)s options of one territory, "
            "and at most %(general)s of those for all."
        ),
        own=saying.number(form["own"]["max"]),
        general=saying.number(form["general"]["max"]),
    )


def _knapsack(form: Body) -> Said:
    sentence = mark("Each ballot names options that cost %(cap)s at most together.")
    return saying.say(sentence, cap=saying.money(form["cap"]))


def _ranking(form: Body) -> Said:
    return saying.say(
        mark("Each ballot ranks up to %(max)s options; the points of the places: %(points)s."),
        max=saying.number(form["max"]),
        points=", ".join(map(str, form["points"])),
    )


def _grades(form: Body) -> Said:
    sentence = mark(
        "Each ballot grades options; the grades from the worst to the best: %(grades)s."
    )
    return saying.say(sentence, grades=saying.grades(form["grades"]))


FORMATS: Mapping[str, Callable[[Body], Said]] = MappingProxyType(
    {
        "approval": _limits(mark("Each ballot names %(min)s to %(max)s options."), "min", "max"),
        "contests": _contests,
        "knapsack": _knapsack,
        "cumulative": _limits(
            mark(
                "Each ballot gives up to %(total)s points, and up to %(most_each)s to one option."
            ),
            "total",
            "most_each",
        ),
        "ranking": _ranking,
        "score": _limits(
            mark("Each ballot scores options from %(low)s to %(high)s."), "low", "high"
        ),
        "plus-minus": _limits(
            mark(
                "Each ballot is for up to %(most_plus)s options, and against up to %(most_minus)s."
            ),
            "most_plus",
            "most_minus",
        ),
        "grades": _grades,
        "decision": _limits(
            mark("On each option %(members)s members say yes or no, or abstain."), "members"
        ),
    }
)
ORDERS: Mapping[str, str] = MappingProxyType(
    {
        "votes": mark("by votes"),
        "votes-per-cost": mark("by votes for each euro"),
        "jury-rank": mark("by the ranks of a jury"),
        "median-grade": mark("by the median grade"),
        "equal-shares": mark("by equal shares"),
    }
)


def closed(body: Body) -> Said:
    """Voting ended."""
    return saying.say(mark("A vote ended: %(at)s."), at=saying.moment(body["closed_at"]))


def issued(body: Body) -> Said:
    """How many rights to vote there are."""
    sentence = (
        mark("The roll gave out its last right to vote. Rights in all: %(n)s.")
        if body["final"]
        else mark("The roll counted the rights to vote that it gave out so far: %(n)s.")
    )
    rights = saying.say(sentence, n=saying.number(sum(body["issued"].values())))
    if "codes" in body:
        rights = saying.say(
            mark("%(rights)s Codes that were posted, imported or given: %(n)s."),
            rights=saying.said(rights),
            n=saying.number(sum(body["codes"].values())),
        )
    if not (twice := sum(body.get("reissued", {}).values())):
        return rights
    return saying.say(
        mark(
            "%(rights)s Second codes given to people who had lost theirs: %(twice)s; "
            "so many voters at most are counted twice."
        ),
        rights=saying.said(rights),
        twice=saying.number(twice),
    )


def ballot(body: Body) -> Said:
    """What a ballot says of options, or that it is sealed."""
    if "choices" not in body:
        if body["revision"] == 1:
            return saying.say(mark("A sealed ballot was cast. It names no voter."))
        sentence = mark("A sealed ballot was changed (version %(revision)s). It names no voter.")
        return saying.say(sentence, revision=saying.number(body["revision"]))
    again, valued = body["revision"] > 1, any(isinstance(c, list) for c in body["choices"])
    if again and valued:
        sentence = mark(
            "A ballot was changed (version %(revision)s). What it now gives to options, by their "
            "number: %(choices)s. It names no voter."
        )
    elif valued:
        sentence = mark(
            "A ballot was cast. What it gives to options, by their number: %(choices)s. "
            "It names no voter."
        )
    elif again:
        sentence = mark(
            "A ballot was changed (version %(revision)s): "
            "it now names the options %(choices)s. It names no voter."
        )
    else:
        sentence = mark("A ballot was cast for the options %(choices)s. It names no voter.")
    revision = {"revision": saying.number(body["revision"])} if again else {}
    return saying.say(sentence, choices=choices(body), **revision)


def opening(body: Body) -> Said:
    """What a sealed ballot chose, or that nobody can tell."""
    if "choices" not in body:
        return saying.say(mark("Nobody could open a sealed ballot: it is void."))
    if any(isinstance(choice, list) for choice in body["choices"]):
        sentence = mark(
            "A sealed ballot was opened. What it gives to options, by their number: %(choices)s. "
            "It names no voter."
        )
    else:
        sentence = mark(
            "A sealed ballot was opened. It is for the options %(choices)s, and names no voter."
        )
    return saying.say(sentence, choices=choices(body))


def choices(body: Body) -> saying.Shown:
    """What a ballot says of options, by their numbers."""
    chosen = [
        f"{each[0]}\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}{each[1]}"
        if isinstance(each, list)
        else str(each)
        for each in body["choices"]
    ]
    return (
        saying.Shown(saying.Kind.TEXT, ", ".join(chosen))
        if chosen
        else saying.sentence(mark("(none)"))
    )


def box(body: Body) -> Said:
    """No ballot follows."""
    return saying.say(
        mark(
            "The ballot box is closed. Voters: %(voters)s; ballots with all changes: %(ballots)s."
        ),
        voters=saying.number(body["keys"]),
        ballots=saying.number(body["ballots"]),
    )


def tally(body: Body) -> Said:
    """Where a round stood."""
    return saying.say(
        mark("Where a vote stood. Ballots counted: %(ballots)s."),
        ballots=saying.number(body["ballots"]),
    )


def tie_asked(body: Body) -> Said:
    """The count waits for officers."""
    return saying.say(
        mark(
            "The count waits: who gets what depends on the order of options that are level, "
            "and the rule leaves it to two officers to say it. Such options: %(n)s."
        ),
        n=saying.number(len(body["options"])),
    )


def tie_ordered(body: Body) -> Said:
    """They said an order."""
    sentence = (
        mark("Two officers said the order of options that were level. Such options: %(n)s.")
        if body.get("officers")
        else mark("The order of options that were level was said. Such options: %(n)s.")
    )
    return saying.say(sentence, n=saying.number(len(body["order"])))


_DECIDED = {
    "funded": mark("Option %(number)s is funded with %(cost)s. Votes: %(votes)s; place: %(rank)s."),
    "does_not_fit": mark(
        "Option %(number)s is not funded: it costs %(cost)s, and %(left)s was left. "
        "Votes: %(votes)s; place: %(rank)s."
    ),
    "no_votes": mark("Option %(number)s is not funded: nobody voted for it."),
}


def decided_before(body: Body) -> Said:
    """A decision of version 1."""
    every = {
        "number": saying.number(body["number"]),
        "cost": saying.money(body["cost"]),
        "votes": saying.number(body["votes"]),
        "rank": saying.number(body["rank"]),
        "left": saying.money(body["left"]),
    }
    return saying.say(_DECIDED[body["reason"]], **every)


def decided(body: Body) -> Said:
    """A decision, and why."""
    sentence = (
        mark("Option %(number)s is funded. %(why)s")
        if body["funded"]
        else mark("Option %(number)s is not funded. %(why)s")
    )
    return saying.say(sentence, number=saying.number(body["number"]), why=saying.verdict(body))


def allocated_before(body: Body) -> Said:
    """A result of version 1."""
    return saying.say(
        mark(
            "A vote is decided. Options funded: %(funded)s of %(options)s, "
            "with %(spent)s of %(budget)s. Ballots: %(ballots)s."
        ),
        **_result(body),
    )


def allocated(body: Body) -> Said:
    """A result."""
    return saying.say(
        mark(
            "A vote is decided. Options funded: %(funded)s of %(options)s, "
            "with %(spent)s of %(budget)s. Ballots: %(ballots)s, "
            "of which void: %(void)s; blank: %(blank)s."
        ),
        void=saying.number(sum(body["void"].values())),
        blank=saying.number(body["blank"]),
        **_result(body),
    )


def _result(body: Body) -> dict[str, saying.Shown]:
    return {
        "funded": saying.number(body["funded"]),
        "options": saying.number(body["options"]),
        "spent": saying.money(body["spent"]),
        "budget": saying.money(body["budget"]),
        "ballots": saying.number(body["ballots"]),
    }
