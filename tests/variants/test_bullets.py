"""What the data model must be able to express, a charter says, and it has its effect."""

import re
from pathlib import Path

import pytest

from shared.charters import Charter
from shared.charters.check import charter
from shared.charters.problems import CharterRefused
from shared.charters.reading import merged, read_yaml
from tests.variants.bullets import BULLETS
from tests.variants.charters import BASE
from tests.variants.effects import BASE_CHARTER, Always, Bullet, Forbidden
from tests.variants.facts import LINES, NOT_HERE, NOT_SAID
from tests.variants.further import FURTHER
from tests.variants.money import OF_MONEY
from tests.variants.parts import PARTS
from tests.variants.voting import OF_VOTES

FACTS = Path(__file__).parents[3] / "shared" / "facts" / "schemes.md"
TABLE = (*BULLETS, *OF_VOTES, *OF_MONEY, *FURTHER)
SAID = [each for each in TABLE if isinstance(each, Bullet)]
FORBIDDEN = [each for each in TABLE if isinstance(each, Forbidden)]
ALWAYS = [each for each in TABLE if isinstance(each, Always)]


def called(each: Bullet | Forbidden | Always) -> str:
    return f"{each.line}: {each.part}"


def with_words(said: str) -> Charter:
    """The base with the words of a bullet."""
    return charter(merged(read_yaml(BASE), read_yaml(said)))


@pytest.mark.parametrize("bullet", SAID, ids=called)
def test_every_bullet_is_said_and_has_its_effect(bullet: Bullet) -> None:
    assert bullet.effect(with_words(bullet.said)) == bullet.becomes
    assert bullet.effect(BASE_CHARTER) != bullet.becomes, "without these words it is otherwise"


@pytest.mark.parametrize("bullet", FORBIDDEN, ids=called)
def test_what_no_charter_may_say_is_refused_with_its_reason(bullet: Forbidden) -> None:
    with pytest.raises(CharterRefused) as caught:
        with_words(bullet.said)
    assert (bullet.code, bullet.path) in [(p.code, p.path) for p in caught.value.problems]


@pytest.mark.parametrize("bullet", ALWAYS, ids=called)
def test_what_holds_under_every_charter_holds(bullet: Always) -> None:
    assert bullet.effect(BASE_CHARTER) == bullet.becomes


def test_each_line_of_the_facts_is_in_the_table_or_has_its_reason() -> None:
    assert {*LINES.values()} == {each.line for each in TABLE}
    assert not LINES.keys() & NOT_HERE.keys()
    assert all(NOT_HERE.values()) and all(NOT_SAID.values())


def test_no_part_is_there_twice_and_none_is_both_there_and_not_said() -> None:
    parts = [(each.line, each.part) for each in TABLE]
    assert len({*parts}) == len(parts)
    assert not {*parts} & NOT_SAID.keys()
    assert {line for line, _ in NOT_SAID} <= {line for line, _ in parts}


def test_every_part_of_a_line_is_in_the_table_or_not_said() -> None:
    """And all that is not said is a part of its line."""
    known = {*((each.line, each.part) for each in TABLE), *NOT_SAID}
    named = {
        (line, part)
        for line, parts in PARTS.items()
        for where in parts.values()
        for part in where.split(" | ")
    }
    assert {*PARTS} == {*LINES.values()}
    assert not named - known
    assert not NOT_SAID.keys() - named


def test_the_parts_of_a_line_are_all_that_it_says() -> None:
    """Where the facts are beside the repository, as they are where it is built."""
    if not FACTS.exists():
        assert sum(map(len, PARTS.values())) > 200
        return
    for begins, line in LINES.items():
        [text] = [each for each in lines_of_facts() if each.startswith(begins)]
        head, colon, rest = text.partition(":")
        text = rest if colon and not any(words in head for words in PARTS[line]) else text
        for words in sorted(PARTS[line], key=len, reverse=True):
            assert words in text, f"{line}: {words}"
            text = text.replace(words, " ", 1)
        left = re.sub(r"\b(and|or|by|with|as|from the)\b|[\s,;:.()>+-]", "", text)
        assert not left, f"{line}: nothing says {text!r}"


def lines_of_facts() -> list[str]:
    part = FACTS.read_text().split("## 14.")[1].split("\n## ")[0]
    return re.findall(r"^- (.+)", part, re.MULTILINE)


def test_the_lines_are_those_of_the_facts() -> None:
    """Where the facts are beside the repository, as they are where it is built."""
    known = (*LINES, *NOT_HERE)
    if not FACTS.exists():
        assert len(known) == 45
        return
    lines = lines_of_facts()
    found = [[name for name in known if line.startswith(name)] for line in lines]
    assert [len(names) for names in found] == [1] * len(lines)
    assert {name for names in found for name in names} == {*known}
