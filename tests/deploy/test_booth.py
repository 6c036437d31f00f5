"""What the launcher tells the booth: where three processes are, one key, and nothing else."""

import json
from pathlib import Path

from comptoir import booth
from comptoir.addresses import Addresses, account_secret, booth_secret, role_secret
from comptoir.processes import PROCESSES, principals
from comptoir.state import State


def test_the_booth_has_neither_a_database_nor_a_broker_nor_keys_of_its_own(place: Path) -> None:
    state = State(place)
    secrets = [role_secret(process.role) for process in PROCESSES]
    secrets += [account_secret(principal) for principal in principals()]
    state.make_passwords([*secrets, booth_secret()])
    replicas = [*(f"{process}.1" for process in booth.ASKS.values()), booth.REPLICA]
    ports = state.make_ports(replicas)
    state.remember({"replicas": replicas})
    told = booth.environment(Addresses(state), ports[booth.REPLICA])
    assert told == {
        "COMPTOIR_HOST": "127.0.0.1",
        "COMPTOIR_PORT": str(ports["voting.booth.1"]),
        "COMPTOIR_BOOTH_KEY": state.password(booth_secret()),
        "COMPTOIR_ROLL": f"http://127.0.0.1:{ports['voting.roll.1']}",
        "COMPTOIR_BOX": f"http://127.0.0.1:{ports['voting.box.1']}",
        "COMPTOIR_COUNT": f"http://127.0.0.1:{ports['voting.count.1']}",
    }
    assert not [secret for secret in secrets if state.password(secret) in json.dumps(told)]
    assert Addresses(state).sites()["booth"] == f"http://127.0.0.1:{ports['voting.booth.1']}"
