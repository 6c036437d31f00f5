"""Every refusal of submission: a status and a code of its own, a sentence in both languages, facts
in its message, and a test that has seen it.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import shared.charters
import shared.people
import submission
from shared.people import guards, people
from shared.refusal import Refusal
from shared.web import messages, refused
from submission.advice import ADVICE
from submission.app import REFUSALS

ROOT = Path(__file__).parents[2]
SERVICE = ROOT / "services" / "submission" / "submission"
# Said to programs of the operator alone, or by the status: nobody fills in a form again for them.
SAID_BY_STATUS = {"sign_in_needed", "forbidden"}
TESTS = "\n".join(
    path.read_text() for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__)
)


def _modules() -> None:
    for package in (submission, shared.people, shared.charters):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)


def refusals() -> list[type[Refusal]]:
    """All that a module of submission, or of what it knows of people, defines."""
    _modules()

    def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    rooms = ("submission", "shared.people", "shared.charters")
    return sorted(
        {each for each in below(Refusal) if each.__module__.startswith(rooms)},
        key=lambda each: each.code,
    )


EVERY = refusals()
TABLE = {**guards.STATUSES, **people.STATUSES, **REFUSALS}


def named(kind: type[Refusal]) -> str:
    return kind.code


@pytest.mark.parametrize("kind", EVERY, ids=named)
def test_a_refusal_has_a_status_a_code_and_a_sentence_in_both_languages(
    kind: type[Refusal],
) -> None:
    assert 400 <= TABLE[kind] < 500 or TABLE[kind] == 503
    assert re.fullmatch(r"[a-z0-9]+(_[a-z0-9]+)*", kind.code)
    assert kind.__doc__ and "code" in vars(kind), "each has a code and a meaning of its own"
    if kind.code in SAID_BY_STATUS:
        return
    sentence = {**refused.ADVICE, **ADVICE}[kind.code]
    rooms = [SERVICE, *messages.rooms(ROOT / "shared")]
    french = messages.translations(rooms, "fr").gettext(sentence)
    assert french != sentence and sentence.endswith(".") and french.endswith(".")


def test_no_code_means_two_things() -> None:
    codes = [each.code for each in EVERY]
    assert sorted({*codes}) == codes


def test_no_advice_is_about_nothing() -> None:
    # What is a row's outcome in the report of an import, and no answer.
    assert {*ADVICE} - {each.code for each in EVERY} <= {"row_changed", "organisation_different"}


@pytest.mark.parametrize("kind", EVERY, ids=named)
def test_a_refusal_was_seen_by_a_test(kind: type[Refusal]) -> None:
    assert re.search(rf"\b({kind.code}|{kind.__name__})\b", TESTS), "nobody has seen it"


def raised() -> Iterator[tuple[str, ast.Call]]:
    """Where refusals are made in submission, with what they say."""
    names = {each.__name__ for each in EVERY}
    for path in sorted(SERVICE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name(id=made)) if made in names:
                    yield f"{path.relative_to(SERVICE)}:{node.lineno}", node


def test_every_refusal_says_a_fact() -> None:
    silent = [at for at, call in raised() if len(call.args) != 1 or call.keywords]
    assert not silent
    empty = [
        at
        for at, call in raised()
        if isinstance(call.args[0], ast.Constant) and len(str(call.args[0].value).split()) < 3
    ]
    assert not empty
