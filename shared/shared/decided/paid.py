"""What is said of options that are paid, and of those that the money did not reach."""

from collections.abc import Mapping
from typing import Final

from shared.decided.case import Case
from shared.web.filters import NARROW


def funded(case: Case) -> str:
    """What it gets, of what it costs; of a vote that gives no money, that it was adopted."""
    if case.adopted:
        return case.say("Il est adopté.", "It is adopted.")
    verdict, paid = case.verdict, case.cents(case.verdict.amount)
    said = case.say(f"Il est financé à hauteur de {paid}", f"It is funded with {paid}")
    if verdict.amount != verdict.cost:
        cost = case.cents(verdict.cost)
        said += case.say(f" sur les {cost} qu’il coûte", f" of the {cost} that it costs")
    if "missing" not in case.facts:
        return f"{said}."
    short = case.cents(case.facts["missing"])
    return case.say(
        f"{said}, bien qu’il ait manqué {short} dans l’enveloppe{NARROW}: la règle finance encore"
        " le premier projet qui n’y tient plus.",
        f"{said}, though the envelope was {short} short: the rule still funds the first project"
        " that no longer fits.",
    )


def part_funded(case: Case) -> str:
    """It gets what was left."""
    paid, wanted = case.cents(case.verdict.amount), case.cents(case.facts["wanted"])
    return case.say(
        f"Il reçoit les {paid} qui restaient, au lieu de {wanted}.",
        f"It gets the {paid} that were left, instead of {wanted}.",
    )


def _needs(case: Case) -> str:
    needs, left = case.cents(case.facts["needs"]), case.fact("left")
    if left <= 0:
        return case.say(
            f"Il demande {needs} et il ne restait rien",
            f"It asks for {needs} and nothing was left",
        )
    rest = case.cents(left)
    return case.say(
        f"Il demande {needs} et il restait {rest}", f"It asks for {needs} and {rest} were left"
    )


def does_not_fit(case: Case) -> str:
    """It asks for more than was left."""
    return f"{_needs(case)}."


BECAUSE: Final[Mapping[str, tuple[str, str]]] = {
    "cost": ("parce qu’il coûte moins", "because it costs less"),
    "dearest": ("parce qu’il coûte plus", "because it costs more"),
    "votes": ("parce qu’il a plus de voix", "because it has more votes"),
    "supporters": (
        "parce que plus de bulletins le soutiennent",
        "because more ballots support it",
    ),
    "filed": ("parce qu’il a été déposé avant", "because it was filed earlier"),
    "option": (
        "parce que son identifiant vient avant, comme la règle le disait",
        "because its identifier comes first, as the rule had said",
    ),
    "lot": (
        "parce que le tirage au sort public l’a placé devant",
        "because the public lot put it first",
    ),
    "ask": (
        "parce que les responsables du scrutin l’ont placé devant",
        "because the returning officers put it first",
    ),
}


def lost_tie(case: Case) -> str:
    """Another one, level with it, came first; under equal shares its supporters paid that one."""
    other, why = case.option("to"), case.say(*BECAUSE[str(case.facts["criterion"])])
    if "left" in case.facts:
        return case.say(
            f"{_needs(case)}{NARROW}: {other}, à égalité avec lui, est passé avant {why}.",
            f"{_needs(case)}: {other}, level with it, came first {why}.",
        )
    needs, have = case.cents(case.facts["needs"]), case.cents(case.facts["have"])
    fr, en = f"à égalité avec lui, est passé avant {why}", f"level with it, came first {why}"
    return case.say(
        f"Il demande {needs}{NARROW}: {other}, {fr}, et les parts de ses soutiens n’ont alors plus"
        f" eu que {have} ensemble.",
        f"It asks for {needs}: {other}, {en}, and then its supporters’ shares had only {have} left"
        " together.",
    )


def after_stop(case: Case) -> str:
    """The step was over, or full."""
    if "most" in case.facts:
        most = case.projects(case.fact("most"))
        return case.say(
            f"L’étape ne finance que {most}, et le compte y était avant son tour.",
            f"The step funds {most} at most, and that number was reached before its turn.",
        )
    return case.say(
        "L’étape était finie avant son tour"
        f"{NARROW}: la règle l’arrête au premier projet qui n’y tient plus.",
        "The step was over before its turn: the rule ends it at the first project that no longer"
        " fits.",
    )


def unaffordable(case: Case) -> str:
    """What its supporters have together is too little."""
    needs, have = case.fact("needs"), case.fact("have")
    asked, rest, short = case.cents(needs), case.cents(have), case.cents(needs - have)
    fr = f"Il demande {asked}, et les parts de ses soutiens n’avaient plus que {rest} ensemble"
    en = f"It asks for {asked}, and its supporters’ shares had only {rest} left together"
    if have >= needs:
        return case.say(f"{fr}.", f"{en}.")
    return case.say(f"{fr}, soit {short} de trop peu.", f"{en}, {short} too little.")


def outvoted(case: Case) -> str:
    """It is in the other of two results."""
    return case.say(
        "La règle compare deux résultats, et il n’est que dans celui qui n’a pas été préféré.",
        "The rule compares two results, and it is only in the one that was not preferred.",
    )
