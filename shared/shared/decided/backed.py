"""What is said of options that too few ballots back."""

from fractions import Fraction

from shared.decided.case import Case
from shared.events.ballots import Decision
from shared.events.exact import fraction
from shared.events.rules import Threshold
from shared.web.filters import NARROW, grade, number


def no_votes(case: Case) -> str:
    """No votes, or not more for than against."""
    votes, form = case.verdict.votes, case.setting.form
    if votes > 0:
        return case.say(
            f"Il a {case.votes(votes)}, mais aucune de celles et ceux qui décident ici.",
            f"It has {case.votes(votes)}, but none from those who decide here.",
        )
    if form is not None and form.type in ("plus-minus", "score"):
        balance = case.votes(votes)
        return case.say(
            f"Le pour et le contre lui donnent {balance}{NARROW}: il en faut plus de zéro.",
            f"For and against come to {balance}: more than nothing is needed.",
        )
    nobody = case.say("Personne n’a voté pour ce projet.", "Nobody voted for it.")
    if form is not None and form.type == "grades":
        nobody = case.say(
            "Aucun bulletin ne lui donne plus que la plus basse mention.",
            "No ballot gives it more than the lowest grade.",
        )
    return nobody + case.say(
        " Sans aucune voix, un projet ne reçoit rien, même s’il reste de l’argent.",
        " A project without a vote gets nothing, even where money is left.",
    )


def below_threshold(case: Case) -> str:
    """A threshold, with its number where the rule is known."""
    rule, number_of = case.setting.rule, int(case.facts.get("threshold", 0))
    order = case.order
    if number_of < 0:
        at_least = getattr(order, "at_least", None)
        if at_least is None:
            return case.say(
                "Sa mention médiane est plus basse que la règle ne le demande.",
                "Its median grade is lower than the rule asks for.",
            )
        asked = case.quoted(grade(at_least, case.language))
        return case.say(
            f"Sa mention médiane est plus basse que {asked}, le moins que la règle demande.",
            f"Its median grade is lower than {asked}, the least that the rule asks for.",
        )
    if rule is None or number_of >= len(rule.thresholds):
        return case.say(
            "C’est moins que le seuil de la règle.", "That is less than the rule’s threshold."
        )
    least = _least(case, rule.thresholds[number_of])
    return case.say(f"La règle demande au moins {least}.", f"The rule asks for at least {least}.")


def _least(case: Case, threshold: Threshold) -> str:
    """What a threshold asks for, in the unit that it is compared with."""
    backing = case.say("bulletins qui le soutiennent", "ballots that support it")
    unit = backing if threshold.of == "supporters" else case.votes(2).partition(" ")[2]
    if threshold.votes is not None:
        return f"{number(threshold.votes)} {unit}"
    if threshold.share is not None:
        share = _ratio(threshold.share, case)
        return case.say(
            f"{share} des bulletins comptés, en {unit}",
            f"{share} of the counted ballots, in {unit}",
        )
    needed = -(-fraction(threshold.per_euro or "0") * case.verdict.cost // 100)
    return case.say(
        f"{number(needed)} {unit} pour ce qu’il coûte", f"{number(needed)} {unit} for what it costs"
    )


def _ratio(ratio: str, case: Case) -> str:
    """A ratio as whole percents where it is that, else as it is written."""
    percent = fraction(ratio) * 100
    if percent.denominator != 1:
        return ratio
    return case.say(f"{percent}{NARROW}%", f"{percent}%")


def no_quorum(case: Case) -> str:
    """Too few members answered."""
    form = case.setting.form
    if not isinstance(form, Decision):
        return case.say("Trop peu de membres se sont prononcés.", "Too few members answered.")
    part, members = _part(form.quorum, case), number(form.members, case.language)
    return case.say(
        f"Trop peu de membres se sont prononcés{NARROW}: il en faut au moins {part} des {members},"
        " sans compter ceux qui se récusent.",
        f"Too few members answered: at least {part} of the {members} are needed, leaving out those"
        " who are recused.",
    )


def _part(ratio: str, case: Case) -> str:
    if fraction(ratio) == Fraction(1, 2):
        return case.say("la moitié", "half")
    return _ratio(ratio, case)


def rejected(case: Case) -> str:
    """Yes has no majority."""
    form = case.setting.form
    if not isinstance(form, Decision):
        return case.say("Le oui n’a pas eu la majorité.", "Yes did not have the majority.")
    part, votes = _part(form.majority, case), case.votes(case.verdict.votes)
    counted = form.abstentions == "counted"
    return case.say(
        f"Il a obtenu {votes}, et il faut plus de {part} des réponses, abstentions"
        f" {'comprises' if counted else 'non comprises'}.",
        f"It got {votes}, and more than {part} of the answers are needed, abstentions"
        f" {'included' if counted else 'left out'}.",
    )
