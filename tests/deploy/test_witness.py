"""The files of the local witness: each is what its reader takes for it."""

from pathlib import Path

from comptoir.addresses import Addresses
from comptoir.state import State
from comptoir.witness import KEY_NAME, LocalWitness, request_line
from ledger.notes import verifier_key
from ledger.policy import Policy
from ledger.witness.app import KEY_FILE
from ledger.witness.cosigning import Cosigner
from shared.keys import ed25519_key

VKEY = verifier_key("ledger.localhost/platform", bytes(32))


def test_the_signers_policy_has_the_key_that_the_witness_cosigns_with(place: Path) -> None:
    local = LocalWitness(Addresses(State(place)))
    local.prepare(7380)
    policy = Policy.parse(local.policy.read_bytes())
    cosigner = Cosigner(KEY_NAME, ed25519_key(local.keys / KEY_FILE))
    assert policy.witnesses["w1"].key == cosigner.vkey
    assert policy.witnesses["w1"].url == "http://127.0.0.1:7380"
    assert policy.reached({"w1"}) and not policy.reached(())
    assert local.environment(7380)["COMPTOIR_LOGS"] == str(local.logs) and local.logs.exists()


def test_the_trust_file_has_the_logs_beside_that_policy(place: Path) -> None:
    local = LocalWitness(Addresses(State(place)))
    local.prepare(7380)
    trusted = Policy.parse(local.write_trust([VKEY]).read_bytes())
    assert [str(log.key) for log in trusted.logs] == [VKEY]
    assert trusted.witnesses == Policy.parse(local.policy.read_bytes()).witnesses


def test_a_witness_is_given_the_platforms_address_and_only_that(place: Path) -> None:
    state = State(place)
    state.make_ports(["ledger.1"])
    state.remember({"replicas": ["ledger.1"]})
    url = f"http://127.0.0.1:{state.ports()['ledger.1']}/logs/platform"
    for log, wanted in (("platform", url), ("edition", None)):
        line = request_line({"log": log, "vkey": VKEY}, Addresses(state))
        (party,) = Policy.lines(line.encode()).logs
        assert (str(party.key), party.url) == (VKEY, wanted)
