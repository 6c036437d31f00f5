"""What each process says about itself: complete, valid for other people's tools, as committed."""

import copy
import json
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from comptoir.processes import PROCESSES
from comptoir.topics import declared_topics, milliseconds
from ledger.sequence import PUBLISHERS
from shared.events import ALL, Event
from shared.events.dead import DeadLetter
from shared.events.earlier import TODAY
from shared.events.event import Ledgered
from shared.messages import key_template
from shared.openapi import bare_routes
from shared.topics import kept
from tests.contracts.processes import PUBLISHES, applications, asked, publishers
from tests.contracts.revisions import current, samples
from tests.contracts.validators import findings, install

type Documents = dict[str, dict[str, Any]]

# Neither has a database or a broker; the witness is not one of a platform's.
NAMES = [*(process.name for process in PROCESSES), "voting.booth", "ledger.witness"]
TOPICS = declared_topics()
ON_A_TOPIC = [event for event in ALL if event.topic not in ("none", "*.dead")]

every_process = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, FastAPI]:
    """Every process, put together."""
    return applications(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
async def asyncapi(apps: Mapping[str, FastAPI]) -> Documents:
    """What each process serves at /asyncapi.json."""
    return {name: (await asked(app, "/asyncapi.json")).json() for name, app in apps.items()}


@pytest.fixture(scope="module")
async def openapi(apps: Mapping[str, FastAPI]) -> Documents:
    """What each process serves at /openapi.json."""
    return {name: (await asked(app, "/openapi.json")).json() for name, app in apps.items()}


@pytest.fixture(scope="module")
def golden() -> dict[str, Any]:
    """The last golden sample of every event."""
    return {event.type: samples(event)[-1:] for event in ALL}


def test_other_people_s_validators_find_nothing(
    asyncapi: Documents, openapi: Documents, golden: dict[str, Any]
) -> None:
    """`@asyncapi/parser`, an OpenAPI validator, and Ajv for the golden samples."""
    install()
    assert asyncapi.keys() == openapi.keys() == set(NAMES)
    assert findings({"asyncapi": asyncapi, "openapi": openapi, "samples": golden}) == []


def test_they_do_find_what_is_wrong(
    asyncapi: Documents, openapi: Documents, golden: dict[str, Any]
) -> None:
    install()
    box = copy.deepcopy(asyncapi["voting.box"])
    box["operations"]["send.voting.ballots"]["channel"] = {"$ref": "#/channels/none"}
    roll = copy.deepcopy(asyncapi["voting.roll"])
    roll["channels"]["voting.rounds"]["messages"] = []
    count = copy.deepcopy(asyncapi["voting.count"])
    count["components"]["schemas"]["voting.ballot-cast.v1"]["properties"]["tier"] = {"const": 1}
    http = copy.deepcopy(openapi["voting.box"])
    del http["paths"]["/ballots"]["post"]["responses"]
    http["paths"]["/ballots"]["post"]["parameters"] = "none"
    broken = {"box": box, "roll": roll, "count": count}
    found = findings({"asyncapi": broken, "openapi": {"box": http}, "samples": golden})
    for document in ("asyncapi of box", "asyncapi of roll", "openapi of box"):
        assert any(each.startswith(document) for each in found), found
    assert any("voting.ballot-cast.v1 body" in each for each in found), found


def test_processes_topics_and_ledger_agree_on_who_publishes() -> None:
    for event in ON_A_TOPIC:
        named = publishers(event)
        assert named, f"no process says that it publishes {event.type}"
        assert set(named) <= set(TOPICS[event.topic].writes)
        if event.ledgered is not Ledgered.NO:
            assert [PUBLISHERS[event.topic]] == named
    for topic, declared in TOPICS.items():
        says = {p for p, events in PUBLISHES.items() if any(e.topic == topic for e in events)}
        if any(event.topic == topic for event in ON_A_TOPIC):
            assert says == set(declared.writes), topic


def test_topics_are_kept_as_the_contracts_say() -> None:
    for name, topic in TOPICS.items():
        keeping = kept(name)
        assert keeping.partitions == topic.partitions
        assert (keeping.cleanup, keeping.retention_ms) == (
            topic.cleanup,
            milliseconds(topic.retention),
        ), name


@every_process
def test_a_document_names_every_topic_that_its_process_may_meet(
    name: str, asyncapi: Documents
) -> None:
    """Where an ACL allows more than this, either the ACL or the process lacks something."""
    written = {op["channel"]["$ref"] for op in of(asyncapi[name], "send")}
    read = {op["channel"]["$ref"] for op in of(asyncapi[name], "receive")}
    for topic in written | read:
        address = topic.removeprefix("#/channels/")
        assert topic not in written or name in TOPICS[address].writes
        assert topic not in read or name in TOPICS[address].reads


@every_process
def test_what_a_process_consumes_is_what_its_inboxes_do(
    name: str, asyncapi: Documents, apps: Mapping[str, FastAPI]
) -> None:
    process = apps[name].state.process
    wanted = {
        f"receive.{subscription.name}.{topic}"
        for subscription in process.subscriptions
        for topic in subscription.topics
    }
    operations = asyncapi[name]["operations"]
    assert {each for each in operations if each.startswith("receive.")} == wanted
    dead = {
        f"send.{topic}.dead"
        for subscription in process.subscriptions
        for topic in subscription.topics
    }
    assert dead <= operations.keys()
    for operation in wanted:
        assert operations[operation]["messages"], f"{operation} handles nothing"


def of(document: dict[str, Any], action: str) -> list[dict[str, Any]]:
    """The operations of one kind."""
    return [each for each in document["operations"].values() if each["action"] == action]


def kind(event: type[Event]) -> str:
    return event.type


@pytest.mark.parametrize("event", ON_A_TOPIC, ids=kind)
def test_a_payload_is_the_committed_schema(event: type[Event], asyncapi: Documents) -> None:
    committed = current(event)
    assert committed is not None
    for name in publishers(event) if event not in TODAY else ():
        components = asyncapi[name]["components"]["schemas"]
        served = resolved(components[event.type], components, "#/components/schemas/")
        wanted = resolved(committed, committed.get("$defs", {}), "#/$defs/")
        words = ("$schema", "$id", "$defs", "x-topic", "x-ledgered")
        assert served == {k: v for k, v in wanted.items() if k not in words}


# Which alternative a field chooses, in a form that AsyncAPI does not have.
OPENAPI_ONLY = "discriminator"


def resolved(schema: Any, definitions: Mapping[str, Any], prefix: str) -> Any:
    """A schema without references, tuples as draft 7 has them."""
    if isinstance(schema, list):
        return [resolved(part, definitions, prefix) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if (named := schema.get("$ref")) is not None:
        beside = {k: v for k, v in schema.items() if k != "$ref"}
        found = definitions[named.removeprefix(prefix)]
        return resolved(found | beside, definitions, prefix)
    parts = {k: resolved(v, definitions, prefix) for k, v in schema.items() if k != OPENAPI_ONLY}
    return {"items" if k == "prefixItems" else k: v for k, v in parts.items()}


@pytest.mark.parametrize("event", ALL, ids=kind)
def test_a_key_is_made_of_the_fields_that_the_contract_names(event: type[Event]) -> None:
    for sample in samples(event):
        assert key_template(event).format(**json.loads(sample["body"])) == sample["key"]


def test_the_box_carries_no_trace(asyncapi: Documents) -> None:
    messages = asyncapi["voting.box"]["components"]["messages"]
    published: list[type[Event]] = [*PUBLISHES["voting.box"], DeadLetter]
    for event in published:
        assert "traceparent" not in messages[event.type]["headers"]["properties"]
    count = asyncapi["voting.count"]["components"]["messages"]
    assert "traceparent" in count["voting.round-opened.v2"]["headers"]["properties"]


class _Loads(HTMLParser):
    """What a page would load, run or send."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "link", "img", "iframe", "form", "object", "embed", "button"):
            self.found.append(tag)
        for name, value in attributes:
            elsewhere = name in ("src", "href") and not (value or "").startswith("/")
            if elsewhere or name == "style" or name.startswith("on"):
                self.found.append(f"{tag} {name}={value}")


@every_process
async def test_the_page_loads_nothing_and_sends_nothing(
    name: str, apps: Mapping[str, FastAPI], asyncapi: Documents
) -> None:
    answer = await asked(apps[name], "/asyncapi")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    loads = _Loads()
    loads.feed(answer.text)
    assert loads.found == []
    for topic, channel in asyncapi[name]["channels"].items():
        assert f"<code>{topic}</code>" in answer.text
        for message in channel["messages"]:
            assert f"<code>{message}</code>" in answer.text


@every_process
def test_every_route_is_in_the_http_document(
    name: str, apps: Mapping[str, FastAPI], openapi: Documents
) -> None:
    paths = openapi[name]["paths"]
    # How FastAPI keeps what it includes; where that changes, nothing is found.
    included = [getattr(route, "original_router", None) for route in apps[name].routes]
    routers = [router for router in included if isinstance(router, APIRouter)]
    assert len(routers) >= 2
    bare = {route.path for route in bare_routes(routers)}
    assert bare <= paths.keys()
    for router in routers:
        for route in router.routes:
            assert isinstance(route, Route)
            shown = router.include_in_schema and route.include_in_schema
            if isinstance(route, APIRoute) and shown:
                assert route.path_format in paths
    for path, operations in paths.items():
        for method, operation in operations.items():
            refused = operation["responses"]["default"]["$ref"]
            assert refused == "#/components/responses/Refused", (path, method)


@every_process
async def test_the_codes_of_a_process_are_those_of_its_refusals(
    name: str, apps: Mapping[str, FastAPI], openapi: Documents
) -> None:
    problem = openapi[name]["components"]["schemas"]["Problem"]["properties"]
    codes = set(problem["code"]["enum"])
    assert {"malformed", "not_found", "method_not_allowed", "unavailable"} <= codes
    missing = await asked(apps[name], "/nothing-here")
    assert missing.json()["code"] in codes and missing.json()["status"] in problem["status"]["enum"]
    assert missing.headers["content-type"] == "application/problem+json"
    if name == "voting.box":
        assert {"token_invalid", "voting_closed", "ballot_malformed", "revision_taken"} <= codes
    if name == "voting.roll":
        assert {"code_used", "code_unknown", "not_open", "signer_unavailable"} <= codes


def test_what_goes_past_fastapi_is_documented(openapi: Documents) -> None:
    cast = openapi["voting.box"]["paths"]["/ballots"]["post"]
    assert cast["requestBody"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/BallotCast"
    }
    token = openapi["voting.roll"]["paths"]["/rounds/{round_id}/tokens"]["post"]
    assert [each["name"] for each in token["parameters"]] == ["round_id"]
    assert set(token["responses"]) == {"201", "default"}
