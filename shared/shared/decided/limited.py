"""What is said of options that a limit of the rule forbids, or that it never looks at."""

from shared.decided.case import Case
from shared.web.filters import NARROW


def quota(case: Case) -> str:
    """A group has all that a step gives it."""
    if "value" not in case.facts:
        return case.say(
            f"Il n’a pas de {case.kind()}, et cette étape n’est que pour des projets qui en ont.",
            f"It has no {case.kind()}, and this step is only for projects that have one.",
        )
    most, group = case.projects(case.fact("most")), case.of_group()
    return case.say(
        f"Cette étape prend au plus {most} {group}, et le compte y était avant son tour.",
        f"This step takes {most} {group} at most, and that number was reached before its turn.",
    )


def cap(case: Case) -> str:
    """A group has all that the whole count gives it."""
    most, group, first = case.projects(case.fact("most")), case.of_group(), case.option("with")
    return case.say(
        f"Au plus {most} {group} peuvent être financés en tout, et ils l’étaient déjà, dont"
        f" {first}.",
        f"At most {most} {group} can be funded in all, and they already were, {first} among them.",
    )


def exclusive(case: Case) -> str:
    """Another one of a group that only one can win of."""
    group, other = case.of_group(), case.option("with")
    return case.say(
        f"Un seul projet {group} peut être financé, et c’est {other}.",
        f"Only one project {group} can be funded, and it is {other}.",
    )


def most_winners(case: Case) -> str:
    """There are as many winners as there can be."""
    most = case.projects(case.fact("most"))
    return case.say(
        f"La règle ne finance que {most} en tout, et le compte y était avant son tour.",
        f"The rule funds {most} in all, and that number was reached before its turn.",
    )


def limit(case: Case) -> str:
    """The ceiling of an envelope."""
    needs, left = case.cents(case.facts["needs"]), case.cents(case.facts["left"])
    envelope = case.named(str(case.facts["envelope"]))
    return case.say(
        f"Il demande {needs}, et le plafond de {envelope} ne laissait plus que {left}.",
        f"It asks for {needs}, and the ceiling of {envelope} left only {left}.",
    )


def not_ranked(case: Case) -> str:
    """No rank from the jury."""
    return case.say(
        "Le jury ne l’a pas classé, et c’est son classement qui décide.",
        "The jury did not rank it, and its ranking decides.",
    )


def not_admitted(case: Case) -> str:
    """No step was for it."""
    return case.say(
        "Aucune enveloppe de cette règle n’est ouverte à un projet comme lui.",
        "No envelope of this rule is open to a project of its kind.",
    )


def withdrawn(case: Case) -> str:
    """Withdrawn, and why."""
    why = case.verdict.withdrawn
    if not why:
        return case.say("Il a été retiré.", "It was withdrawn.")
    return case.say(
        f"Il a été retiré{NARROW}: {case.quoted(why)}.", f"It was withdrawn: {case.quoted(why)}."
    )


def _only(case: Case, name: str) -> int | None:
    """What all grants of the rule that say it say alike."""
    rule = case.setting.rule
    found = {getattr(grant, name) for grant in rule.grants} - {0} if rule is not None else set()
    return found.pop() if len(found) == 1 else None


def below_floor(case: Case) -> str:
    """Too small a grant to be paid."""
    cost, floor = case.cents(case.verdict.cost), _only(case, "floor")
    least = case.say("le plus petit montant", "the least amount")
    least += "" if floor is None else case.say(f", {case.cents(floor)},", f", {case.cents(floor)},")
    return case.say(
        f"Pour les {cost} qu’il coûte, la subvention serait moindre que {least} que la règle"
        " verse.",
        f"For the {cost} that it costs, the grant would be less than {least} that the rule pays.",
    )


def not_cofinanced(case: Case) -> str:
    """Too little money of others."""
    part = _only(case, "cofinanced")
    if part is None:
        return case.say(
            "La part que d’autres doivent financer n’est pas atteinte.",
            "The part that others have to finance is not there.",
        )
    return case.say(
        f"D’autres doivent financer au moins {part}{NARROW}% de son coût, et ce n’est pas le cas.",
        f"Others have to finance at least {part}% of its cost, and they do not.",
    )
