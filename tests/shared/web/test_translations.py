"""Every sentence of every page is there in French, set as French is."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from shared.web import messages
from shared.web.messages import FRENCH, catalog, extracted, rooms, typeset

ROOT = Path(__file__).parents[3]
ROOMS = [room for folder in ("shared", "services") for room in rooms(ROOT / folder)]
# A placeholder of newstyle gettext.
PUT_IN = re.compile(r"%\(([a-z_]+)\)[sd]")


def named(room: Path) -> str:
    return room.relative_to(ROOT).as_posix()


def strings(found: Catalog) -> list[tuple[str, str]]:
    """Pairs of what is said and its French, plurals one by one."""
    pairs = []
    for message in found:
        said = [message.id] if isinstance(message.id, str) else list(message.id)
        french = [message.string] if isinstance(message.string, str) else list(message.string or ())
        pairs += [(english, text) for english in said if english for text in french]
    return pairs


def test_the_rooms_are_found() -> None:
    assert {"shared/shared/web"} <= set(map(named, ROOMS))


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_every_sentence_has_its_french(room: Path) -> None:
    known = catalog(room / FRENCH)
    said = {message.id: message for message in extracted(room) if message.id}
    missing = [key for key in said if (found := known.get(key)) is None or not found.string]
    assert not missing, "python -m shared.web.messages update"
    assert not messages.untranslated(known)
    assert not {message.id for message in known if message.id} - said.keys(), "no longer said"
    assert not [message.id for message in known if message.id and message.fuzzy]


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_french_is_set_as_french(room: Path) -> None:
    for english, french in strings(catalog(room / FRENCH)):
        assert typeset(french) == french, ascii(french)
        assert "'" not in french, f"an apostrophe is ’: {french}"
        assert '"' not in french, f"quotes are « »: {french}"
        assert "..." not in french, french
        assert not re.search(r"[ \u00a0][:;!?»]|«[ \u00a0]", french), french
        assert set(PUT_IN.findall(french)) <= set(PUT_IN.findall(english)), french


@pytest.mark.parametrize("room", ROOMS, ids=named)
def test_what_is_committed_is_what_update_writes(room: Path, tmp_path: Path) -> None:
    for folder in (messages.PAGES, "locale"):
        (tmp_path / room.name / folder).mkdir(parents=True)
    for file in room.rglob("*"):
        if file.suffix in (".py", ".html", ".po"):
            copy = tmp_path / room.name / file.relative_to(room)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    messages.update(tmp_path / room.name)
    written = (tmp_path / room.name / FRENCH).read_text()
    assert written == (room / FRENCH).read_text(), "python -m shared.web.messages update"


@pytest.mark.parametrize(
    ("loose", "set_"),
    [
        ("Quoi ?", "Quoi\u202f?"),
        ("Quoi?", "Quoi\u202f?"),
        ("« oui »", "«\u202foui\u202f»"),
        ("De 12:30 à 13:30 : fin", "De 12:30 à 13:30\u202f: fin"),
        ("Voir https://exemple.fr/a?b", "Voir https://exemple.fr/a?b"),
        ("Vraiment ?!", "Vraiment\u202f?!"),
        (" : ", "\u202f: "),
        ("%(name)s : non", "%(name)s\u202f: non"),
    ],
)
def test_spaces_become_those_of_french(loose: str, set_: str) -> None:
    assert typeset(loose) == set_
    assert typeset(set_) == set_
