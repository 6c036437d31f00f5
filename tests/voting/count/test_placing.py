"""A project is in its territory, and in those around it that its round's rule speaks of."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest

from shared.charters.check import charter
from shared.charters.reading import merged, read_yaml
from shared.events.rules import Groups
from shared.events.submission import options_digest
from shared.events.voting import OptionListed
from tests.variants.charters import BASE, each_canton, quota, rule_with, whole
from voting.count import charters, rounds
from voting.count.allocation.engine import count
from voting.count.allocation.profile import profile
from voting.count.tables import FrozenOptions, Option, Project, Round

NOON = datetime(2027, 6, 1, 12, tzinfo=UTC)
ROUND, PROGRAMME = UUID(int=1), UUID(int=2)
# Two municipalities lie in the north, one in the south, and each canton in the département.
TERRITORIES = """
levels:
  - {name: departement, fr: D, en: D}
  - {name: canton, fr: C, en: C}
  - {name: municipality, fr: M, en: M}
territories:
  - {name: whole, fr: W, en: W, level: departement}
  - {name: north, fr: N, en: N, level: canton, within: whole}
  - {name: south, fr: S, en: S, level: canton, within: whole}
  - {name: arras, fr: A, en: A, level: municipality, within: north}
  - {name: lens, fr: L, en: L, level: municipality, within: north}
  - {name: calais, fr: K, en: K, level: municipality, within: south}
"""
LISTED = ("{territory: []", "{territory: [north, south]")


def prepared(said: str, *projects: tuple[str, int]) -> tuple[Round, list[Option]]:
    """The round of a charter that says so, with projects in territories, at a cost in euros."""
    rules = charter(merged(merged(read_yaml(BASE), read_yaml(TERRITORIES)), read_yaml(said))).rules
    known = {
        UUID(int=number): Project(
            project_id=UUID(int=number),
            programme_id=PROGRAMME,
            title="0" * 64,
            cost=cost * 100,
            territory=territory,
        )
        for number, (territory, cost) in enumerate(projects, start=1)
    }
    frozen = FrozenOptions(
        round_id=ROUND,
        programme_id=PROGRAMME,
        log="log",
        options=[*known],
        digest=options_digest([(p.project_id, p.cost, p.title) for p in known.values()]),
    )
    asked = charters.asked(ROUND, rules, rehearsal=True, now=NOON)
    return rounds.prepare(asked, frozen, known, rehearsal=True, territories=rules.territories)


def won(said: str, votes: Sequence[int], *projects: tuple[str, int]) -> list[int]:
    """The numbers of the projects that are funded, each of which has so many ballots of its own."""
    row, options = prepared(said, *projects)
    ballots = [[(place, 1)] for place, many in enumerate(votes) for _ in range(many)]
    seen = rounds.seen_by_rule(options)
    result = count(rounds.rule_of(row), rounds.format_of(row), seen, profile(ballots, len(seen)))
    return sorted(seen[n].number for n in range(len(seen)) if seen[n].id in result.winners)


def where(said: str, *territories: str) -> list[tuple[str, ...]]:
    """In which territories a rule sees projects."""
    _, options = prepared(said, *((each, 1) for each in territories))
    return [each.groups["territory"] for each in rounds.seen_by_rule(options)]


def ruled(envelopes: str, passes: str, *, listed: bool = False) -> str:
    said = f"vote:\n  {rule_with(envelopes, passes)}"
    return said.replace(*LISTED) if listed else said


ALL = "[{name: all, order: {type: votes}}]"
ENVELOPES = f"[{whole()}, {each_canton(2, '100 000 EUR')}]"


def test_the_envelope_of_a_canton_pays_a_project_of_its_municipality() -> None:
    said = ruled(ENVELOPES, ALL)
    assert won(said, [9, 1], ("calais", 950_000), ("arras", 90_000)) == [2]
    assert won(said, [9, 1], ("calais", 950_000), ("whole", 90_000)) == [1], "of no canton"


def test_one_per_canton_counts_those_of_its_municipalities() -> None:
    said = ruled(f"[{whole()}]", f"[{quota('{of: territory, most: 1}')}]", listed=True)
    assert won(said, [9, 8, 1], ("arras", 1), ("lens", 1), ("calais", 1)) == [1, 3]
    assert won(said, [9, 8, 1], ("arras", 1), ("north", 1), ("calais", 1)) == [1, 3]


def test_a_quota_of_one_canton_counts_its_municipalities_without_a_list() -> None:
    said = ruled(f"[{whole()}]", f"[{quota('{of: territory, value: north, most: 1}')}]")
    assert won(said, [9, 8, 7], ("arras", 1), ("lens", 1), ("calais", 1)) == [1, 3]


@pytest.mark.parametrize("listed", [True, False])
def test_a_rule_sees_what_it_lists_and_else_what_it_names(listed: bool) -> None:
    said = ruled(f"[{whole()}]", f"[{quota('{of: territory, most: 1}')}]", listed=listed)
    seen = [("north",), ("south",), ()] if listed else [("arras",), ("south",), ("whole",)]
    assert where(said, "arras", "south", "whole") == seen


def test_a_project_of_the_whole_is_in_the_general_contest() -> None:
    form = "format: {type: contests, own: {max: 1}, general: {max: 1}}\n  "
    said = ruled(f"[{whole()}]", ALL, listed=True).replace("rule:", form + "rule:")
    row, options = prepared(said, ("arras", 1), ("lens", 1), ("whole", 1), ("calais", 1))
    seen = rounds.seen_by_rule(options)
    ballots = [[(0, 1), (2, 1)], [(0, 1), (1, 1)], [(0, 1), (3, 1)]]
    result = count(rounds.rule_of(row), rounds.format_of(row), seen, profile(ballots, 4))
    assert result.void == {"too_many": 1, "two_territories": 1}


def test_the_event_says_its_own_territory_and_where_the_rule_sees_it() -> None:
    row, options = prepared(ruled(ENVELOPES, ALL, listed=True), ("arras", 1), ("whole", 1))
    arras, all_of_it = [e for e in rounds.prepared(row, options) if isinstance(e, OptionListed)]
    groups: list[Groups | None] = [arras.groups, all_of_it.groups]
    assert (arras.territory, all_of_it.territory) == ("arras", "whole")
    assert groups == [{"territory": ("north",)}, {"territory": ()}]
    assert [each.for_rule() for each in (arras, all_of_it)] == rounds.seen_by_rule(options)
