"""The state directory: owned by one launcher, its secrets by one user."""

import stat
from pathlib import Path

import pytest

from comptoir.addresses import Addresses, running
from comptoir.errors import LauncherError, StateLocked
from comptoir.state import State


@pytest.fixture
def state(place: Path) -> State:
    state = State(place / "state")
    state.lock()
    return state


def test_a_second_launcher_is_refused_until_the_first_is_gone(state: State) -> None:
    second = State(state.directory)
    with pytest.raises(StateLocked, match=str(state.directory)):
        second.lock()
    assert second.locked()
    state.unlock()
    assert not second.locked()
    second.lock()
    second.unlock()


def test_passwords_are_made_once_and_for_the_owner_alone(state: State) -> None:
    state.make_passwords(["a", "b"])
    kept = state.password("a")
    state.make_passwords(["a", "c"])
    assert State(state.directory).password("a") == kept != state.password("c")
    assert len(kept) == 32
    mode = (state.directory / "secrets.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    state.unlock()


def test_ports_are_kept(state: State) -> None:
    first = state.make_ports(["a", "b"])
    assert State(state.directory).make_ports(["b"]) == {"b": first["b"]}
    assert state.ports() == first
    state.unlock()


def test_what_does_not_run_has_no_addresses(place: Path) -> None:
    with pytest.raises(LauncherError, match="comptoir up"):
        running(place)


def test_unknown_names_are_refused_by_name(state: State) -> None:
    addresses = Addresses(state)
    for unknown in (addresses.urls, addresses.url, addresses.dsn, addresses.superuser_dsn):
        with pytest.raises(LauncherError, match="nobody"):
            unknown("nobody")
    with pytest.raises(LauncherError, match="nothing was ever started"):
        addresses.account("ledger")
    state.unlock()
