"""`comptoir roll import`: all codes of a file, or none."""

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from comptoir.commands.roll import CHUNK, read_codes
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
