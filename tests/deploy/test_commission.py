"""A commission's key in shares: made once, entered again by all, rebuilt by enough of them."""

import json
from base64 import b64encode
from itertools import combinations
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from shamir_mnemonic import MnemonicError, combine_mnemonics

from comptoir.addresses import Elsewhere
from comptoir.cli import comptoir
from comptoir.client import Client
from comptoir.commission import (
    Commission,
    check_shares,
    create,
    read_share,
    rebuild,
    threshold_of,
    try_key,
)
from comptoir.errors import LauncherError
from comptoir.openings import open_in_round
from shared.shares import WORDS, public_key

# The vectors of SLIP-39: a name, shares, and the secret that they give; "" where they give none.
VECTORS = json.loads((Path(__file__).parent / "slip39.json").read_text())
MADE, SHARES = create()


@pytest.mark.parametrize(("name", "shares", "secret"), VECTORS, ids=[each[0] for each in VECTORS])
def test_the_library_reads_the_published_vectors(name: str, shares: list[str], secret: str) -> None:
    if secret:
        assert combine_mnemonics(shares, b"TREZOR").hex() == secret
    else:
        with pytest.raises(MnemonicError):
            combine_mnemonics(shares, b"TREZOR")


def test_any_three_of_five_and_two_spares_give_the_key() -> None:
    assert (MADE.threshold, MADE.shares, len(SHARES)) == (3, 7, 7)
    for some in combinations(SHARES, 3):
        assert public_key(rebuild(some)) == MADE.key
    assert public_key(rebuild(SHARES, MADE)) == MADE.key  # more than enough do too


def test_fewer_give_nothing_nor_do_others() -> None:
    _, others = create()
    for some, what in (
        ([], "there is no share"),
        (SHARES[:2], "2 shares, 3 different ones are needed"),
        ([SHARES[0], SHARES[0], SHARES[0]], "1 shares, 3"),
        ([*SHARES[:2], others[2]], "do not belong together"),
    ):
        with pytest.raises(LauncherError, match=what):
            rebuild(some)
    with pytest.raises(LauncherError, match="of another commission"):
        rebuild(others[:3], MADE)


def test_a_share_is_read_however_it_is_written() -> None:
    share = SHARES[0]
    assert len(share.split()) == WORDS and threshold_of(share) == 3
    assert read_share(f"  {share.upper().replace(' ', '  ')}\n") == share


@pytest.mark.parametrize("place", [0, 5, WORDS - 1])
def test_a_wrong_word_is_no_share(place: int) -> None:
    words = SHARES[0].split()
    words[place] = "academic" if words[place] != "academic" else "acid"
    with pytest.raises(LauncherError, match="this is no share"):
        read_share(" ".join(words))


def test_a_swapped_pair_and_a_word_less_are_no_share() -> None:
    words = SHARES[0].split()
    different = next(n for n in range(WORDS - 1) if words[n] != words[n + 1])
    swapped = [*words]
    swapped[different], swapped[different + 1] = words[different + 1], words[different]
    for wrong in (swapped, words[:-1], []):
        with pytest.raises(LauncherError, match="this is no share"):
            read_share(" ".join(wrong))


def test_every_share_is_tried_when_all_were_entered_again() -> None:
    check_shares(MADE, SHARES)
    _, others = create()
    for place in range(len(SHARES)):
        entered = [*SHARES]
        entered[place] = others[place]
        with pytest.raises(LauncherError):
            check_shares(MADE, entered)
    with pytest.raises(LauncherError, match="entered twice"):
        check_shares(MADE, [*SHARES[:-1], SHARES[0]])


def test_a_key_that_ballots_are_not_sealed_to_opens_no_test_ballot() -> None:
    other = Commission(b64encode(b"\x09" + bytes(31)).decode(), 3, 7)
    with pytest.raises(LauncherError, match="does not open"):
        try_key(rebuild(SHARES), other)


def test_the_command_writes_each_share_to_a_file_and_the_key_nowhere(tmp_path: Path) -> None:
    there = tmp_path / "ceremony"
    run = CliRunner().invoke(comptoir, ["commission", "create", str(there), "--files"])
    assert run.exit_code == 0, run.output
    made = Commission(**json.loads((there / "commission.json").read_text()))
    files = sorted(there.glob("*.share"))
    assert [file.stem for file in files] == [
        *(f"holder-{n}" for n in range(1, 6)),
        *(f"spare-{n}" for n in range(1, 3)),
    ]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    private = rebuild([file.read_text() for file in files[2:5]], made)
    secret = private.private_bytes_raw()
    for file in there.iterdir():
        content = file.read_bytes()
        assert secret not in content and secret.hex().encode() not in content
    again = CliRunner().invoke(comptoir, ["commission", "create", str(there), "--files"])
    assert isinstance(again.exception, LauncherError) and "is not empty" in str(again.exception)


def test_holders_enter_their_shares_again_before_the_key_is_told(tmp_path: Path) -> None:
    """Who enters another share than hers ends the ceremony, and there is no commission."""
    asked = ["commission", "create", str(tmp_path / "c"), "--holders", "3", "--spares", "0"]
    words = "\n".join(["", "", "", *create(3, 3, 0)[1]])
    run = CliRunner().invoke(comptoir, asked, input=words + "\n")
    assert isinstance(run.exception, LauncherError)
    assert not (tmp_path / "c" / "commission.json").exists()
    assert "the key of this commission" not in run.output


class WithoutLogs(Client):
    """A platform whose ledger has published no checkpoint of the round's log yet."""

    async def get(self, process: str, path: str) -> Any:
        """What its processes answer."""
        return [] if process == "ledger" else {"log": "budget-2027"}


async def test_nothing_is_opened_before_the_ledger_has_the_log_of_the_round() -> None:
    client, (_, shares) = WithoutLogs(Elsewhere({})), create()
    with pytest.raises(LauncherError, match="has nothing of log budget-2027 yet"):
        await open_in_round(client, uuid4(), rebuild(shares))
