"""Why a project is funded or not, as a citizen reads it: each code, in both languages."""

from typing import Any, get_args

import pytest

from shared.decided import SAYINGS, Setting, Verdict, sentences
from shared.decided.paid import BECAUSE
from shared.events import rules
from shared.events.ballots import Approval, Cumulative, Decision, Grades, PlusMinus, Ranking
from shared.events.reasons import Reason
from shared.events.rules import (
    ByJuryRank,
    ByMedianGrade,
    ByVotes,
    ByVotesPerCost,
    Envelope,
    EqualShares,
    Grant,
    Order,
    Pass,
    Rule,
    Threshold,
    Ties,
)
from shared.events.scheme import Labelled

MILL, HALL = "the-mill", "the-hall"
MOST = Approval(max=3)


def rule(order: Order | None = None, **others: Any) -> Rule:
    said: dict[str, Any] = {
        "envelopes": (Envelope(name="all", amount=1000_00),),
        "passes": (Pass(name="all", order=order or ByVotes()),),
        "ties": Ties(criteria=("cost", "option")),
    }
    return Rule(**said | others)


def said(
    reason: Reason,
    facts: dict[str, int | str] | None = None,
    setting: Setting | None = None,
    **others: Any,
) -> tuple[str, str]:
    """A verdict in English and in French, with plain spaces."""
    known: dict[str, Any] = {"votes": 12, "cost": 300_00, "rank": 3, "step": ("all", "all")}
    verdict = Verdict(reason=reason, facts=facts or {}, **known | others)
    titled = Setting(MOST, rule(), {MILL: "Le moulin"}, {MILL: 4, HALL: 5})
    english, french = (
        " ".join(sentences(verdict, setting or titled, language)) for language in ("en", "fr")
    )
    assert " :" not in french and "« " not in french, "the narrow space of French"
    return english.replace("\u202f", " "), french.replace("\u202f", " ")


# What each code says of 12 votes, the third place and 300 €, before and after its own sentence.
CAME = ("With 12 votes it came 3rd. ", "Avec 12 voix, il est arrivé 3e. ")
EACH: dict[Reason, tuple[dict[str, int | str], str, str]] = {
    "does_not_fit": (
        {"needs": 300_00, "left": 100_00, "cheaper_by": 200_00, "more_votes": 3},
        "It asks for 300 € and 100 € were left. It would have been funded at 200 € less, or with 3"
        " more votes.",
        "Il demande 300 € et il restait 100 €. Il aurait été financé à 200 € de moins, ou avec 3"
        " voix de plus.",
    ),
    "lost_tie": (
        {"needs": 300_00, "left": 0, "to": MILL, "criterion": "cost", "more_votes": 1},
        "It asks for 300 € and nothing was left: “Le moulin”, level with it, came first because it"
        " costs less. It would have been funded with 1 more vote.",
        "Il demande 300 € et il ne restait rien : « Le moulin », à égalité avec lui, est passé"
        " avant parce qu’il coûte moins. Il aurait été financé avec 1 voix de plus.",
    ),
    "part_funded": (
        {"wanted": 300_00},
        "It gets the 120 € that were left, instead of 300 €.",
        "Il reçoit les 120 € qui restaient, au lieu de 300 €.",
    ),
    "after_stop": (
        {"most": 2},
        "The step funds 2 projects at most, and that number was reached before its turn.",
        "L’étape ne finance que 2 projets, et le compte y était avant son tour.",
    ),
    "quota": (
        {"of": "territory", "value": "artois", "most": 1},
        "This step takes 1 project of the territory “artois” at most, and that number was reached"
        " before its turn.",
        "Cette étape prend au plus 1 projet du territoire « artois », et le compte y était avant"
        " son tour.",
    ),
    "cap": (
        {"of": "carrier", "value": "les-amis", "most": 2, "with": MILL},
        "At most 2 projects of the carrier “les-amis” can be funded in all, and they already were,"
        " “Le moulin” among them.",
        "Au plus 2 projets du porteur « les-amis » peuvent être financés en tout, et ils l’étaient"
        " déjà, dont « Le moulin ».",
    ),
    "exclusive": (
        {"of": "place", "value": "market", "most": 1, "with": HALL},
        "Only one project of the “place” “market” can be funded, and it is project 5.",
        "Un seul projet de « place » « market » peut être financé, et c’est le projet 5.",
    ),
    "most_winners": (
        {"most": 5},
        "The rule funds 5 projects in all, and that number was reached before its turn.",
        "La règle ne finance que 5 projets en tout, et le compte y était avant son tour.",
    ),
    "limit": (
        {"envelope": "north", "needs": 300_00, "left": 50_00},
        "It asks for 300 €, and the ceiling of “north” left only 50 €.",
        "Il demande 300 €, et le plafond de « north » ne laissait plus que 50 €.",
    ),
    "outvoted": (
        {},
        "The rule compares two results, and it is only in the one that was not preferred.",
        "La règle compare deux résultats, et il n’est que dans celui qui n’a pas été préféré.",
    ),
    "below_threshold": (
        {"threshold": 0},
        "That is less than the rule’s threshold.",
        "C’est moins que le seuil de la règle.",
    ),
    "unaffordable": (
        {"needs": 300_00, "have": 180_50},
        "It asks for 300 €, and its supporters’ shares had only 180.50 € left together, 119.50 €"
        " too little.",
        "Il demande 300 €, et les parts de ses soutiens n’avaient plus que 180,50 € ensemble, soit"
        " 119,50 € de trop peu.",
    ),
    "funded": (
        {"missing": 20_00},
        "It is funded with 120 € of the 300 € that it costs, though the envelope was 20 € short:"
        " the rule still funds the first project that no longer fits.",
        "Il est financé à hauteur de 120 € sur les 300 € qu’il coûte, bien qu’il ait manqué 20 €"
        " dans l’enveloppe : la règle finance encore le premier projet qui n’y tient plus.",
    ),
}
# Those that nobody came to in an order.
ALONE: dict[Reason, tuple[str, str]] = {
    "no_votes": (
        "Nobody voted for it. A project without a vote gets nothing, even where money is left.",
        "Personne n’a voté pour ce projet. Sans aucune voix, un projet ne reçoit rien, même s’il"
        " reste de l’argent.",
    ),
    "not_ranked": (
        "The jury did not rank it, and its ranking decides.",
        "Le jury ne l’a pas classé, et c’est son classement qui décide.",
    ),
    "not_admitted": (
        "No envelope of this rule is open to a project of its kind.",
        "Aucune enveloppe de cette règle n’est ouverte à un projet comme lui.",
    ),
    "withdrawn": (
        "It was withdrawn: “The field is sold”.",
        "Il a été retiré : « The field is sold ».",
    ),
    "below_floor": (
        "For the 300 € that it costs, the grant would be less than the least amount, 500 €, that"
        " the rule pays.",
        "Pour les 300 € qu’il coûte, la subvention serait moindre que le plus petit montant, 500 €,"
        " que la règle verse.",
    ),
    "not_cofinanced": (
        "Others have to finance at least 20% of its cost, and they do not.",
        "D’autres doivent financer au moins 20 % de son coût, et ce n’est pas le cas.",
    ),
    "no_quorum": ("Too few members answered.", "Trop peu de membres se sont prononcés."),
    "rejected": ("Yes did not have the majority.", "Le oui n’a pas eu la majorité."),
}


def test_every_code_has_a_sentence_and_a_test_of_it() -> None:
    """Whoever adds a code adds what a citizen reads of it."""
    codes = set(get_args(Reason))
    assert set(SAYINGS) == codes
    assert EACH.keys() | ALONE.keys() == codes and not EACH.keys() & ALONE.keys()


@pytest.mark.parametrize("reason", EACH)
def test_a_reason_is_where_it_came_and_what_happened(reason: Reason) -> None:
    facts, english, french = EACH[reason]
    found = said(reason, facts, amount=120_00)
    assert found == (CAME[0] + english, CAME[1] + french)


@pytest.mark.parametrize("reason", ALONE)
def test_a_reason_without_a_place_is_said_by_itself(reason: Reason) -> None:
    grants = (Grant(floor=500_00), Grant(cofinanced=20))
    setting = Setting(MOST, rule(grants=grants))
    found = said(reason, setting=setting, votes=0, rank=None, withdrawn="The field is sold")
    assert found == ALONE[reason]


@pytest.mark.parametrize("reason", get_args(Reason))
def test_what_is_not_known_of_a_round_is_left_unsaid(reason: Reason) -> None:
    """As the ledger's explorer has it: an event by itself, with no title and no rule."""
    facts = EACH[reason][0] if reason in EACH else {}
    english, french = said(reason, facts, Setting(), amount=120_00)
    assert english and french
    assert "Le moulin" not in english and "None" not in english + french
    if reason in ("cap", "lost_tie"):
        assert "another project" in english and "un autre projet" in french


def test_what_it_is_paid_is_said_as_it_is() -> None:
    whole = said("funded", amount=300_00)
    assert whole[0] == "With 12 votes it came 3rd. It is funded with 300 €."
    assert whole[1] == "Avec 12 voix, il est arrivé 3e. Il est financé à hauteur de 300 €."
    assert "with 80 € of the 300 € that it costs." in said("funded", amount=80_00)[0]


def test_what_members_adopt_without_money_is_not_said_to_be_paid() -> None:
    english, french = said("funded", setting=Setting(Decision(members=20), rule()))
    assert english == "It got 12 yes. It is adopted."
    assert french == "Il a obtenu 12 oui. Il est adopté."
    paid = said("funded", setting=Setting(Decision(members=20), rule()), amount=300_00)[0]
    assert "With 12 yes it came 3rd. It is funded with 300 €." in paid


@pytest.mark.parametrize(
    ("form", "more", "came"),
    [
        (Cumulative(total=10, most_each=5), "with 3 more points", "With 12 points it came"),
        (Ranking(points=(3, 2, 1), max=3), "with 3 more points", "With 12 points it came"),
        (PlusMinus(most_plus=3, most_minus=1), "with 3 more votes", "With 12 votes it came"),
        (Decision(members=20), "with 3 more yes", "With 12 yes it came"),
    ],
)
def test_votes_are_called_what_ballots_give(form: Any, more: str, came: str) -> None:
    facts: dict[str, int | str] = {"needs": 300_00, "left": 0, "more_votes": 3}
    english, _ = said("does_not_fit", facts, Setting(form, rule()))
    assert more in english and came in english


@pytest.mark.parametrize(
    ("order", "came"),
    [
        (ByVotesPerCost(), "With 12 votes for what it costs, it came 3rd."),
        (ByJuryRank(), "In the jury’s order it came 3rd."),
        (ByMedianGrade(), "By its grades it came 3rd."),
        (EqualShares(), "It got 12 votes."),
    ],
)
def test_a_place_is_one_in_the_order_that_decides(order: Order, came: str) -> None:
    english, _ = said("most_winners", {"most": 5}, Setting(MOST, rule(order)))
    assert english.startswith(came)


def test_a_step_is_named_where_there_are_several() -> None:
    several = rule(
        envelopes=(
            Envelope(name="all", amount=900_00),
            Envelope(name="ternois", within="all", amount=100_00),
        ),
        passes=(Pass(name="one-each", order=ByVotes()), Pass(name="rest", order=ByVotes())),
    )
    labels = {"ternois": Labelled(name="ternois", fr="Le Ternois", en="Ternois")}
    setting = Setting(MOST, several, labels=labels)
    facts: dict[str, int | str] = {"needs": 1, "left": 0}
    english, french = said("does_not_fit", facts, setting, step=("one-each", "ternois"))
    assert english.startswith("With 12 votes it came 3rd in the step “one-each” for “Ternois”.")
    assert "arrivé 3e à l’étape « one-each » pour « Le Ternois »." in french
    english, _ = said("does_not_fit", facts, Setting(MOST, rule()), step=("all", "all"))
    assert english.startswith("With 12 votes it came 3rd.")


@pytest.mark.parametrize(
    ("threshold", "english", "french"),
    [
        (Threshold(votes=50), "at least 50 votes.", "au moins 50 voix."),
        (
            Threshold(of="supporters", votes=1200),
            "at least 1 200 ballots that support it.",
            "au moins 1 200 bulletins qui le soutiennent.",
        ),
        (
            Threshold(share="1/20"),
            "at least 5% of the counted ballots, in votes.",
            "au moins 5 % des bulletins comptés, en voix.",
        ),
        (Threshold(share="2/3"), "at least 2/3 of the counted", "au moins 2/3 des bulletins"),
        (
            Threshold(per_euro="1/7"),
            "at least 43 votes for what it costs.",
            "au moins 43 voix pour ce qu’il coûte.",
        ),
    ],
)
def test_a_threshold_is_said_in_its_numbers(
    threshold: Threshold, english: str, french: str
) -> None:
    found = said("below_threshold", {"threshold": 0}, Setting(MOST, rule(thresholds=(threshold,))))
    assert english in found[0] and french in found[1]


def test_a_median_grade_that_is_too_low_names_the_one_that_was_asked_for() -> None:
    form = Grades(grades=("poor", "good", "great"))
    setting = Setting(form, rule(ByMedianGrade(at_least="good")))
    english, french = said("below_threshold", {"threshold": -1}, setting, rank=None)
    assert english == "Its median grade is lower than “Good”, the least that the rule asks for."
    assert "plus basse que « Bien »" in french
    english, _ = said("no_votes", None, setting, votes=0)
    assert english.startswith("No ballot gives it more than the lowest grade.")


def test_a_decision_says_what_it_takes() -> None:
    form = Decision(members=12, quorum="1/2", majority="2/3", abstentions="counted")
    english, french = said("rejected", None, Setting(form, rule()), votes=3)
    assert "It got 3 yes, and more than 2/3 of the answers are needed, abstentions inc" in english
    assert "plus de 2/3 des réponses, abstentions comprises." in french
    english, french = said("no_quorum", None, Setting(form, rule()), votes=1)
    assert "at least half of the 12 are needed" in english and "la moitié des 12" in french


def test_votes_against_and_votes_of_others_are_no_silence() -> None:
    form = PlusMinus(most_plus=3, most_minus=1)
    english, _ = said("no_votes", None, Setting(form, rule()), votes=-4)
    assert english == "For and against come to −4 votes: more than nothing is needed."
    english, _ = said("no_votes", None, Setting(MOST, rule()), votes=4)
    assert english == "It has 4 votes, but none from those who decide here."


def test_a_tie_lost_under_equal_shares_says_what_supporters_had_then() -> None:
    facts: dict[str, int | str] = {"needs": 300_00, "have": 80_00, "to": MILL, "criterion": "cost"}
    setting = Setting(MOST, rule(EqualShares()), {MILL: "Le moulin"})
    english, french = said("lost_tie", facts, setting)
    assert english == (
        "It got 12 votes. It asks for 300 €: “Le moulin”, level with it, came first because it"
        " costs less, and then its supporters’ shares had only 80 € left together."
    )
    assert "et les parts de ses soutiens n’ont alors plus eu que 80 € ensemble." in french


def test_every_criterion_of_a_tie_has_its_words() -> None:
    assert set(BECAUSE) == set(get_args(rules.Criterion))


def test_places_are_counted_as_each_language_does() -> None:
    facts: dict[str, int | str] = {"most": 5}
    wanted = {1: ("1st", "1er"), 2: ("2nd", "2e"), 11: ("11th", "11e"), 23: ("23rd", "23e")}
    for rank, (english, french) in wanted.items():
        found = said("most_winners", facts, rank=rank)
        assert f"came {english}." in found[0] and f"arrivé {french}." in found[1]
