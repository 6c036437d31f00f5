"""What a ballot may say, in sentences: one a format, and what happens to a ballot that differs."""

from shared.events.ballots import (
    Approval,
    Contests,
    Cumulative,
    Decision,
    Format,
    Grades,
    Knapsack,
    PlusMinus,
    Ranking,
    Score,
)
from shared.rules.saying.speech import Speech


def ballot(form: Format, speech: Speech) -> list[str]:
    """Everything that a format says."""
    _ = speech.gettext
    said = _said(form, speech)
    if not isinstance(form, Decision):
        said.append(
            _("A ballot that says anything else is void: it is published, and does not count.")
            if form.wrong == "void"
            else _("A ballot that says anything else is refused at once, and can be corrected.")
        )
        said.append(_("A blank ballot is always possible."))
    return said


def _said(form: Format, speech: Speech) -> list[str]:
    match form:
        case Approval():
            return [_names(form.min, form.max, speech)]
        case Contests():
            return _contests(form, speech)
        case Knapsack():
            return _knapsack(form, speech)
        case Cumulative():
            return _cumulative(form, speech)
        case Ranking():
            return _ranking(form, speech)
        case Score():
            return _score(form, speech)
        case PlusMinus():
            return _plus_minus(form, speech)
        case Grades():
            return _grades(form, speech)
        case Decision():
            return _decision(form, speech)


def _many(least: int, most: int | None, speech: Speech) -> str:
    """How many projects, as the object of a sentence."""
    if most is None:
        if not least:
            return speech.gettext("as many projects as one likes")
        return speech.ngettext("at least %(n)s project", "at least %(n)s projects", least)
    if least == most:
        return speech.ngettext("exactly %(n)s project", "exactly %(n)s projects", most)
    if not least:
        return speech.ngettext("at most %(n)s project", "at most %(n)s projects", most)
    return speech.ngettext(
        "between %(least)s and %(n)s project",
        "between %(least)s and %(n)s projects",
        most,
        least=speech.number(least),
    )


def _names(least: int, most: int | None, speech: Speech) -> str:
    return speech.gettext("A ballot names %(many)s.", many=_many(least, most, speech))


def _contests(form: Contests, speech: Speech) -> list[str]:
    _ = speech.gettext
    kind = speech.kind(form.group)
    own, general = (_many(limits.min, limits.max, speech) for limits in (form.own, form.general))
    return [
        _(
            "A ballot takes part in two contests, or in one: that of the projects with the same"
            " %(kind)s, and the general one of the projects without.",
            kind=kind,
        ),
        _("In the contest of the %(kind)s it names %(many)s.", kind=kind, many=own),
        _("In the general contest it names %(many)s.", many=general),
    ]


def _knapsack(form: Knapsack, speech: Speech) -> list[str]:
    cap = speech.gettext(
        "What a ballot names costs %(cap)s at most in all.", cap=speech.money(form.cap)
    )
    return [cap, _names(form.min, form.max, speech)]


def _cumulative(form: Cumulative, speech: Speech) -> list[str]:
    if form.least_total == form.total:
        total = speech.ngettext(
            "A ballot gives exactly %(n)s point in all.",
            "A ballot gives exactly %(n)s points in all.",
            form.total,
        )
    else:
        total = speech.ngettext(
            "A ballot gives between %(least)s and %(n)s point in all.",
            "A ballot gives between %(least)s and %(n)s points in all.",
            form.total,
            least=speech.number(form.least_total),
        )
    each = speech.ngettext(
        "One project gets at most %(n)s point from it.",
        "One project gets at most %(n)s points from it.",
        form.most_each,
    )
    return [total, each, _names(form.min, form.max, speech)]


def _ranking(form: Ranking, speech: Speech) -> list[str]:
    _ = speech.gettext
    many = _many(form.min, form.max, speech)
    points = ", ".join(map(speech.number, form.points))
    return [
        _("A ballot ranks %(many)s, the best first.", many=many),
        _("From the first place on, places give these points: %(points)s.", points=points),
        _("Places behind these give nothing."),
    ]


def _score(form: Score, speech: Speech) -> list[str]:
    _ = speech.gettext
    return [
        _(
            "A ballot gives projects a score from %(low)s to %(high)s.",
            low=speech.number(form.low),
            high=speech.number(form.high),
        ),
        _("A project without a score counts as zero."),
        _("A ballot scores %(many)s.", many=_many(form.min, form.max, speech)),
    ]


def _plus_minus(form: PlusMinus, speech: Speech) -> list[str]:
    _ = speech.gettext
    said = [
        speech.ngettext(
            "A ballot gives at most %(n)s plus.",
            "A ballot gives at most %(n)s pluses.",
            form.most_plus,
        ),
        speech.ngettext(
            "A ballot gives at most %(n)s minus.",
            "A ballot gives at most %(n)s minuses.",
            form.most_minus,
        ),
        _("A project's votes are its pluses less its minuses."),
        _("In all a ballot names %(many)s.", many=_many(form.min, None, speech)),
    ]
    if form.minus_needs_plus:
        said.append(_("It has no more minuses than pluses."))
    return said


def _grades(form: Grades, speech: Speech) -> list[str]:
    _ = speech.gettext
    grades = ", ".join(map(speech.grade, form.grades))
    return [
        _(
            "A ballot gives projects one of these grades, from the worst: %(grades)s.",
            grades=grades,
        ),
        _(
            "A project without a grade has the worst one on it: %(worst)s.",
            worst=speech.grade(form.grades[0]),
        ),
        _("A ballot grades %(many)s.", many=_many(form.min, None, speech)),
    ]


def _decision(form: Decision, speech: Speech) -> list[str]:
    _ = speech.gettext
    majority = speech.ratio(form.majority)
    return [
        speech.ngettext(
            "%(n)s member says yes or no to each project, abstains or is recused.",
            "%(n)s members say yes or no to each project, abstain or are recused.",
            form.members,
        ),
        _(
            "A project needs answers from at least %(quorum)s of the members who are not recused.",
            quorum=speech.ratio(form.quorum),
        ),
        _(
            "It is adopted where yes is more than %(majority)s of yes and no; abstentions are left"
            " out.",
            majority=majority,
        )
        if form.abstentions == "left-out"
        else _(
            "It is adopted where yes is more than %(majority)s of all answers, abstentions among"
            " them.",
            majority=majority,
        ),
        _("A project that is not adopted is never funded."),
    ]
