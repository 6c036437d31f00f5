"""What each machine of the vote reaches, found out by trying, under the rules of `deploy/network`.

Every host listens on every port of the platform and on one that is nobody's, so that what does not
get through is kept away by the rules, and by nothing else.
"""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.deploy.hosts import BOUND, Host, Network
from tests.shared.conftest import eventually

pytestmark = pytest.mark.slow

RULES = Path(__file__).resolve().parents[2] / "deploy" / "network"
HTTP, POSTGRES, BROKER, OUTSIDE, SSH, NOBODYS = 8000, 5432, 9092, 443, 22, 7777
PORTS = (HTTP, POSTGRES, BROKER, OUTSIDE, SSH, NOBODYS)
# The names of `addresses.nft`, as the rules' files have them.
HOSTS = {
    "roll": "ROLL",
    "roll-cluster": "ROLL_CLUSTER",
    "box": "BOX",
    "box-cluster": "BOX_CLUSTER",
    "booth": "BOOTH",
    "kafka": "KAFKA",
    "count": "COUNT",
    "others": "OTHERS",
    "roll-ingress": "ROLL_INGRESS",
    "box-ingress": "BOX_INGRESS",
    "booth-ingress": "BOOTH_INGRESS",
    "outside": "ROLL_OUTSIDE",
    "monitor": "MONITOR",
    "administrators": "ADMINISTRATORS",
}
RULED = ("roll", "roll-cluster", "box", "box-cluster", "booth", "kafka")
# Those without rules of ours reach each other, and of the six above what those let in.
FREE = set(HOSTS) - set(RULED)
LETS_IN = {
    "roll": {
        ("roll-ingress", HTTP),
        ("booth", HTTP),
        ("monitor", HTTP),
        ("administrators", SSH),
    },
    "roll-cluster": {("roll", POSTGRES), ("administrators", SSH)},
    "box": {
        ("box-ingress", HTTP),
        ("booth", HTTP),
        ("monitor", HTTP),
        ("administrators", SSH),
    },
    "box-cluster": {("box", POSTGRES), ("administrators", SSH)},
    "booth": {("booth-ingress", HTTP), ("monitor", HTTP), ("administrators", SSH)},
    "kafka": {
        ("roll", BROKER),
        ("box", BROKER),
        ("count", BROKER),
        ("others", BROKER),
        ("administrators", SSH),
    },
}
REACHES = {
    "roll": {("roll-cluster", POSTGRES), ("kafka", BROKER), ("outside", OUTSIDE)},
    "roll-cluster": set(),
    "box": {("box-cluster", POSTGRES), ("kafka", BROKER)},
    "box-cluster": set(),
    "booth": {("roll", HTTP), ("box", HTTP), ("count", HTTP)},
    "kafka": set(),
}


def addresses() -> dict[str, str]:
    """The addresses of `addresses.nft`, by host."""
    written = (RULES / "addresses.nft").read_text()
    found = dict(re.findall(r"^define (\w+) = \{? ?([\d.]+) ?\}?$", written, re.MULTILINE))
    return {host: found[name] for host, name in HOSTS.items()}


def everything(source: str) -> set[tuple[str, int]]:
    return {(host, port) for host in HOSTS if host != source for port in PORTS}


@pytest.fixture(scope="module")
def wired() -> Iterator[Network]:
    """All hosts, without rules."""
    with Network(addresses(), PORTS) as network:
        yield network


@pytest.fixture
def network(wired: Network) -> Iterator[Network]:
    """Hosts that may be given rules, which they lose afterwards."""
    yield wired
    wired.clear()


def ruled(network: Network, *hosts: str) -> None:
    for host in hosts:
        network.apply(host, RULES / f"{host}.nft")


@pytest.mark.parametrize("source", HOSTS)
def test_without_rules_everybody_reaches_everything(network: Network, source: str) -> None:
    """Else what follows would show nothing."""
    assert network.reached(source, everything(source)) == everything(source)


@pytest.mark.parametrize("source", RULED)
def test_a_machine_of_the_vote_reaches_what_it_needs_and_nothing_else(
    network: Network, source: str
) -> None:
    ruled(network, *RULED)
    assert network.reached(source, REACHES[source]) == REACHES[source]


@pytest.mark.parametrize("source", sorted(FREE))
def test_a_machine_of_the_vote_lets_in_whom_it_must_and_nobody_else(
    network: Network, source: str
) -> None:
    ruled(network, *RULED)
    expected = {
        (host, port)
        for host, port in everything(source)
        if host in FREE or (source, port) in LETS_IN[host]
    }
    assert network.reached(source, expected) == expected


@pytest.mark.parametrize("ruled_one", ["roll", "box"])
@pytest.mark.parametrize(("source", "target"), [("roll", "box"), ("box", "roll")])
def test_the_rules_of_one_side_are_enough_to_part_roll_and_box(
    network: Network, ruled_one: str, source: str, target: str
) -> None:
    ruled(network, ruled_one)
    assert not {host for host, _ in network.reached(source)} & {target}


def test_there_is_no_way_round_by_the_booth(network: Network) -> None:
    """It reaches roll and box, and neither of them reaches it."""
    ruled(network, "roll", "box", "booth")
    for source in ("roll", "box"):
        assert "booth" not in {host for host, _ in network.reached(source)}


def test_the_roll_does_not_reach_the_boxs_cluster_whoever_forgot_the_rolls_rules(
    network: Network,
) -> None:
    ruled(network, "box-cluster")
    assert "box-cluster" not in {host for host, _ in network.reached("roll")}


@pytest.mark.parametrize("source", RULED)
def test_there_is_no_way_round_by_ipv6(network: Network, source: str) -> None:
    every = everything(source)
    assert network.reached(source, every, sixth=True) == every
    ruled(network, *RULED)
    assert network.reached(source, sixth=True) == set()


@pytest.mark.parametrize(("source", "target"), [("roll", "box"), ("box", "roll")])
def test_there_is_no_way_round_by_datagrams(network: Network, source: str, target: str) -> None:
    place = (network.addresses[target], NOBODYS)
    listening = network.hosts[target].do(_datagrams, NOBODYS)
    try:
        network.hosts[source].do(_send_datagram, b"before", place)
        listening.settimeout(BOUND)
        assert listening.recv(16) == b"before"
        ruled(network, source)
        with pytest.raises(OSError, match=r"not permitted|unreachable|No route"):
            for _ in range(2):  # the refusal may come with the second one
                network.hosts[source].do(_send_datagram, b"behind", place)
        network.clear()
        network.hosts[source].do(_send_datagram, b"after", place)
        assert listening.recv(16) == b"after"
    finally:
        listening.close()


def _datagrams(port: int) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("", port))
    return made


def _send_datagram(sent: bytes, place: tuple[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.connect(place)
        made.send(sent)


@pytest.fixture
def signer(network: Network, tmp_path: Path) -> Iterator[tuple[Host, int, Path]]:
    """The signer itself, on a machine without a wire, under its rules: the machine, the process
    and its socket."""
    host, place = Host(), tmp_path / "signer"
    network.hosts["signer"] = host
    network.apply("signer", RULES / "signer.nft")
    del network.hosts["signer"]
    environment = {**os.environ, "COMPTOIR_SOCKET": str(place), "COMPTOIR_KEYS": str(tmp_path)}
    start = partial(subprocess.Popen, [sys.executable, "-P", "-m", "voting.signer"])
    process = host.do(start, env=environment)
    try:
        yield host, process.pid, place
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(BOUND)
        host.close()


async def test_the_signer_answers_the_roll_at_its_socket_and_has_no_network(
    network: Network, signer: tuple[Host, int, Path]
) -> None:
    host, pid, place = signer
    ruled(network, *RULED)

    async def answer() -> object:
        try:
            return await asyncio.to_thread(network.hosts["roll"].do, _asked, place)
        except OSError:
            return None

    assert await eventually(answer, bool) == {"status": "ready"}
    assert os.stat(f"/proc/{pid}/ns/net").st_ino == os.stat(host.namespace).st_ino
    assert host.run("ip", "-oneline", "link").count("\n") == 1  # its own loopback
    for address in ("127.0.0.1", *network.addresses.values()):
        with pytest.raises(OSError, match=r"refused|unreachable|not permitted|No route"):
            host.do(socket.create_connection, (address, HTTP), BOUND)


def _asked(place: Path) -> object:
    with socket.socket(socket.AF_UNIX) as made:
        made.settimeout(BOUND)
        made.connect(str(place))
        made.sendall(b'{"do":"health"}\n')
        return json.loads(made.makefile().readline())


def test_a_signer_that_is_given_a_wire_has_no_path_all_the_same(wired: Network) -> None:
    with Network({"signer": "10.21.0.1", "roll": "10.21.0.2"}, (HTTP,)) as network:
        assert network.reached("signer", {("roll", HTTP)}) == {("roll", HTTP)}
        network.apply("signer", RULES / "signer.nft")
        assert network.reached("signer") == network.reached("roll") == set()
