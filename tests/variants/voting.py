"""What the data model must be able to express (facts, section 14) of committees and of votes: as
`tests.variants.bullets` says it of who takes part."""

from uuid import uuid4

from shared.charters import Charter
from shared.events.charter import Channel
from shared.events.voting import Seats
from submission.labelling.bodies.choosing import takes_labelled
from submission.texts import read_reason
from tests.variants.bullets import (
    JURY,
    YOUTH,
    deciders,
    labelled,
    says,
)
from tests.variants.effects import (
    TAKEN,
    A,
    Always,
    Bullet,
    Effect,
    Forbidden,
    ballots,
    changed,
    code,
    counted_again,
    project,
    void,
    votes,
)
from voting.count import charters
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.paper.batches import Entry, check_paper, standing, void_papers
from voting.count.seats.ballots import check as check_ballot
from voting.count.seats.seating import check_room, quorate
from voting.count.seats.tables import Seat
from voting.formats.choices import flaw
from voting.formats.decision import verdict
from voting.roll.identity import band_of

CHANNEL_WORDS: dict[Channel, str] = {
    "counter": "at a counter",
    "urn": "in an urn",
    "post": "by post",
    "market": "on markets",
    "school": "in schools",
}
COMMITTEE = "Assessment: committee or jury, recusal, quorum, decision, category"
ROUNDS = "Assessment: multi-round selection"
OPINIONS = "Assessment: opinion on a project"
FORMATS = "Vote: ballot types"
SCOPES = "Vote: own canton or anywhere, by theme, by category"
VALID = "Vote: void if wrong, original, individual, own project, organisations"
EDITABLE = "Vote: editable until validated, or replaceable until close"
CHANNELS = "Vote: channels, several at once or one only"
DUPLICATES = "Vote: duplicate policy, cancelled votes"
IDENTITY = "Vote: identity evidence, sworn statement, third party"
PAPER = "Vote: paper intake by batch, two-person entry, void reasons"
TURNOUT = "Vote: recount and turnout without exposing a voter"

LABELS = JURY % ("labels", "labelling", "")
TWO_THIRDS = LABELS.replace("members: 3, decides", 'members: 3, quorum: "2/3", decides').replace(
    'quorum: "1/2"', 'quorum: "2/3", majority: "2/3"'
)
WRITTEN = (
    "phases: {preselection: {opens: 05-01, closes: 05-31},"
    " instruction: {opens: 06-01, closes: 12-31}}\n"
    "bodies: [{name: written, fr: É, en: W, members: 3, decides: admits, during: preselection,"
    ' format: {type: decision, members: 3, quorum: "1/2"}},'
    " {name: hearing, fr: A, en: H, members: 3, decides: admits, during: instruction,"
    ' admitted_by: %s, format: {type: decision, members: 3, quorum: "1/2"}}]'
)
OPINION = "phases: {preselection: {opens: 07-01, closes: 07-31}}\n" + JURY % (
    "opinion",
    "preselection",
    "",
)
ADA, BOB = uuid4(), uuid4()


def seats(many: int) -> Effect:
    """Whether a body that has so many seats gives another one."""

    def effect(of: Charter) -> str:
        if not of.rules.bodies:
            return "none"
        [body] = of.rules.bodies
        known = [
            Seat(
                seat_id=uuid4(),
                programme_id=A,
                body_name=body.name,
                number=number,
                officer_id=uuid4(),
                member="",
                salt=b"",
                chair=False,
                granted_event=A,
            )
            for number in range(1, many + 1)
        ]
        return code(lambda: check_room(body, known, ADA, chair=False))

    return effect


def quorum(voted: int) -> Effect:
    """Whether so many votes are enough for a body."""
    return lambda c: [
        quorate(Seats(body_name=b.name, members=b.members, quorum=b.quorum), voted)
        for b in c.rules.bodies or ()
    ]


def decides(yes: int, no: int) -> Effect:
    """What so many answers decide."""
    return lambda c: [
        verdict(b.format, 0, yes, no, 0)
        for b in c.rules.bodies or ()
        if b.format.type == "decision"
    ]


def recused(of: Charter) -> str:
    """Whether somebody who is recused on the first project may vote on it."""
    body = changed(LABELS).rules.bodies
    assert body is not None
    return code(lambda: check_ballot(body[0].format, ((1, 1),), 3, {1}))


def twice(of: Charter) -> str | None:
    """What is wrong with a ballot that names one project twice."""
    found = flaw(charters.ballot_of(charters.vote_of(of.rules)), (1, 1), 3)
    return None if found is None else found[0]


def weighed(of: Charter) -> dict[str, int]:
    """The votes that one ballot gives, which names one project before another."""
    options = [project(id, 1, 0)[0] for id in "ab"]
    form = charters.ballot_of(charters.vote_of(of.rules))
    said = profile([[(0, 1), (1, 2)]], 2)
    return {
        each.option: each.votes
        for each in count(charters.rule_of(of.rules), form, options, said).options
    }


def papers(of: Charter) -> tuple[object, ...]:
    """How far a paper is once two agents read it alike, and otherwise; void ones by reason."""
    one, same = Entry(ADA, (1,), None), Entry(BOB, (1,), None)
    other = Entry(BOB, None, "signed")
    return standing([one]), standing([one, same]), standing([one, other]), void_papers([other])


OF_VOTES: tuple[Bullet | Forbidden | Always, ...] = (
    Bullet(COMMITTEE, "gives labels", LABELS, deciders, ("jury in labelling", "residents in vote")),
    Bullet(COMMITTEE, "composition", LABELS, seats(3), "seats_taken"),
    Bullet(COMMITTEE, "quorum", TWO_THIRDS, quorum(1), [False]),
    Bullet(COMMITTEE, "decision by two thirds", TWO_THIRDS, decides(2, 1), ["rejected"]),
    Always(COMMITTEE, "recusal", recused, "recused_here"),
    Always(COMMITTEE, "reasons", lambda c: code(lambda: read_reason(" ")), "words_refused"),
    Bullet(
        COMMITTEE,
        "category granted sets the ceiling",
        "families: [{name: cooperation, fr: C, en: C, ceiling: 20 000 EUR},"
        " {name: values, fr: V, en: V, ceiling: 4 500 EUR}]",
        lambda c: tuple(labelled(10_000, name)(c) for name in ("cooperation", "values")),
        (TAKEN, "cost_over_ceiling"),
    ),
    Bullet(
        ROUNDS,
        "written, then hearing",
        WRITTEN % "written",
        deciders,
        ("written in preselection", "hearing in instruction", "residents in vote"),
    ),
    Forbidden(
        ROUNDS,
        "none before itself",
        WRITTEN % "hearing",
        "admitted_by_itself",
        "bodies.hearing.admitted_by",
    ),
    Bullet(
        OPINIONS,
        "on what has its label",
        OPINION,
        lambda c: [takes_labelled(c.rules, body) for body in c.rules.bodies or ()],
        [True],
    ),
    Bullet(
        FORMATS, "exactly N", ballots("{type: approval, min: 3, max: 3}"), void("ab"), "too_few"
    ),
    Bullet(
        FORMATS,
        "between min and max",
        ballots("{type: approval, min: 2, max: 6}"),
        lambda c: (void("a")(c), void("abcdef")(c), void("abcdefg")(c)),
        ("too_few", TAKEN, "too_many"),
    ),
    Bullet(FORMATS, "up to N", ballots("{type: approval, max: 6}"), void("abcdef"), TAKEN),
    Always(FORMATS, "one per project", twice, "choices_unordered"),
    Bullet(
        FORMATS,
        "N in own territory and M departmental",
        ballots("{type: contests, own: {max: 3}, general: {max: 3}}"),
        lambda c: tuple(void(each, territory="nnss----")(c) for each in ("abefg", "ac", "efgh")),
        (TAKEN, "two_territories", "too_many"),
    ),
    Bullet(
        FORMATS,
        "grade per project",
        ballots("{type: grades, grades: [bad, fair, good]}"),
        void([("a", 2), ("b", 3)]),
        "malformed",
    ),
    Bullet(
        FORMATS,
        "points",
        ballots("{type: cumulative, total: 10, most_each: 6}"),
        void([("a", 6), ("b", 5)]),
        "too_many_points",
    ),
    Bullet(
        FORMATS,
        "negative votes",
        ballots("{type: plus-minus, most_plus: 2, most_minus: 1}"),
        void([("a", -1), ("b", -1)]),
        "too_many_minus",
    ),
    Bullet(
        FORMATS,
        "weights by place",
        ballots("{type: ranking, points: [3, 2, 1], max: 3}"),
        weighed,
        {"a": 3, "b": 2},
    ),
    Bullet(
        SCOPES,
        "own canton",
        ballots("{type: contests, own: {max: 3}, general: {max: 3}}"),
        void("ac", territory="nnss----"),
        "two_territories",
    ),
    Always(SCOPES, "anywhere", void("ac", territory="nnss----"), TAKEN),
    Bullet(
        SCOPES,
        "by theme",
        "themes: [{name: water, fr: E, en: W}]\n"
        + ballots("{type: contests, group: theme, own: {max: 1}, general: {max: 3}}"),
        void("ab", theme="ww------"),
        "too_many",
    ),
    Bullet(
        SCOPES,
        "by category",
        YOUTH
        + "\n"
        + ballots("{type: contests, group: category, own: {max: 1}, general: {max: 3}}"),
        void("ab", category="yy------"),
        "too_many",
    ),
    Always(VALID, "void if the count is wrong", void("abcd"), "too_many"),
    Always(
        VALID, "original ballot only", lambda c: code(lambda: check_paper(4, 3)), "paper_unknown"
    ),
    Forbidden(
        VALID,
        "not for one's own",
        "vote: {own_project: excluded}",
        "own_project_excluded",
        "vote.own_project",
    ),
    Always(
        VALID,
        "for one's own as well",
        lambda c: code(lambda: changed("vote: {own_project: allowed}")),
        TAKEN,
    ),
    Forbidden(
        VALID,
        "organisations, or several in one's name",
        "vote: {organisations: allowed}",
        "organisations_vote",
        "vote.organisations",
    ),
    Forbidden(EDITABLE, "final", "vote: {revision: final}", "final_ballot", "vote.revision"),
    Always(
        EDITABLE,
        "replaceable until close",
        lambda c: code(lambda: changed("vote: {revision: until-close}")),
        TAKEN,
    ),
    *(
        Bullet(CHANNELS, each, f"vote: {{paper: true, channels: [web, {each}]}}", says(words), True)
        for each, words in CHANNEL_WORDS.items()
    ),
    Forbidden(
        CHANNELS,
        "not on paper, where web only",
        "vote: {channels: [web], paper: true}",
        "paper_nowhere",
        "vote.channels",
    ),
    Forbidden(
        DUPLICATES,
        "paper prevails over web",
        "vote: {duplicates: paper-over-web}",
        "paper_over_web",
        "vote.duplicates",
    ),
    Forbidden(
        DUPLICATES,
        "all void",
        "vote: {duplicates: all-void}",
        "all_duplicates_void",
        "vote.duplicates",
    ),
    Always(
        DUPLICATES,
        "the first channel is kept",
        lambda c: code(lambda: changed("vote: {duplicates: first-channel}")),
        TAKEN,
    ),
    Forbidden(
        IDENTITY, "e-mail alone", "vote: {identity: [e-mail]}", "email_alone", "vote.identity"
    ),
    Forbidden(
        IDENTITY,
        "third-party check",
        "vote: {identity: [declared, posted-code, third-party]}",
        "third_party_identity",
        "vote.identity",
    ),
    Bullet(
        IDENTITY,
        "evidence levels",
        "vote: {identity: [declared, posted-code, identity-provider]}",
        lambda c: charters.vote_of(c.rules).vouched,
        True,
    ),
    Bullet(
        IDENTITY,
        "and said where one reads the rules",
        "vote: {sworn: true}",
        says("votes declares it on"),
        True,
    ),
    Always(IDENTITY, "sworn statement", votes(30, sworn=False), "not_sworn"),
    Always(
        PAPER,
        "entered twice, and void by reason",
        papers,
        ("waits", "agreed", "differs", {"signed": 1}),
    ),
    Always(
        TURNOUT,
        "by age class",
        lambda c: [band_of(age) for age in (11, 17, 18, 80)],
        [0, 0, 18, 75],
    ),
    Always(TURNOUT, "recount", counted_again, True),
)
