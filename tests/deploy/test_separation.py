"""Roll and box, tried from inside: what somebody can do who has all that one of them is given.

Over the network they do not meet either: `test_network.py`.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg
import pytest
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from comptoir.kafka import Account
from comptoir.processes import PROCESSES
from comptoir.roles import connected
from comptoir.stack import Stack
from comptoir.topics import Topic
from tests.conftest import DatabaseFactory
from tests.deploy.probes import readable, writable

As = Callable[[str], Account]
Declared = dict[str, Topic]
ROLL, BOX = "voting.roll", "voting.box"
OTHER = {ROLL: BOX, BOX: ROLL}
CLUSTER = {process.name: process.cluster for process in PROCESSES}
DATABASE = {process.name: process.database for process in PROCESSES}
# Where ballots are, whatever form they have; and where persons are, or what became of their tokens.
BALLOTS = ("voting.ballots", "voting.openings", "voting.seats", "voting.paper")
PERSONS = (
    "private.contacts",
    "notification.deliveries",
    "voting.roll",
    "submission.projects",
    "submission.texts",
    "submission.administration",
)


@pytest.mark.parametrize(("principal", "kept_away"), [(ROLL, BALLOTS), (BOX, PERSONS)])
async def test_neither_reads_or_writes_what_is_the_others(
    principal: str, kept_away: Sequence[str], as_principal: As, declared: Declared
) -> None:
    topics = [name for each in kept_away for name in (each, f"{each}.dead") if name in declared]
    assert set(kept_away) <= set(topics)
    account = as_principal(principal)
    assert await readable(account, topics) == set()
    assert writable(account, topics) == set()


REFUSED = {
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
}


def widened(principal: str, topic: str) -> AclBinding:
    """The ACL that somebody would wish for."""
    return AclBinding(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        f"User:{principal}",
        "*",
        AclOperation.ALL,
        AclPermissionType.ALLOW,
    )


EVERY_ACL = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # None is any: the library takes it, its types do not say so
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]  # as above
    None,  # type: ignore[arg-type]  # as above
    AclOperation.ANY,
    AclPermissionType.ANY,
)


@pytest.mark.parametrize(("principal", "topic"), [(ROLL, BALLOTS[0]), (BOX, PERSONS[0])])
def test_neither_widens_its_own_rights_on_the_broker(
    principal: str, topic: str, as_principal: As
) -> None:
    admin = as_principal(principal).admin()
    at_once = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
    shorter = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[at_once])
    tried: dict[str, Callable[[], Any]] = {
        "give itself an ACL": lambda: admin.create_acls([widened(principal, topic)]),
        "take all ACLs away": lambda: admin.delete_acls([EVERY_ACL]),
        "forget what a topic has": lambda: admin.incremental_alter_configs([shorter]),
        "delete a topic": lambda: admin.delete_topics([topic]),
        "make a topic": lambda: admin.create_topics([NewTopic(f"{topic}.mine", 1, 1)]),
    }
    for what, ask in tried.items():
        for future in ask().values():
            with pytest.raises(KafkaException) as refusal:
                future.result(30)
            assert refusal.value.args[0].code() in REFUSED, what


def credentials(stack: Stack, process: str) -> list[str]:
    """The addresses that a process, and its migrations, connect with."""
    return [stack.addresses.dsn(role) for role in (DATABASE[process], f"{DATABASE[process]}_owner")]


@pytest.mark.parametrize("process", [ROLL, BOX])
async def test_neithers_credentials_open_the_others_cluster(stack: Stack, process: str) -> None:
    other = stack.clusters[CLUSTER[OTHER[process]]]
    for address in credentials(stack, process):
        own = f":{stack.clusters[CLUSTER[process]].port}/{DATABASE[process]}"
        assert own in address
        for database in (DATABASE[process], DATABASE[OTHER[process]], "postgres", "template1"):
            there = address.replace(own, f":{other.port}/{database}")
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(there, ssl=False)
        # Nor under the other's name, with a password that is right here.
        for role in (DATABASE[OTHER[process]], f"{DATABASE[OTHER[process]]}_owner", "postgres"):
            with pytest.raises(asyncpg.InvalidPasswordError):
                await asyncpg.connect(there, user=role, ssl=False)


# From one database to another one, to the files of the machine, or to its commands.
WAYS_OUT = [
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE EXTENSION file_fdw",
    "CREATE SUBSCRIPTION mine CONNECTION 'host=127.0.0.1' PUBLICATION mine",
    "CREATE FUNCTION mine() RETURNS int LANGUAGE c AS 'libpq'",
    "LOAD 'postgres_fdw'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT pg_read_binary_file('pg_hba.conf')",
    "SELECT pg_ls_dir('.')",
    "SELECT pg_ls_waldir()",
    "SELECT rolpassword FROM pg_authid",
    "SET ROLE postgres",
    "SET SESSION AUTHORIZATION postgres",
    "ALTER SYSTEM SET log_statement = 'all'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "GRANT pg_read_server_files TO CURRENT_USER",
]


@pytest.mark.parametrize("process", [ROLL, BOX])
@pytest.mark.parametrize("statement", WAYS_OUT)
async def test_there_is_no_way_out_of_ones_own_database(
    stack: Stack, process: str, statement: str
) -> None:
    for address in credentials(stack, process):
        async with connected(address) as connection:
            # Not because a file is missing: that one could be installed, and nobody would notice.
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_what_is_tried_as_a_way_out_is_there_to_be_tried(stack: Stack) -> None:
    """The extensions that would be ways out come with PostgreSQL: rights keep them shut."""
    tried = {each.split()[-1] for each in WAYS_OUT if each.startswith("CREATE EXTENSION")}
    async with connected(stack.clusters[CLUSTER[BOX]].dsn("postgres")) as connection:
        rows = await connection.fetch("select name from pg_available_extensions")
    assert tried == {"dblink", "postgres_fdw", "file_fdw"}
    assert tried <= {row["name"] for row in rows}


COLUMNS = """
select table_name || '.' || column_name as name, data_type as type
from information_schema.columns where table_schema = 'public'
"""
PERSONAL = ("name", "mail", "phone", "address", "birth", "hmac", "identity", "code", "person")
CHOSEN = ("ballot", "choice", "commitment", "sealed", "token.key")
# What keeps an address whatever it is called.
ADDRESSES = ("inet", "cidr", "macaddr", "macaddr8")


@pytest.mark.parametrize(("process", "others"), [(ROLL, CHOSEN), (BOX, PERSONAL)])
async def test_a_database_has_no_place_for_what_is_the_others(
    database: DatabaseFactory, process: str, others: Sequence[str]
) -> None:
    made = await database(process)
    async with connected(made.superuser) as connection:
        columns = {row["name"]: row["type"] for row in await connection.fetch(COLUMNS)}
    assert columns and not set(columns.values()) & set(ADDRESSES)
    # What all processes have: people's roles, messages under way, what was covered.
    shared = ("outbox", "inbox", "service_key", "database_mark", "heard_", "proving_", "alembic")
    own = [name for name in columns if not name.startswith(shared)]
    assert own and not [name for name in own if any(word in name for word in others)]


@pytest.mark.parametrize("process", [ROLL, BOX])
def test_neither_is_told_a_secret_of_the_other(stack: Stack, process: str) -> None:
    """Whoever reads the environment of one finds no password, no key and no place of the other."""
    found = {each.name: stack.environment_of(each) for each in PROCESSES if each.name in OTHER}
    mine, theirs = found[process], found[OTHER[process]]
    told = json.dumps(mine)
    for name in (
        "COMPTOIR_DATABASE",
        "COMPTOIR_DESK_KEY",
        "COMPTOIR_KAFKA_PASSWORD",
        "COMPTOIR_KEYS",
        "COMPTOIR_MARK",
    ):
        assert theirs[name] not in told, name
    assert f":{stack.clusters[CLUSTER[OTHER[process]]].port}/" not in told
