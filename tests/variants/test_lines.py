"""What a charter has to be able to say, it says, and residents read it."""

from gettext import NullTranslations

import pytest

from shared.charters.check import charter
from shared.charters.comparing import differences
from shared.charters.reading import merged, read_yaml
from shared.rules.saying import of_scheme, speech
from tests.variants.charters import BASE
from tests.variants.lines import LINES, Line


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.line)
def test_every_line_is_said_in_a_charter_and_read_on_its_page(line: Line) -> None:
    before = charter(read_yaml(BASE)).rules
    rules = charter(merged(read_yaml(BASE), read_yaml(line.said))).rules
    read = [
        " ".join(
            sentence
            for part in of_scheme(found, speech("en", NullTranslations(), found)).values()
            for sentence in part
        )
        for found in (before, rules)
    ]
    assert differences(before, rules)
    assert line.read not in read[0]
    assert line.read in read[1]


def test_each_line_is_there_once() -> None:
    assert len({line.line for line in LINES}) == len(LINES) > 40
