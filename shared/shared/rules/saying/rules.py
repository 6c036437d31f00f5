"""A rule in sentences, in the order in which it decides."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.events.rules import Cap, Envelope, Grant, Prizes, Rule, Threshold, Ties
from shared.rules.saying.passes import each_pass
from shared.rules.saying.speech import Speech


@dataclass(frozen=True, slots=True)
class Part:
    """Some sentences under a heading."""

    title: str
    sentences: tuple[str, ...]


def rule(rule: Rule, speech: Speech) -> list[Part]:
    """Everything that a rule says."""
    _ = speech.gettext
    parts = [
        Part(_("What counts"), tuple(_counts(rule, speech))),
        Part(
            _("How the money is divided"),
            tuple(_envelope(each, len(rule.envelopes) > 1, speech) for each in rule.envelopes),
        ),
        *(
            Part(
                _("Step %(number)s: “%(name)s”", number=speech.number(number), name=each.name)
                if len(rule.passes) > 1
                else _("How projects are chosen"),
                tuple(each_pass(each, speech, one_envelope=len(rule.envelopes) == 1)),
            )
            for number, each in enumerate(rule.passes, start=1)
        ),
        Part(_("Where projects are level"), tuple(_ties(rule.ties, speech))),
        Part(_("What a funded project gets"), tuple(_grants(rule, speech))),
    ]
    if rule.prizes is not None:
        parts.append(Part(_("Prizes"), tuple(_prizes(rule.prizes, speech))))
    return parts


def _counts(rule: Rule, speech: Speech) -> Iterator[str]:
    """Ballots, thresholds and caps."""
    _ = speech.gettext
    match rule.electorate.blank:
        case "counted":
            yield _(
                "Blank ballots are ballots like others where it says how many ballots there are."
            )
        case "set-aside":
            yield _(
                "Blank ballots are counted apart, and left out where it says how many ballots"
                " there are."
            )
    for kind, names in rule.groups.items():
        if names:
            yield _(
                "What is said of each %(kind)s is said of %(values)s.",
                kind=speech.kind(kind),
                values=speech.all_of(speech.values(kind, names)),
            )
    for threshold in rule.thresholds:
        yield _threshold(threshold, speech)
    for cap in rule.caps:
        yield _cap(cap, speech)
    if rule.most_winners is not None:
        yield speech.ngettext(
            "At most %(n)s project is funded in all.",
            "At most %(n)s projects are funded in all.",
            rule.most_winners,
        )


def _threshold(threshold: Threshold, speech: Speech) -> str:
    _ = speech.gettext
    votes = threshold.of == "votes"
    if threshold.votes is not None:
        if votes:
            return speech.ngettext(
                "A project needs %(n)s vote at least.",
                "A project needs %(n)s votes at least.",
                threshold.votes,
            )
        return speech.ngettext(
            "A project needs %(n)s ballot at least that gives it something.",
            "A project needs %(n)s ballots at least that give it something.",
            threshold.votes,
        )
    if threshold.share is not None:
        share = speech.ratio(threshold.share)
        if votes:
            return _(
                "A project needs as many votes as %(share)s of the ballots at least.", share=share
            )
        return _("At least %(share)s of the ballots have to give a project something.", share=share)
    each = threshold.per_euro or "0"
    if votes:
        return _("A project needs %(each)s votes at least for each euro of its cost.", each=each)
    return _(
        "A project needs %(each)s ballots at least that give it something, for each euro of its"
        " cost.",
        each=each,
    )


def _cap(cap: Cap, speech: Speech) -> str:
    kind = speech.kind(cap.of)
    if cap.value is None:
        return speech.ngettext(
            "In all, at most %(n)s project of the same %(kind)s is funded.",
            "In all, at most %(n)s projects of the same %(kind)s are funded.",
            cap.most,
            kind=kind,
        )
    return speech.ngettext(
        "In all, at most %(n)s project of “%(value)s” (%(kind)s) is funded.",
        "In all, at most %(n)s projects of “%(value)s” (%(kind)s) are funded.",
        cap.most,
        kind=kind,
        value=speech.value(cap.of, cap.value),
    )


def _envelope(envelope: Envelope, named: bool, speech: Speech) -> str:
    """One envelope: whose money it is, for what, decided by whom, and where the rest goes."""
    _ = speech.gettext
    amount, name = speech.money(envelope.amount), envelope.name
    if not named:
        said = [_("The envelope has %(amount)s.", amount=amount)]
    elif envelope.within is None:
        said = [_("The envelope “%(name)s” has %(amount)s.", name=name, amount=amount)]
    elif envelope.kind == "reserved":
        said = [
            _(
                "Of the envelope “%(within)s”, %(amount)s are set aside for “%(name)s”.",
                within=envelope.within,
                amount=amount,
                name=name,
            )
        ]
    else:
        said = [
            _(
                "Of the envelope “%(within)s”, %(amount)s at most go to “%(name)s”, which has no"
                " money of its own.",
                within=envelope.within,
                amount=amount,
                name=name,
            )
        ]
    said.append(_("It is for %(projects)s.", projects=speech.projects(envelope.options)))
    voters = speech.grouped(envelope.voters.groups)
    if voters:
        said.append(_("Only ballots %(which)s decide on it.", which=speech.all_of(voters)))
    if envelope.kind == "reserved":
        said.append(_remainder(envelope, speech))
        if envelope.overshoot:
            over = speech.money(envelope.overshoot)
            said.append(_("Its projects may cost %(over)s more than it has.", over=over))
    return " ".join(said)


def _remainder(envelope: Envelope, speech: Speech) -> str:
    _ = speech.gettext
    match envelope.remainder:
        case "parent":
            if envelope.within is None:
                return _("What is left of it is not spent.")
            return _("What is left goes back to the envelope that it is of.")
        case "next":
            return _("What is left goes to the next envelope, or back where none is.")
        case "next-year":
            return _("What is left goes to the next year.")
        case "nowhere":
            return _("What is left is given to nobody.")


def _ties(ties: Ties, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    for number, criterion in enumerate(ties.criteria):
        match criterion:
            case "cost":
                what = _("the cheaper one comes first")
            case "dearest":
                what = _("the dearer one comes first")
            case "votes":
                what = _("the one with more votes comes first")
            case "supporters":
                what = _("the one comes first that more ballots give something")
            case "filed":
                what = _("the one comes first whose dossier was filed earlier")
            case "option":
                what = _("the one with the smaller identifier comes first, letter by letter")
            case "lot":
                what = _(
                    "a lot decides, drawn in public: SHA-256 of “%(seed)s” and the identifier, the"
                    " smaller first",
                    seed=ties.seed or "",
                )
            case "ask":
                what = _("the count waits, where it matters, until officers say the order")
        if number:
            yield _("If they are level still, %(what)s.", what=what)
        else:
            yield _("Of projects that are level, %(what)s.", what=what)


def _grants(rule: Rule, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    for grant in rule.grants:
        yield " ".join(_grant(grant, speech))
    if rule.grants:
        yield _("The first of these that is meant for a project counts.")
        yield _("Any other funded project gets its cost.")
    else:
        yield _("A funded project gets its cost.")


def _grant(grant: Grant, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    projects = speech.projects(grant.options)
    if grant.fixed is not None:
        fixed = speech.money(grant.fixed)
        yield _("This is for %(projects)s: each gets %(amount)s.", projects=projects, amount=fixed)
    else:
        yield _(
            "This is for %(projects)s: each gets %(percent)s of its cost.",
            projects=projects,
            percent=speech.ratio(f"{grant.percent}/100"),
        )
    yield _("None gets more than what others leave of its cost.")
    if grant.ceiling is not None:
        yield _("None gets more than %(ceiling)s.", ceiling=speech.money(grant.ceiling))
    if grant.floor:
        yield _(
            "One that would get less than %(floor)s is not funded.", floor=speech.money(grant.floor)
        )
    if grant.cofinanced:
        yield _(
            "One is funded only where others give at least %(percent)s of its cost.",
            percent=speech.ratio(f"{grant.cofinanced}/100"),
        )


def _prizes(prizes: Prizes, speech: Speech) -> Iterator[str]:
    _ = speech.gettext
    for prize in prizes.prizes:
        yield _(
            "Place %(place)s among the funded projects gets %(amount)s from %(sponsor)s.",
            place=speech.number(prize.place),
            amount=speech.money(prize.amount),
            sponsor=prize.sponsor,
        )
    match prizes.equal_ranks:
        case "order":
            yield _("Projects that are level have places one after the other all the same.")
        case "each":
            yield _("Of projects that are level, each gets what their first place gives.")
        case "shared":
            yield _("Projects that are level share equally what their places give.")
    yield _("Prizes cost the envelopes nothing.")
