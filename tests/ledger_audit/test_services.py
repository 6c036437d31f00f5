"""Decisions and closings are signed by their services: what somebody else makes up shows."""

import json
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.sequence import PUBLISHERS
from ledger_audit import Policy, Verified, read, rounds, verify
from ledger_audit import services as services_module
from ledger_audit.errors import Tampered, Unsigned
from ledger_audit.follow import Follower
from ledger_audit.services import (
    BEFORE,
    KEYS,
    MOST_KEYS,
    MOST_TRIED,
    MOST_WAITING,
    SIGNED,
    SOURCES,
    Services,
)
from shared.events import BY_TYPE, Event
from shared.events.administration import ServiceKeyAnnounced
from shared.events.earlier import AllocationPublishedV1, OptionDecidedV1, RoundOpenedV1
from shared.events.event import Signed
from shared.events.ledger import LogBegun, LogFrozen, ServiceKeyAdded
from shared.events.projects import DossierFiled
from shared.events.voting import BoxClosed, CountKeyAnnounced, OptionDecided, RoundClosed
from shared.signing import ServiceKey
from tests.ledger_audit.logs import EDITION, EDITION_VKEY, NOW, Log, identity, publish

LOG = "edition"
COUNT, BOX = "voting.count", "voting.box"
ONE, TWO, THREE = (
    ServiceKey(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in (1, 2, 3)
)
OFFICERS = (UUID(int=1), UUID(int=2))
Said = tuple[str, Event, UUID]


def begun(**keys: ServiceKey) -> Said:
    known = {src.replace("_", "."): (key.public,) for src, key in keys.items()}
    event = LogBegun(
        log=LOG,
        origin=f"ledger.example.org/{LOG}",
        programme_id=uuid4(),
        charter="0" * 64,
        rehearsal=True,
        service_keys=known,
    )
    return "ledger", event, uuid4()


def closing(key: ServiceKey | None = ONE, **where: Any) -> Said:
    """A closing of count, signed for the place that it has, or another one."""
    return said(COUNT, RoundClosed(round_id=uuid4(), closed_at=NOW), key, **where)


def said(src: str, event: Signed, key: ServiceKey | None, **where: Any) -> Said:
    event_id = uuid4()
    if key is not None:
        signed_for: dict[str, Any] = {"event_id": event_id, "source": src, "log": LOG} | where
        event = key.signed(event, **signed_for)
    return src, event, event_id


def added(key: ServiceKey, by: ServiceKey | None = None, src: str = COUNT) -> Said:
    """Another key, vouched for by one before."""
    announced, event_id = CountKeyAnnounced(service_key=key.public), uuid4()
    if by is not None:
        vouching = ServiceKey(key.private, by.private)
        announced = vouching.vouched(announced, event_id=event_id, source=src, log="platform")
    event = ServiceKeyAdded(
        src=src,
        service_key=key.public,
        event_id=event_id,
        event_type=announced.type,
        signature=announced.signature,
    )
    return "ledger", event, uuid4()


def verdict(*entries: Said) -> Services:
    """What the auditor says of a log. Raises `Tampered`."""
    services, numbers = Services(), dict[str, int]()
    for index, (src, event, event_id) in enumerate(entries):
        numbers[src] = numbers.get(src, 0) + 1
        body = json.loads(event.body())
        services.take(index, src, numbers[src], event.type, str(event_id), body)
    services.check(numbers, len(entries))
    return services


def test_what_services_sign_is_what_they_publish() -> None:
    signed = {kind for kind, event in BY_TYPE.items() if issubclass(event, Signed)}
    keys = {kind for kind, event in BY_TYPE.items() if issubclass(event, ServiceKeyAnnounced)}
    assert keys == KEYS.keys()
    assert signed - keys == SIGNED.keys()


def test_whoever_publishes_what_counting_relies_on_is_known_by_its_type() -> None:
    before: list[type[Event]] = [AllocationPublishedV1, OptionDecidedV1, RoundOpenedV1]
    topics = {event.type: event.topic for event in (*BY_TYPE.values(), *before)}
    assert {kind: PUBLISHERS[topics[kind]] for kind in SOURCES} == SOURCES
    assert {*rounds._FORMS, *rounds._ONCE, *rounds._OFTEN} <= SOURCES.keys()


def test_a_signed_closing_is_good_wherever_its_key_stands() -> None:
    assert verdict(begun(voting_count=ONE), closing()).unsigned == 0
    assert verdict(begun(), closing(), added(ONE)).unsigned == 0


def test_a_closing_without_a_signature_is_found() -> None:
    with pytest.raises(Tampered, match=r"entry 1: no key of voting\.count signed it") as found:
        verdict(begun(voting_count=ONE), closing(None))
    assert (found.value.step, found.value.index) == (12, 1)


@pytest.mark.parametrize(
    "made_up",
    [
        lambda: closing(TWO),
        lambda: closing(ONE, log="another"),
        lambda: closing(ONE, event_id=uuid4()),
        lambda: closing(ONE, source=BOX),
    ],
    ids=["another key", "another log", "another event", "another publisher"],
)
def test_a_closing_that_count_did_not_sign_is_taken_by_nobody_and_found_at_the_end(
    made_up: Callable[[], Said],
) -> None:
    entries = begun(voting_count=ONE), made_up()
    with pytest.raises(
        Unsigned, match=r"entry 1: no key of voting\.count that this log has so far"
    ):
        verdict(*entries)
    frozen = LogFrozen(log=LOG, numbers={COUNT: 1}, officers=OFFICERS)
    with pytest.raises(Tampered, match=r"entry 1: no key of voting\.count signed it") as found:
        verdict(*entries, ("ledger", frozen, uuid4()))
    assert (found.value.step, found.value.index) == (12, 1)


def test_a_closing_may_stand_before_the_key_that_count_changed_to() -> None:
    entries = begun(voting_count=ONE), closing(TWO)
    with pytest.raises(Unsigned):
        verdict(*entries)
    assert verdict(*entries, added(TWO, by=ONE)).unsigned == 0


def of_before(kind: str) -> Said:
    """A decision of a version that had no signatures."""
    if kind == AllocationPublishedV1.type:
        numbers = dict.fromkeys(("budget", "spent", "ballots", "options", "funded"), 1)
        event: Event = AllocationPublishedV1(
            round_id=uuid4(), rule="greedy", digest="0" * 64, **numbers
        )
    else:
        event = OptionDecidedV1(
            round_id=uuid4(),
            option_id=uuid4(),
            number=1,
            rank=1,
            votes=1,
            cost=1,
            funded=True,
            reason="funded",
            left=1,
        )
    return COUNT, event, uuid4()


@pytest.mark.parametrize("kind", BEFORE)
def test_a_decision_of_a_version_without_signatures_is_counted_and_none_behind_a_key(
    kind: str,
) -> None:
    assert verdict(begun(), of_before(kind), added(ONE), closing()).unsigned == 1
    with pytest.raises(Tampered, match=r"entry 1: no key of voting\.count signed it"):
        verdict(begun(voting_count=ONE), of_before(kind))


@pytest.mark.parametrize("signature", ["", "AAAA", "%", "A" * 87, "A" * 60_000, None, 7])
def test_what_is_no_signature_is_not_remembered(signature: object) -> None:
    services = verdict(begun(voting_count=ONE))
    with pytest.raises(Tampered, match="entry 1: no key"):
        services.take(1, COUNT, 1, RoundClosed.type, "x", {"signature": signature})
    assert services._waiting == []


def test_a_signature_has_one_form() -> None:
    src, event, event_id = closing()
    body = json.loads(event.body())
    # Four bits of its last character are spare.
    start, last = body["signature"][:-3], body["signature"][-3]
    other = start + {"A": "B", "Q": "R", "g": "h", "w": "x"}[last] + "=="
    services = verdict(begun(voting_count=ONE))
    services.take(1, src, 1, event.type, str(event_id), {**body, "signature": other})
    with pytest.raises(Unsigned):
        services.check({COUNT: 1}, 2)


def test_a_key_that_is_taken_already_is_no_other_one() -> None:
    services = Services()
    for index in range(2):
        body = {"service_key": ONE.public}
        services.take(index, COUNT, index + 1, CountKeyAnnounced.type, str(uuid4()), body)
    assert services.unvouched == []


def test_a_decision_that_was_changed_is_found() -> None:
    decided = OptionDecided(
        round_id=uuid4(),
        option_id=uuid4(),
        number=1,
        votes=3,
        cost=400,
        funded=False,
        reason="does_not_fit",
        amount=0,
        facts={},
    )
    src, event, event_id = said(COUNT, decided, ONE)
    verdict(begun(voting_count=ONE), (src, event, event_id))
    lie = event.model_copy(update={"votes": 4})
    with pytest.raises(Unsigned, match="entry 1"):
        verdict(begun(voting_count=ONE), (src, lie, event_id))


def test_what_is_from_before_the_log_knew_a_key_is_counted_and_nothing_later() -> None:
    assert verdict(begun(), closing(None), added(ONE), closing()).unsigned == 1
    with pytest.raises(Tampered, match="entry 2"):
        verdict(begun(), added(ONE), closing(None))


def test_a_later_key_is_vouched_for_by_one_before() -> None:
    verdict(begun(voting_count=ONE), added(TWO, by=ONE), closing(TWO), added(THREE, by=TWO))
    for by in (None, TWO, THREE):
        with pytest.raises(Tampered, match=r"entry 1: no earlier key of voting\.count vouches"):
            verdict(begun(voting_count=ONE), added(TWO, by=by), closing(TWO))


def replaced(key: ServiceKey, src: str = COUNT, *officers: UUID) -> dict[str, Any]:
    """The body of two officers' word for a key."""
    named = [str(each) for each in officers or OFFICERS]
    return {"src": src, "service_key": key.public, "reason": "0" * 64, "officers": named}


REPLACED = "ledger.service-key-replaced.v1"


def test_a_key_that_two_officers_gave_signs_and_is_named() -> None:
    services = verdict(begun(voting_count=ONE))
    services.take(1, "ledger", 2, REPLACED, str(uuid4()), replaced(TWO))
    src, event, event_id = closing(TWO)
    services.take(2, src, 1, event.type, str(event_id), json.loads(event.body()))
    services.check({COUNT: 1, "ledger": 2}, 3)
    assert services.replaced == [(COUNT, TWO.public, 1)]


@pytest.mark.parametrize("officers", [OFFICERS[:1] * 2, OFFICERS[:1], (*OFFICERS, UUID(int=3))])
def test_one_officer_gives_no_key(officers: tuple[UUID, ...]) -> None:
    services = verdict(begun(voting_count=ONE))
    with pytest.raises(Tampered, match="does not name two officers"):
        services.take(1, "ledger", 2, REPLACED, "x", replaced(TWO, COUNT, *officers))


def test_a_key_that_is_announced_and_vouched_for_by_nobody_is_named_and_not_taken() -> None:
    def announced(services: Services, index: int, key: ServiceKey) -> None:
        body = {"service_key": key.public}
        services.take(index, COUNT, index, CountKeyAnnounced.type, str(uuid4()), body)

    services = Services()
    announced(services, 1, ONE)
    announced(services, 2, TWO)
    assert services.unvouched == [(COUNT, TWO.public, 2)]
    src, event, event_id = closing(TWO, log="platform")
    services.take(3, src, 3, event.type, str(event_id), json.loads(event.body()))
    with pytest.raises(Unsigned, match="entry 3: no key"):
        services.check({COUNT: 3}, 4)
    services.take(4, "ledger", 1, REPLACED, "x", replaced(TWO))
    services.check({COUNT: 3, "ledger": 1}, 5)
    assert (services.unvouched, services.replaced) == ([], [(COUNT, TWO.public, 4)])


def test_the_last_keys_of_a_publisher_are_tried_first_and_few_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tried, verifies = list[str](), services_module._verifies

    def counted(key: str, signature: object, message: bytes) -> bool:
        tried.append(key)
        return verifies(key, signature, message)

    monkeypatch.setattr(services_module, "_verifies", counted)
    keys = {COUNT: [TWO.public] * (MOST_KEYS - 1) + [ONE.public]}
    services = Services()
    services.take(0, "ledger", 1, LogBegun.type, "x", {"log": LOG, "service_keys": keys})
    for number, key in enumerate((ONE, THREE), start=1):
        src, event, event_id = closing(key)
        services.take(number, src, number, event.type, str(event_id), json.loads(event.body()))
        assert len(tried) == (1, 1 + MOST_TRIED)[number - 1]


def test_another_service_cannot_close() -> None:
    closed = BoxClosed(round_id=uuid4(), ballots=0, keys=0, last_number=0)
    with pytest.raises(Tampered, match=r"said by voting\.count"):
        verdict(begun(voting_count=ONE), said(COUNT, closed, ONE))


def test_a_last_number_comes_before_its_closing() -> None:
    for last_number in (1, 5):
        closed = BoxClosed(round_id=uuid4(), ballots=0, keys=0, last_number=last_number)
        with pytest.raises(Tampered, match=f"its last number is {last_number}"):
            verdict(begun(), said(BOX, closed, None))


def test_a_frozen_log_has_the_numbers_it_states_and_nothing_behind_it() -> None:
    frozen = LogFrozen(log=LOG, numbers={COUNT: 1}, officers=OFFICERS)
    end = ("ledger", frozen, uuid4())
    verdict(begun(), closing(None), end)
    with pytest.raises(Tampered, match="the last numbers that it states are others"):
        verdict(begun(), closing(None), closing(None), end)
    with pytest.raises(Tampered, match="entry 3: it follows the entry that ended its log"):
        verdict(begun(), closing(None), end, closing(None))


def test_hostile_entries_are_refused_and_crash_nothing() -> None:
    for body in (
        {},
        {"service_keys": 1},
        {"service_keys": {"a": 1}},
        {"log": 3, "service_keys": {"a": [3]}},
    ):
        with pytest.raises(Tampered):
            Services().take(0, "ledger", 1, "ledger.log-begun.v1", "x", body)
    services = Services()
    begins = {"log": LOG, "service_keys": {COUNT: ["A", "%", b64encode(b"1").decode()]}}
    services.take(0, "ledger", 1, "ledger.log-begun.v1", "x", begins)
    with pytest.raises(Tampered, match="no key"):
        services.take(1, COUNT, 1, "voting.round-closed.v1", "x", {"signature": 7})
    services.take(2, COUNT, 2, "voting.round-closed.v1", "x", {"signature": "%" * 88})
    with pytest.raises(Unsigned, match="entry 2: no key"):
        services.check({}, 3)


def test_an_announcement_adds_a_key_of_whoever_published_it() -> None:
    body = {"src": BOX, "service_key": ONE.public}
    services = Services()
    services.take(0, COUNT, 1, CountKeyAnnounced.type, str(uuid4()), body)
    closing = BoxClosed(round_id=uuid4(), ballots=0, keys=0, last_number=0)
    src, closed, event_id = said(BOX, closing, ONE)
    services.take(1, src, 1, closed.type, str(event_id), json.loads(closed.body()))
    with pytest.raises(Unsigned, match=r"no key of voting\.box"):
        services.check({COUNT: 1, BOX: 1}, 2)


def test_what_an_auditor_remembers_is_bounded() -> None:
    many = {COUNT: [ONE.public] * MOST_KEYS}
    services = Services()
    services.take(0, "ledger", 1, LogBegun.type, "x", {"log": LOG, "service_keys": many})
    with pytest.raises(Tampered, match="more than"):
        services.take(1, "ledger", 2, ServiceKeyAdded.type, "x", {"src": BOX, "service_key": "A"})
    long = {"signature": "A" * 88, "reason": "x" * (MOST_WAITING // 4)}
    with pytest.raises(Tampered, match="entry 4: too much"):
        for index in range(1, 9):
            services.take(index, COUNT, index, RoundClosed.type, "x", long)


# From here on in whole logs, as `verify` reads them: bundle by bundle.


def closes(log: Log, key: ServiceKey | None) -> None:
    """Count closes a round, and signs it or not."""
    event = RoundClosed(round_id=uuid4(), closed_at=NOW)
    if key is not None:
        event_id = identity(COUNT, log.numbers[COUNT] + 1)
        event = key.signed(event, event_id=event_id, source=COUNT, log=LOG)
    log.append(event)


def refused(log: Log, directory: Path) -> tuple[int, int | None]:
    """Step and index of what `verify` finds."""
    with pytest.raises(Tampered) as found:
        verify(read(publish(log.entries, directory, origin=EDITION)), EDITION_VKEY)
    return found.value.step, found.value.index


def test_a_log_whose_services_signed_is_verified_and_one_that_was_made_up_is_not(
    tmp_path: Path,
) -> None:
    log = Log()
    log.append(begun()[1], "ledger")
    closes(log, None)
    closes(log, ONE)
    for _ in range(300):
        closes(log, ONE)
    log.append(added(ONE)[1], "ledger")
    assert (
        verify(read(publish(log.entries, tmp_path / "1", origin=EDITION)), EDITION_VKEY).unsigned
        == 1
    )
    closes(log, TWO)
    export = read(publish(log.entries, tmp_path / "2", origin=EDITION))
    with pytest.raises(Unsigned, match=f"entry {len(log.entries) - 1}: no key"):
        verify(export, EDITION_VKEY)
    log.append(added(TWO, by=ONE)[1], "ledger")
    assert (
        verify(read(publish(log.entries, tmp_path / "3", origin=EDITION)), EDITION_VKEY).unsigned
        == 1
    )
    closes(log, None)
    assert refused(log, tmp_path / "4") == (12, len(log.entries) - 1)


@pytest.mark.parametrize("more", [0, 1, 300])
def test_whatever_stands_behind_the_end_of_a_log_is_found(tmp_path: Path, more: int) -> None:
    log = Log()
    log.append(begun()[1], "ledger")
    closes(log, None)
    log.append(LogFrozen(log=LOG, numbers={COUNT: 1}, officers=OFFICERS), "ledger")
    for number in range(more):
        ids = identity("project", number), identity("programme")
        log.append(DossierFiled(project_id=ids[0], programme_id=ids[1], title="c" * 64, cost=1))
    if more:
        assert refused(log, tmp_path) == (12, 3)
    else:
        assert verify(read(publish(log.entries, tmp_path, origin=EDITION)), EDITION_VKEY).size == 3


def test_a_follower_waits_for_the_key_that_a_service_changed_to(tmp_path: Path) -> None:
    log, lengths = Log(), list[int]()
    log.append(begun(voting_count=ONE)[1], "ledger")
    closes(log, TWO)
    lengths.append(len(log.entries))
    log.append(added(TWO, by=ONE)[1], "ledger")
    closes(log, TWO)
    lengths.append(len(log.entries))
    export = read(publish(log.entries[: lengths.pop(0)], tmp_path, origin=EDITION))

    def grow() -> bool:
        return bool(lengths and publish(log.entries[: lengths.pop()], tmp_path, origin=EDITION))

    waiting, whole = Follower(export, Policy.of_key(EDITION_VKEY)).follow(grow)
    assert isinstance(waiting, Unsigned)
    assert isinstance(whole, Verified) and (whole.size, whole.unsigned) == (4, 0)
