"""`comptoir roll import`: all codes of a file, or none."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from comptoir.commands.roll import CHUNK, read_codes, read_voters
from comptoir.errors import LauncherError
from shared.codes import new_code
from tests.deploy.desks import desk, invoked


def written(directory: Path, *lines: str) -> Path:
    file = directory / "codes.txt"
    file.write_text("\n".join(lines) + "\n")
    return file


def imported(body: Any) -> tuple[int, Any]:
    return 201, {"imported": len(body["codes"])}


async def test_codes_go_to_the_roll_in_chunks_and_in_their_one_form(place: Path) -> None:
    codes = [new_code() for _ in range(CHUNK + 1)]
    file = written(place, *(f" {code[:4]}-{code[4:8]}-{code[8:]} ".lower() for code in codes))
    round_id = uuid4()
    async with desk(place / "state", "voting.roll", imported) as roll:
        result = await invoked(
            *("roll", "import", str(round_id), str(file)),
            *("--tier", "B", "--state", str(place / "state")),
        )
    assert result.exit_code == 0, result.output
    assert result.output == (
        f"{len(codes)} of {len(codes)} codes imported into tier B of round {round_id}\n"
    )
    assert [path for path, _ in roll.posted] == [f"/rounds/{round_id}/codes"] * 2
    assert [len(body["codes"]) for _, body in roll.posted] == [CHUNK, 1]
    assert [code for _, body in roll.posted for code in body["codes"]] == codes
    assert {body["tier"] for _, body in roll.posted} == {"B"}


async def test_one_bad_line_and_nothing_is_sent(place: Path) -> None:
    codes = [new_code() for _ in range(3 * CHUNK)]
    file = written(place, *codes, "0000000000ZZ")
    async with desk(place / "state", "voting.roll", imported) as roll:
        result = await invoked(
            "roll", "import", str(uuid4()), str(file), "--state", str(place / "state")
        )
    assert isinstance(result.exception, LauncherError)
    assert str(result.exception).startswith(f"{file}:{len(codes) + 1}: '0000000000ZZ'")
    assert roll.posted == []


async def test_what_the_roll_refuses_is_said_in_its_words(place: Path) -> None:
    problem = {"code": "round_unknown", "detail": "there is no such round"}
    async with desk(place / "state", "voting.roll", lambda _: (404, problem)):
        result = await invoked(
            *("roll", "import", str(uuid4()), str(written(place, new_code()))),
            *("--state", str(place / "state")),
        )
    assert isinstance(result.exception, LauncherError)
    assert "there is no such round (404 round_unknown)" in str(result.exception)


VOTERS = """\
code,birth_name,first_name,born,country,commune
{0},Delattre,Chloé,1964-02-29,FR,62160
{1},Benali,Karim,1975-11-02,DZ,
{2},Benali,Ada,1975-11-02,DZ,
"""


async def test_codes_that_say_whose_they_are_put_people_on_the_roll(place: Path) -> None:
    codes, round_id = [new_code() for _ in range(3)], uuid4()
    file = written(place, VOTERS.format(*codes))
    answer = {"waiting": [3], "spent": [], "known": [2]}
    async with desk(place / "state", "voting.roll", lambda _: (201, answer)) as roll:
        result = await invoked(
            "roll", "import", str(round_id), str(file), "--state", str(place / "state")
        )
    assert result.output == (
        f"1 of 3 codes count in tier A of round {round_id}\n"
        f"{file}:4: contested: it counts when two officers have admitted it\n"
        f"{file}:3: on the roll already, no letter\n"
    )
    [(path, body)] = roll.posted
    assert path == f"/rounds/{round_id}/letters"
    assert body["letters"][1] == {
        **{"code": codes[1], "birth_name": "Benali", "first_name": "Karim"},
        **{"born": "1975-11-02", "country": "DZ", "commune": ""},
    }


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("code,name\n", ":1: the columns are code, birth_name"),
        (VOTERS.partition("\n")[0], "nobody is in it"),
        (VOTERS.format("x", "y", "z"), ":2: that is not a code"),
        (VOTERS.format(*["23MFFMV0YJH8"] * 3), ":3: the code of line 2 again"),
        (VOTERS.format("23MFFMV0YJH8,1", "", ""), ":2: as many values"),
    ],
)
def test_a_file_of_people_that_cannot_be_read_is_placed_and_quotes_nobody(
    tmp_path: Path, text: str, complaint: str
) -> None:
    with pytest.raises(LauncherError, match=complaint) as found:
        read_voters(written(tmp_path, text))
    assert "Delattre" not in str(found.value)


async def test_codes_with_people_are_of_tier_a(place: Path) -> None:
    file = written(place, VOTERS.format(*(new_code() for _ in range(3))))
    async with desk(place / "state", "voting.roll", imported) as roll:
        result = await invoked(
            *("roll", "import", str(uuid4()), str(file)),
            *("--tier", "B", "--state", str(place / "state")),
        )
    assert "of tier A, not B" in str(result.exception) and roll.posted == []


async def test_new_letters_alone_are_printed_for_codes_that_are_spent(place: Path) -> None:
    round_id, spent = uuid4(), set[str]()
    file, pdf = place / "people.csv", place / "letters.pdf"
    head = VOTERS.partition("\n")[0].removeprefix("code,")
    rows = [f"Benali,{name},1975-11-02,DZ,,fr,Benali|62300 LENS" for name in ("Ada", "Zoé")]
    file.write_text("\n".join([f"{head},language,address", *rows]) + "\n")

    def posted(body: Any) -> tuple[int, Any]:
        codes = [each["code"] for each in body["letters"]]
        places = [place for place, code in enumerate(codes, 1) if code in spent]
        return 201, {"waiting": [], "spent": places, "known": []}

    async with desk(place / "state", "voting.roll", posted) as roll:

        async def printed(*options: str) -> str:
            result = await invoked(
                *("roll", "letters", str(round_id), str(file), "--out", str(pdf)),
                *("--title", "Budget citoyen", "--state", str(place / "state"), *options),
            )
            assert result.exception is None, result.output
            return result.output

        assert "2 letters" in await printed()
        first = [each["code"] for each in roll.posted[-1][1]["letters"]]
        spent.add(first[0])
        for _ in range(2):
            assert "1 letters" in await printed("--spent")
        [new] = roll.posted[-1][1]["letters"]
        assert new["instead_of"] == first[0] and new["first_name"] == "Ada"
        spent.add(new["code"])
        assert "1 letters" in await printed("--spent")
        assert roll.posted[-1][1]["letters"][0]["instead_of"] == new["code"]
        assert "2 letters" in await printed()
        result = await invoked(
            *("roll", "letters", str(round_id), str(file), "--out", str(place / "other.pdf")),
            *("--title", "x", "--state", str(place / "state"), "--spent"),
        )
        assert "need the key" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "no code in it"),
        (b"\n \n", "no code in it"),
        (b"\xff\xfe", "not a text file"),
        (b"ABC\n", ":1: 'ABC' is not a code"),
        (b"\n\nABCDEFGHJK00\n", ":3: 'ABCDEFGHJK00' is not a code"),
    ],
)
def test_a_file_that_is_none_of_codes_is_refused_with_its_line(
    tmp_path: Path, text: bytes, complaint: str
) -> None:
    file = tmp_path / "codes.txt"
    file.write_bytes(text)
    with pytest.raises(LauncherError, match=complaint):
        read_codes(file)


def test_a_code_that_comes_twice_is_refused_with_both_lines(tmp_path: Path) -> None:
    code = new_code()
    with pytest.raises(LauncherError, match=":3: the code of line 1 again"):
        read_codes(written(tmp_path, code, new_code(), code.lower()))
