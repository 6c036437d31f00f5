"""Letters: who is in a file gets one code, that is hers; the PDF says it in two languages."""

import asyncio
import base64
import re
import zlib
from pathlib import Path
from uuid import UUID

import pytest

from comptoir.errors import LauncherError
from comptoir.letters import (
    Letter,
    in_chunks,
    letters_of,
    new_letter,
    printed,
    read_recipients,
)
from shared.codes import new_code, read_code, value_of, with_check
from shared.events.roll import RegistrationsCounted
from tests.serving import Answer
from tests.voting.roll.conftest import Roll, new_blinded
from tests.voting.roll.elections import Edition
from tests.voting.roll.registering import CHLOE, kept, register
from tests.voting.roll.test_held import cases, decide

IDENTITY = {n: CHLOE[n] for n in ("birth_name", "first_name", "born", "country", "commune")}
POSTED: dict[str, list[int]] = {"waiting": [], "spent": [], "known": []}
PEOPLE = """\
birth_name,first_name,born,country,commune,language,address
Delattre-Wiśniewska,Chloé,1964-02-29,FR,62160,fr,Chloé Delattre|3 rue des Œillets|62000 ARRAS
Benali,Karim,1975-11-02,DZ,,en,"Karim Benali|12, rue du Canal|62300 LENS"
"""


async def post(roll: Roll, round_id: UUID, *letters: dict[str, str]) -> Answer:
    """Post letters as the operator's command does."""
    return await roll.client.post(f"/rounds/{round_id}/letters", {"letters": list(letters)})


async def test_a_letter_is_a_code_and_whose_it_is(roll: Roll) -> None:
    round_id, code = await Edition().held(roll), new_code()
    for _ in range(2):
        answer = await post(roll, round_id, {"code": code, **IDENTITY})
        assert (answer.status, answer.body) == (201, POSTED)
    issued = await roll.token(round_id, code, new_blinded())
    assert (issued.status, issued.body["tier"]) == (201, "A")
    await register(roll, round_id)
    assert len(await cases(roll)) == 1, "she declares herself beside her letter"
    assert (await kept(roll))["code"] == 1


async def test_who_declared_an_identity_before_is_contested_and_two_officers_admit_her_letter(
    roll: Roll,
) -> None:
    edition, code = Edition(), new_code()
    round_id = await edition.held(roll)
    await register(roll, round_id)
    karim = {**IDENTITY, "first_name": "Karim", "country": "DZ", "commune": ""}
    letters = ({"code": code, **IDENTITY}, {"code": new_code(), **karim})
    for _ in range(2):
        assert (await post(roll, round_id, *letters)).body == {**POSTED, "waiting": [1]}
    refused = await roll.token(round_id, code, new_blinded())
    assert refused.refusal == (404, "code_unknown")
    [case] = await cases(roll)
    await decide(roll, edition, "admit", case)
    assert (await post(roll, round_id, *letters)).body == POSTED
    issued = await roll.token(round_id, code, new_blinded())
    assert (issued.status, issued.body["tier"]) == (201, "A")
    await roll.close(round_id)
    [counted] = await roll.announced(RegistrationsCounted)
    assert (counted["contested"], counted["registered"]) == (1, {"A": 1, "B": 1})


async def test_a_letter_that_two_officers_decline_counts_for_nothing(roll: Roll) -> None:
    edition, letter = Edition(), {"code": new_code(), **IDENTITY}
    round_id = await edition.held(roll)
    await register(roll, round_id)
    assert (await post(roll, round_id, letter)).body == {**POSTED, "waiting": [1]}
    [case] = await cases(roll)
    await decide(roll, edition, "decline", case)
    assert (await post(roll, round_id, letter)).body == {**POSTED, "known": [1]}
    assert (await kept(roll))["person"] == 1, "who declared herself stays on the roll"
    refused = await roll.token(round_id, letter["code"], new_blinded())
    assert refused.refusal == (404, "code_unknown")


async def test_who_has_a_code_of_a_letter_gets_no_other(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    assert (await post(roll, round_id, {"code": new_code(), **IDENTITY})).body == POSTED
    again = await post(roll, round_id, {"code": new_code(), **IDENTITY})
    assert again.body == {**POSTED, "known": [1]} and await cases(roll) == []


async def test_homonyms_among_letters_are_contested(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    letters = [{"code": new_code(), **IDENTITY} for _ in range(2)]
    for _ in range(2):
        assert (await post(roll, round_id, *letters)).body == {**POSTED, "waiting": [2]}
    assert len(await cases(roll)) == 1


async def test_many_letters_at_once_come_to_what_they_would_one_by_one(roll: Roll) -> None:
    round_id, code, twice = await Edition().held(roll), new_code(), new_code()
    await post(roll, round_id, {"code": code, **IDENTITY})
    known = {"code": new_code(), **IDENTITY}
    shared = [{"code": twice, **IDENTITY, "first_name": name} for name in ("Ada", "Zoé")]
    fresh = [{"code": new_code(), **IDENTITY, "birth_name": name} for name in ("Roux", "Petit")]
    homonym = {**fresh[0], "code": new_code()}
    letters = (*fresh, *shared, known, homonym)
    for _ in range(2):
        answer = await post(roll, round_id, *letters)
        assert answer.body == {**POSTED, "known": [5], "waiting": [6]}
    found = await kept(roll)
    assert (found["person"], found["code"]) == (4, 4), "the second with a code has none of hers"
    for each in (*fresh, shared[0]):
        assert (await roll.token(round_id, each["code"], new_blinded())).status == 201


async def test_the_order_of_rows_does_not_tell_whose_a_code_is(roll: Roll) -> None:
    round_id = await Edition().held(roll)
    names = [f"Roux{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(60)]
    letters = ({"code": new_code(), **IDENTITY, "birth_name": name} for name in names)
    assert (await post(roll, round_id, *letters)).body == POSTED
    for table, column in (("code", "code"), ("person", "identity")):
        rows = await roll.connection.fetch(f"select {column} from {table} order by ctid")
        assert [row[0] for row in rows] == sorted(row[0] for row in rows) and len(rows) == 60


def begins_as(code: str) -> list[str]:
    """Codes that are none, and begin as this one does."""
    found = (with_check(value_of(code[:8]) << 10 | last) for last in range(32))
    return [each for each in found if each != code]


async def tokens_of(roll: Roll, round_id: UUID, codes: list[str]) -> set[tuple[int, str]]:
    """What is answered to each."""
    asked = [await roll.token(round_id, code, new_blinded()) for code in codes]
    return {answer.refusal for answer in asked}


UNKNOWN = (404, "code_unknown")


async def test_five_codes_that_begin_as_a_letters_does_and_it_takes_a_new_letter(
    roll: Roll,
) -> None:
    round_id, code, other = await Edition().held(roll), new_code(), new_code()
    ada = {"code": other, **IDENTITY, "first_name": "Ada"}
    letter = {"code": code, **IDENTITY}
    assert (await post(roll, round_id, letter, ada)).body == POSTED
    wrong = begins_as(code)
    assert await tokens_of(roll, round_id, wrong[:4]) == {UNKNOWN}
    assert (await roll.tier(round_id, code)).status == 200, "four are not five"
    assert (await roll.tier(round_id, wrong[4])).refusal == UNKNOWN
    assert (await roll.tier(round_id, code)).refusal == UNKNOWN
    right = await roll.token(round_id, code, new_blinded())
    assert right.refusal == UNKNOWN, "nobody is told that it was right"
    assert right.body == (await roll.token(round_id, wrong[9], new_blinded())).body
    assert (await roll.token(round_id, other, new_blinded())).status == 201
    assert (await post(roll, round_id, letter, ada)).body == {**POSTED, "spent": [1]}
    new = {"code": new_code(), **IDENTITY, "instead_of": code}
    for _ in range(2):
        assert (await post(roll, round_id, new)).body == POSTED
    assert (await roll.token(round_id, new["code"], new_blinded())).status == 201
    third = {**new, "code": new_code()}
    assert (await post(roll, round_id, third)).body == {**POSTED, "known": [1]}, "once"
    assert (await roll.imported(round_id, [code])).body == {"imported": 0}


async def test_only_a_code_that_is_spent_is_replaced_and_by_whose_it_is(roll: Roll) -> None:
    round_id, code = await Edition().held(roll), new_code()
    await post(roll, round_id, {"code": code, **IDENTITY})
    new = {"code": new_code(), **IDENTITY, "instead_of": code}
    assert (await post(roll, round_id, new)).body == {**POSTED, "known": [1]}
    await tokens_of(roll, round_id, begins_as(code)[:5])
    of_another = {**new, "first_name": "Ada"}
    assert (await post(roll, round_id, of_another)).body == {**POSTED, "known": [1]}
    assert (await post(roll, round_id, {**new, "instead_of": "x"})).refusal[0] == 422
    assert (await post(roll, round_id, new)).body == POSTED


async def test_a_code_that_was_used_is_not_spent_by_others_tries(roll: Roll) -> None:
    round_id, code, mine = await Edition().held(roll), new_code(), new_blinded()
    await post(roll, round_id, {"code": code, **IDENTITY})
    first = await roll.token(round_id, code, mine)
    assert await tokens_of(roll, round_id, begins_as(code)[:9]) == {UNKNOWN}
    again = await roll.token(round_id, code, mine)
    assert (again.status, again.body) == (201, first.body), "she resumes"


async def test_tries_at_the_same_moment_are_counted_each(roll: Roll) -> None:
    round_id, code = await Edition().held(roll), new_code()
    assert (await roll.imported(round_id, [code])).body == {"imported": 1}
    wrong = begins_as(code)[:5]
    await asyncio.gather(*(roll.token(round_id, each, new_blinded()) for each in wrong))
    assert (await roll.token(round_id, code, new_blinded())).refusal == UNKNOWN
    assert await roll.connection.fetchval("select count(*) from spent_code") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "HELLO-WORLD0"},
        {"born": "1964-02-30"},
        {"commune": "Arras"},
        {"born": "2024-01-01"},
    ],
)
async def test_one_letter_that_cannot_be_and_none_is_taken(
    roll: Roll, wrong: dict[str, str]
) -> None:
    round_id = await Edition().held(roll)
    good = {"code": new_code(), **IDENTITY, "first_name": "Ada"}
    answer = await post(roll, round_id, good, {"code": new_code(), **IDENTITY} | wrong)
    assert answer.refusal == (422, "letter_refused") and "letter 2" in answer.body["detail"]
    assert b"Delattre" not in answer.raw
    assert await kept(roll) == {"person": 0, "channel": 0, "code": 0, "messages": 0}


async def test_letters_are_the_operators_and_end_with_the_vote(roll: Roll) -> None:
    round_id, letter = await Edition().held(roll), {"code": new_code(), **IDENTITY}
    body = {"letters": [letter]}
    assert (await roll.client.ask("POST", f"/rounds/{round_id}/letters", body)).status == 401
    await roll.close(round_id)
    assert (await post(roll, round_id, letter)).refusal == (409, "voting_closed")


def test_homonyms_and_new_letters_have_codes_of_their_own(tmp_path: Path) -> None:
    twice = PEOPLE + PEOPLE.splitlines()[1] + "\n"
    key, found = bytes(32), read_recipients(people(tmp_path, twice))
    made = letters_of(found, key, "a")
    assert len({letter.code for letter in made}) == 3 and made[:2] == letters_of(
        found[:2], key, "a"
    )
    new = new_letter(made[0], key)
    assert (new.recipient, new.instead_of) == (made[0].recipient, made[0].code)
    assert read_code(new.code) == new.code and new == new_letter(made[0], key)
    assert new_letter(new, key).code not in {new.code, *(letter.code for letter in made)}


def test_homonyms_are_sent_together_and_the_others_in_their_order(tmp_path: Path) -> None:
    [head, chloe, karim] = PEOPLE.splitlines()
    again = chloe.replace("Delattre-Wiśniewska,Chloé", "DELATTRE WISNIEWSKA,Chloe")
    others = [karim.replace("Karim", name) for name in ("Ada", "Zoé")]
    file = people(tmp_path, "\n".join([head, chloe, karim, *others, again]) + "\n")
    made = letters_of(read_recipients(file), bytes(32), "a")
    chunks = [[each.recipient.line for each in chunk] for chunk in in_chunks(made, 3)]
    assert chunks == [[2, 6, 3], [4, 5]]
    assert [[*chunk] for chunk in in_chunks(made[:4], 4)] == [made[:4]]
    assert [*in_chunks([], 3)] == []


def people(directory: Path, content: str = PEOPLE) -> Path:
    file = directory / "people.csv"
    file.write_text(content)
    return file


def test_an_interrupted_run_makes_the_same_letters_again(tmp_path: Path) -> None:
    found = read_recipients(people(tmp_path))
    assert [each.line for each in found] == [2, 3]
    one, other = letters_of(found, bytes(32), "a"), letters_of(found, bytes(32), "a")
    assert one == other and len({letter.code for letter in one}) == 2
    assert all(read_code(letter.code) == letter.code for letter in one)
    elsewhere = {letter.code for letter in letters_of(found, bytes(32), "b")}
    with_another = {letter.code for letter in letters_of(found, bytes(31) + b"x", "a")}
    assert not elsewhere & {letter.code for letter in one} and not with_another & elsewhere


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "1: the columns are birth_name"),
        ("birth_name;first_name\n", "1: the columns are"),
        (PEOPLE.replace(",fr,", ",de,"), "2: a language (fr or en)"),
        (PEOPLE.replace("Karim Benali|12, rue du Canal|62300 LENS", "|"), "3: a"),
        (PEOPLE + "Seul\n", "4: as many values"),
        (PEOPLE.partition("\n")[0] + "\n", "nobody is in it"),
    ],
)
def test_a_file_that_cannot_be_read_is_placed_and_quotes_nobody(
    tmp_path: Path, content: str, said: str
) -> None:
    with pytest.raises(LauncherError) as found:
        read_recipients(people(tmp_path, content))
    assert said in str(found.value) and "Delattre" not in str(found.value)


def test_a_letter_is_one_page_with_words_in_both_languages_and_a_square(tmp_path: Path) -> None:
    found = letters_of(read_recipients(people(tmp_path)), bytes(32), "a")
    url = f"https://roll.budget-citoyen.example.org/rounds/{UUID(int=7)}/vote"
    content = printed(found, url=url, title="Budget citoyen 2027", office="Département d'essai")
    assert content.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", content)) == len(found) == 2
    squares = [page for page in drawn(content) if page.count(b" re") > 100]
    assert len(squares) == 2


def drawn(content: bytes) -> list[bytes]:
    """What each stream of a PDF draws."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    texts = [stream.strip()[:-2] for stream in streams if stream.strip().endswith(b"~>")]
    return [zlib.decompress(base64.a85decode(text)) for text in texts]


def test_codes_stand_in_no_address(tmp_path: Path) -> None:
    """The square is read by programs that may send on what they read."""
    [one, _] = letters_of(read_recipients(people(tmp_path)), bytes(32), "a")
    given = {"url": "https://x.example/", "title": "x", "office": "y"}
    [with_code] = [d for d in drawn(printed([one], **given)) if d.count(b" re") > 100]
    other = Letter(one.recipient, "0" * 12)
    [with_another] = [d for d in drawn(printed([other], **given)) if d.count(b" re") > 100]
    assert squares(with_code) == squares(with_another)


def squares(page: bytes) -> list[bytes]:
    """The rectangles of a page."""
    return re.findall(rb"[^\n]* re", page)
