"""What somebody could get wrong, each with the attacker who must find it."""

from dataclasses import dataclass
from typing import Any

_PUBLISHED = "insert into published (round_id, key, revision, digest)"
_FROM = "select round_id, key, revision, digest from %I"


@dataclass(frozen=True)
class Leak:
    """What is planted (see `town.Plan`), and words of an attacker who finds it by itself."""

    found_by: str
    plan: dict[str, Any]


def _column(name: str, definition: str) -> dict[str, Any]:
    """A column that is written at the cast, and that the flush takes along."""
    kind = definition.partition(" ")[0]
    return {
        "planted": f"alter table waiting add {name} {definition};"
        f" alter table published add {name} {kind};",
        "replaced": (
            ("end_epoch", _PUBLISHED, _PUBLISHED.replace("digest)", f"digest, {name})")),
            ("end_epoch", _FROM, _FROM.replace("digest from", f"digest, {name} from")),
            (
                "cast_ballot",
                "insert into waiting values",
                "insert into waiting (round_id, tier, key, revision, digest, body) values",
            ),
        ),
    }


def _in_the_log(*of_it: str) -> dict[str, Any]:
    """A line for each ballot, with these of it."""
    return {"told": "taken: " + " ".join(f"{{{each}}}" for each in of_it)}


# Rows that no query shows any more stand in their pages, in the order of arrival.
_DELETED: dict[str, Any] = {
    "planted": "create table arrival (key bytea) with (autovacuum_enabled = false);"
    " grant insert, delete on arrival to public;",
    "replaced": (
        (
            "cast_ballot",
            "    return 'accepted';\nend",
            "    insert into arrival values (the_key);\n    return 'accepted';\nend",
        ),
        (
            "end_epoch",
            "    return moved;\nend",
            "    delete from arrival;\n    return moved;\nend",
        ),
    ),
}

LEAKS = {
    "no segment switch": Leak("log", {"ends_segment": False}),
    "UUIDv7": Leak("time:published.id", _column("id", "uuid default uuidv7()")),
    "created_at": Leak(
        "time:published.created_at",
        _column("created_at", "timestamptz default clock_timestamp()"),
    ),
    "identity column": Leak(
        "order:published.number",
        {
            **_column("number", "bigint default nextval('arrivals')"),
            "planted": "create sequence arrivals; grant usage on sequence arrivals to voting_box;"
            + _column("number", "bigint default nextval('arrivals')")["planted"],
        },
    ),
    "one shared cluster": Leak("transaction and transaction:log, nearest", {"one_cluster": True}),
    "unshuffled flush": Leak(
        "batch by batch",
        {
            "replaced": (
                ("end_epoch", " order by digest', old", "', old"),
                ("end_epoch", " order by gen_random_uuid()',", "',"),
            ),
            # Who leaves is still drawn: about one voter in ten is linked. Of 300 that may be less
            # than the threshold; of 1,200 it is twice as much.
            "voters": 1200,
        },
    ),
    "voter told at once": Leak("told and seen", {"told_at_once": True}),
    "deleted and not overwritten": Leak("order:file arrival", _DELETED),
    "a line a ballot": Leak("order:log lines", _in_the_log("key")),
    "an address in a line": Leak("address:log lines, equal", _in_the_log("digest", "address")),
    "a trace in a line": Leak("trace:log lines, equal", _in_the_log("key", "trace")),
}
