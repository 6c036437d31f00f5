"""Topics and ACLs as code: `deploy/kafka/topics.yaml` compared with a broker, and applied to it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import yaml
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # it does export them
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ConfigSource,
    NewTopic,
)
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from comptoir.acls import TIMEOUT, Acl, grant, granted, results, revoke
from comptoir.errors import LauncherError, TopicsDiffer

DECLARED = Path(__file__).resolve().parents[2] / "kafka" / "topics.yaml"
# A dead letter holds the record that could not be read, headers and all, in base64: a record of
# the broker's default limit, 1 MiB, has to fit.
DEAD_RECORD_BYTES = 4 * 1024 * 1024
_UNITS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}


class Topic(BaseModel):
    """One topic of `topics.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    partitions: int = Field(ge=1)
    retention: str
    cleanup: Literal["delete", "compact"] = "delete"
    segment: str | None = None
    max_compaction_lag: str | None = None
    tombstones: str | None = None
    dead_retention: str = "14d"
    max_record_bytes: int | None = None
    ledgered: Literal[True] | str
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def config(self) -> dict[str, str]:
        """The broker's settings for it."""
        settings = {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(milliseconds(self.retention)),
        }
        if self.segment is not None:
            settings["segment.ms"] = str(milliseconds(self.segment))
        if self.max_compaction_lag is not None:
            settings["max.compaction.lag.ms"] = str(milliseconds(self.max_compaction_lag))
        if self.tombstones is not None:
            settings["delete.retention.ms"] = str(milliseconds(self.tombstones))
        if self.max_record_bytes is not None:
            settings["max.message.bytes"] = str(self.max_record_bytes)
        return settings

    def dead(self) -> "Topic | None":
        """Where its readers put what they cannot read. A dashboard keeps nothing."""
        writers = tuple(reader for reader in self.reads if reader != "dashboard")
        if not writers:
            return None
        return Topic(
            partitions=1,
            retention=self.dead_retention,
            segment=self.segment,
            max_record_bytes=DEAD_RECORD_BYTES,
            ledgered="what could not be read is not what happened",
            writes=writers,
            reads=("operator",),
        )


@dataclass
class Difference:
    """What a broker lacks, or has too much, of what is declared."""

    missing_topics: list[str] = field(default_factory=list)
    partitions: list[str] = field(default_factory=list)
    config: dict[str, dict[str, str | None]] = field(default_factory=dict)
    missing_acls: list[Acl] = field(default_factory=list)
    extra_acls: list[Acl] = field(default_factory=list)

    def lines(self) -> list[str]:
        """A sentence for each difference; none where there is none."""
        return [
            *(f"topic {name} is missing" for name in self.missing_topics),
            *self.partitions,
            *(
                f"topic {name}: {key} should be {'unset' if value is None else value}"
                for name, entries in self.config.items()
                for key, value in entries.items()
            ),
            *(f"missing: {acl}" for acl in self.missing_acls),
            *(f"not declared: {acl}" for acl in self.extra_acls),
        ]


def milliseconds(duration: str) -> int:
    """`forever`, or a number with s, m, h or d."""
    if duration == "forever":
        return -1
    number, unit = duration[:-1], duration[-1:]
    if not number.isdecimal() or unit not in _UNITS:
        raise LauncherError(f"{duration!r} is neither 'forever' nor like 24h or 14d")
    return int(number) * _UNITS[unit]


def declared_topics(file: Path = DECLARED) -> dict[str, Topic]:
    """Every topic by name, dead letters included."""
    try:
        listed = yaml.safe_load(file.read_text())["topics"]
        topics = {name: Topic.model_validate(entry) for name, entry in listed.items()}
    except FileNotFoundError:
        raise LauncherError(f"there is no {file}") from None
    except (yaml.YAMLError, ValidationError, KeyError, TypeError) as error:
        raise LauncherError(f"{file}: {error}") from error
    dead = {f"{name}.dead": topic.dead() for name, topic in topics.items()}
    return topics | {name: topic for name, topic in dead.items() if topic is not None}


def declared_acls(topics: dict[str, Topic]) -> set[Acl]:
    """What each principal may do. No consumer group is ever used, so none is allowed."""
    acls: set[Acl] = set()
    for name, topic in topics.items():
        for principal in topic.writes:
            acls |= {Acl("TOPIC", name, principal, o) for o in ("WRITE", "DESCRIBE")}
            acls.add(Acl("BROKER", "kafka-cluster", principal, "IDEMPOTENT_WRITE"))
        for principal in topic.reads:
            acls |= {Acl("TOPIC", name, principal, o) for o in ("READ", "DESCRIBE")}
    return acls


def principals(topics: dict[str, Topic]) -> set[str]:
    """Everybody who reads or writes something."""
    return {name for topic in topics.values() for name in (*topic.writes, *topic.reads)}


def difference(admin: AdminClient, topics: dict[str, Topic]) -> Difference:
    """Compare a broker with what is declared. Topics that are not declared are left alone."""
    counts = _partition_counts(admin)
    found = Difference(missing_topics=[name for name in topics if name not in counts])
    present = [name for name in topics if name in counts]
    found.partitions = [
        f"topic {name} has {counts[name]} partitions, declared are {topics[name].partitions}"
        for name in present
        if counts[name] != topics[name].partitions
    ]
    for name, actual in sorted(_overrides(admin, present).items()):
        wanted = topics[name].config()
        changes: dict[str, str | None] = {k: v for k, v in wanted.items() if actual.get(k) != v}
        changes |= {key: None for key in sorted(actual.keys() - wanted.keys())}
        if changes:
            found.config[name] = changes
    actual_acls, wanted_acls = granted(admin), declared_acls(topics)
    found.missing_acls = sorted(wanted_acls - actual_acls)
    found.extra_acls = sorted(actual_acls - wanted_acls)
    return found


def apply(admin: AdminClient, topics: dict[str, Topic]) -> list[str]:
    """Make a broker as declared; what was changed, a sentence each. Twice changes nothing.

    Raises `TopicsDiffer` before anything is changed where a partition count differs: changing it
    would move keys to other partitions, and with them their order.
    """
    found = difference(admin, topics)
    if found.partitions:
        raise TopicsDiffer("; ".join(found.partitions))
    _create_topics(admin, {name: topics[name] for name in found.missing_topics})
    _alter_config(admin, found.config)
    grant(admin, found.missing_acls)
    revoke(admin, found.extra_acls)
    if found.lines():
        _wait_until_applied(admin, topics)
    return found.lines()


def _wait_until_applied(admin: AdminClient, topics: dict[str, Topic]) -> None:
    """A broker answers from its own copy of the controller's metadata, a moment later."""
    deadline = time.monotonic() + TIMEOUT
    while lines := difference(admin, topics).lines():
        if time.monotonic() > deadline:
            raise LauncherError(f"the broker did not take over: {'; '.join(lines[:5])}")
        time.sleep(0.05)


def _create_topics(admin: AdminClient, topics: dict[str, Topic]) -> None:
    if topics:
        new = [
            NewTopic(name, num_partitions=t.partitions, replication_factor=-1, config=t.config())
            for name, t in topics.items()
        ]
        results(admin.create_topics(new, operation_timeout=TIMEOUT).values())


def _alter_config(admin: AdminClient, changes: dict[str, dict[str, str | None]]) -> None:
    resources = [
        ConfigResource(
            ConfigResource.Type.TOPIC,
            name,
            incremental_configs=[
                ConfigEntry(
                    key,
                    value,
                    incremental_operation=AlterConfigOpType.DELETE
                    if value is None
                    else AlterConfigOpType.SET,
                )
                for key, value in entries.items()
            ],
        )
        for name, entries in changes.items()
    ]
    if resources:
        results(admin.incremental_alter_configs(resources).values())


def _partition_counts(admin: AdminClient) -> dict[str, int]:
    listed = admin.list_topics(timeout=TIMEOUT).topics
    return {name: len(topic.partitions) for name, topic in listed.items()}


def _overrides(admin: AdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """What is set on each topic itself, as opposed to a default."""
    if not names:
        return {}
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name) for name in names]
    return {
        resource.name: {
            key: entry.value
            for key, entry in future.result(timeout=TIMEOUT).items()
            if entry.source == ConfigSource.DYNAMIC_TOPIC_CONFIG.value
        }
        for resource, future in admin.describe_configs(resources).items()
    }
