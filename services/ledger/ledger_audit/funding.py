"""What events of money after a decision say: confirmed, agreed, paid, reduced, lapsed.

As in `sentences`: `{field:form}` is a field of the body, in a form of `words`.
"""

SENTENCES: dict[str, tuple[str, str]] = {
    "voting.funding-confirmed.v1": (
        "The authority confirmed a grant of {amount:money} by its act {act:text} of {on:day}, as "
        "two officers say.",
        "La collectivité a confirmé une subvention de {amount:money} par sa délibération "
        "{act:text} du {on:day}, comme le disent deux agents.",
    ),
    "voting.agreement-signed.v1": (
        "Two officers signed the agreement with the carrier of a project: {amount:money}.",
        "Deux agents ont signé la convention avec le porteur d’un projet : {amount:money}.",
    ),
    "voting.instalment-paid.v1": (
        "An officer entered a payment: {amount:money}, on {paid_on:day}, as the part "
        "“{instalment:text}” of a grant; its number in the finance system is {reference:text}.",
        "Un agent a saisi un versement : {amount:money}, le {paid_on:day}, pour la part "
        "« {instalment:text} » d’une subvention ; son numéro dans le système financier est "
        "{reference:text}.",
    ),
    "voting.grant-reduced.v1": (
        "Two officers lowered a grant from {before:money} to {amount:money}: of what the project "
        "cost, {spent:money} were justified.",
        "Deux agents ont ramené une subvention de {before:money} à {amount:money} : le coût "
        "justifié du projet est de {spent:money}.",
    ),
    "voting.milestone-reached.v1": (
        "A funded project came so far: “{milestone:text}”, on {on:day}.",
        "Un projet financé a franchi une étape : « {milestone:text} », le {on:day}.",
    ),
    "voting.grant-lapsed.v1": (
        "Two officers ended a grant: {ground:lapsed}. What is paid no more of it: {left:money}.",
        "Deux agents ont mis fin à une subvention : {ground:lapsed}. Ce qui n’en sera plus versé : "
        "{left:money}.",
    ),
}
# What is said behind it, of an event that has the field.
FURTHER: dict[str, dict[str, tuple[str, str]]] = {
    "voting.agreement-signed.v1": {
        "act": ("Its number: {act:text}.", "Son numéro : {act:text}."),
        "signed_on": ("Its day: {signed_on:day}.", "Sa date : le {signed_on:day}."),
        "cost": (
            "What the project costs in all: {cost:money}.",
            "Ce que coûte le projet en tout : {cost:money}.",
        ),
        "instalments": (
            "It is paid in parts: {instalments:count}, together {instalments:total}.",
            "Elle est versée en plusieurs fois : {instalments:count}, ensemble "
            "{instalments:total}.",
        ),
    },
}
# The words for a name that a field knows, by form.
NAMES: dict[str, dict[str, tuple[str, str]]] = {
    "lapsed": {
        "not-signed": (
            "its agreement was not signed in time",
            "sa convention n’a pas été signée à temps",
        ),
        "not-begun": (
            "the project was not begun in time",
            "le projet n’a pas commencé à temps",
        ),
        "not-finished": (
            "the project was not finished in time",
            "le projet n’a pas été achevé à temps",
        ),
        "renounced": ("its carrier renounced it", "son porteur y a renoncé"),
    },
}
