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
            )
        },
    ),
    "voter told at once": Leak("told and seen", {"told_at_once": True}),
}
