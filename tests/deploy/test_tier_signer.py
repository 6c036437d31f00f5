"""Where the signers are in the state directory, and keys that an earlier version left elsewhere."""

from pathlib import Path

import pytest

from comptoir.errors import LauncherError
from comptoir.state import State
from comptoir.tier_signer import LONGEST_ADDRESS, TierSigner

KEY = "tier-00000000-0000-4000-8000-000000000001-A.key"


def kept(directory: Path, process: str) -> Path:
    """A tier key below the keys of a process."""
    keys = directory / "keys" / process
    keys.mkdir(parents=True)
    (keys / KEY).write_bytes(b"a private key")
    (keys / KEY).chmod(0o600)
    return keys


def test_tier_keys_of_an_earlier_version_are_moved_and_nothing_else_is(tmp_path: Path) -> None:
    before = kept(tmp_path, "voting.roll")
    (before / "roll.key").write_bytes(b"K_roll")
    signer = TierSigner(State(tmp_path))
    signer.prepare()
    signer.prepare()
    assert [file.name for file in before.iterdir()] == ["roll.key"]
    moved = tmp_path / "keys" / "voting.signer" / KEY
    assert moved.read_bytes() == b"a private key"
    assert moved.stat().st_mode & 0o777 == 0o600
    assert moved.parent.stat().st_mode & 0o777 == 0o700


def test_of_two_keys_of_one_tier_none_is_overwritten(tmp_path: Path) -> None:
    both = [kept(tmp_path, process) for process in ("voting.roll", "voting.signer")]
    with pytest.raises(LauncherError, match="keep the right one"):
        TierSigner(State(tmp_path)).prepare()
    assert all((keys / KEY).read_bytes() == b"a private key" for keys in both)


def test_a_socket_has_an_address_that_fits_wherever_the_state_is(tmp_path: Path) -> None:
    near, far = tmp_path, tmp_path / "a-directory-with-a-long-name" / ("x" * 80)
    far.mkdir(parents=True)
    for directory in (near, far):
        signer = TierSigner(State(directory))
        signer.prepare()
        for number in (1, 999):
            socket = signer.socket(number)
            assert len(str(socket)) <= LONGEST_ADDRESS
            assert socket.parent.stat().st_mode & 0o777 == 0o700
    assert TierSigner(State(near)).socket(1).is_relative_to(near)
    TierSigner(State(far)).socket(1).parent.rmdir()
