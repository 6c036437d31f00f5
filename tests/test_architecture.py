"""What may import what, where SQL stands, how large modules are: the house rules, by reading.

No server is started and no module of a service is run; `make check` runs this file.
"""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("submission", "voting", "notification", "ledger")
MEMBERS = {
    "shared": ROOT / "shared",
    **{name: ROOT / "services" / name for name in SERVICES},
    "ledger_audit": ROOT / "services" / "ledger",
    "comptoir": ROOT / "deploy" / "local",
}
# What the auditor may lean on: as little as a second implementation in another language would.
AUDITOR_NEEDS = {"cryptography", "rfc8785"}
# What one module of it asks for when it is needed, as an extra: time stamps are read with it.
AUDITOR_EXTRA = ("ledger_audit.timestamps", "rfc3161_client")
# A module of these names is an edge, or the table of rows; every other one is a rule.
EDGES = {"__init__", "__main__", "app", "room", "rooms", "routes", "handlers", "queries", "tables"}
# Rules by name, they are not: each touches the outside, and nothing else does.
OUTSIDE = {
    "submission.showing": "shows refused forms again",
    "submission.carriers.erasing": "erases words, and announces it",
    "submission.carriers.agreeing": "finds carriers in order, and announces it",
    "submission.carriers.checking": "loads carriers, and locks their limits",
    "submission.carriers.consenting": "asks representatives, and keeps what they answer",
    "submission.carriers.joining": "records who has a part in a project, and announces it",
    "submission.carriers.organisations.keeping": "keeps organisations, and announces their words",
    "submission.carriers.keeping": "forgets carriers when their time has come",
    "submission.carriers.telling": "tells carriers",
    "submission.deadlines.firing": "does what is due",
    "submission.counters.cases": "loads and locks handoffs, and records their steps",
    "submission.counters.asking": "records what is asked of desks",
    "submission.counters.placing": "records places at sessions, and tells carriers",
    "submission.counters.returning": "records what goes back to carriers, and tells them",
    "submission.counters.timers": "does what a deadline asks for",
    "submission.gatherings.holding": "counts who came, and announces it",
    "submission.gatherings.publishing": "publishes the words of a session",
    "submission.projects.deposit.at_once": "deposits what needs no session",
    "submission.projects.deposit.deposit": "makes a deposit with what it announces",
    "submission.projects.deposit.forgetting": "forgets drafts when their time has come",
    "submission.projects.depositing": "records a deposited idea, and announces it",
    "submission.projects.finding": "loads and locks what an act is about",
    "submission.labelling.annulling": "takes back what an annulled round decided",
    "submission.labelling.grants": "freezes projects for bodies, and notes what they decide",
    "submission.projects.recording": "announces a project's events, and keeps them",
    "submission.documents.cleaning": "runs the process that takes a file apart",
    "submission.documents.handing": "looks who may read, and keeps tickets",
    "submission.documents.keeping": "keeps, removes and announces",
    "submission.documents.origin": "splits requests by host",
    "submission.documents.receiving": "reads the file of a form",
    "submission.documents.stores.database": "keeps bytes in rows",
    "submission.documents.stores.objects": "asks a store of objects",
    "submission.documents.stores.stores": "finds bytes where they are kept",
    "submission.documents.worker": "reads one file, writes another, and ends",
    "submission.imports.foreseeing": "asks what is there of the rows of a file",
    "submission.imports.keeping": "records rows, and announces them",
    "submission.imports.running": "reads files, and records them part by part",
    "submission.exports.files": "writes what queries read into files, and sends them",
    "submission.repeats": "reads a request's idempotency key",
    "voting.count.seats.voting": "gives seats, casts and closes, in its caller's transaction",
    "notification.keys": "keeps keys in files",
    "notification.sending": "claims, sends and notes",
    "notification.smtp": "speaks with a mail server",
    "submission.wording": "keeps and announces words",
    "submission.programmes.problems": "says in a reader's language what is wrong",
    "submission.labelling.rounds": "gives dossiers to the committee, and announces its labels",
    "submission.projects.moving": "withdraws, suspends, merges and splits, and announces it",
    "submission.projects.withdrawing.erased": "withdraws what was erased, and announces it",
    "submission.projects.reminding": "tells carriers what their dossiers lack still",
    "submission.projects.dossier.writing": "keeps a dossier and its words",
    "submission.projects.outcomes": "tells carriers what was decided",
    "submission.roles.granting": "grants and announces",
    "submission.programmes.acts": "does what two officers confirm",
    "submission.programmes.amending": "keeps and announces versions of a charter",
    "submission.programmes.history": "shows the versions of a charter",
    "submission.programmes.moving": "announces phases when they are due",
    "voting.page_script": "reads the script that was built",
    "voting.roll.keys": "makes and reads the file of its secret",
    "voting.roll.signer": "asks the signer",
    "voting.roll.telling": "announces messages that have waited",
    "voting.signer.keys": "makes and reads the files of its private keys",
    "voting.signer.answering": "reads questions, and answers them",
    "voting.booth.asking": "asks roll, box and count over HTTP",
    "voting.box.casting": "commits ballots that arrive together",
    "voting.box.flushing": "flushes what is due, and ends the database's log",
    "voting.box.origins": "adds a header to each answer",
    "voting.roll.round_keys": "makes, reads and removes the files of its rounds' keys",
    "voting.roll.messages": "seals messages, and announces them",
    "voting.roll.declared.registering": "keeps what is declared, and tells people",
    "voting.roll.declared.forgetting": "forgets what its time is over of",
    "voting.roll.held.acts": "does what two officers confirmed",
    "voting.roll.acts": "names what two officers do together",
    "voting.roll.reissues.acts": "does what two officers confirmed",
    "voting.roll.counter.acts": "does what two officers confirmed",
    "voting.roll.held.counting": "announces counts where they changed",
    "voting.roll.destroying.destroying": "removes keys and rows, and says so",
    "voting.roll.paper.announcing": "announces how many were marked",
    "voting.roll.counting": "announces counts when an interval ends",
    "voting.count.deciding": "loads and records what the rule decides",
    "voting.count.counting": "runs the counting process",
    "voting.count.worker": "reads requests and files, and measures how long it takes",
    "voting.count.moving": "records and announces a round's steps",
    "voting.count.paper.handling": "records and announces a batch's steps",
    "voting.count.commission.handling": "records and announces what a commission tells",
    "voting.count.sitting.opener": "opens ballots, batch by batch",
    "voting.count.desk.acts": "does what two officers confirmed",
    "voting.count.funding.acts": "records and announces what follows a decision",
    "voting.count.funding.fund": "reads and locks what a fund gave out",
    "voting.count.funding.loading": "loads grants",
    "voting.count.live.stream": "subscribes to Kafka, and looks into the database",
    "voting.count.live.following": "answers requests",
    "ledger.appending": "puts entries into logs",
    "ledger.arriving": "reads records",
    "ledger.desk.acts": "does what two officers confirmed",
    "ledger.export": "streams what queries read",
    "ledger.signer.follow": "watches the database's rows",
    "ledger.signer.files": "keeps keys and notes in files",
    "ledger.signer.sign": "claims, signs and commits",
    "ledger.origins": "adds a header to each answer",
    "ledger.rotation": "takes an operator's request",
    "ledger.signer.authorities": "reads the operator's file, and asks over HTTP",
    "ledger.signer.stamping": "asks authorities, and keeps what they answered",
    "ledger.stamps": "answers requests",
    "ledger.signer.cosigning": "asks witnesses, and reads what proves a size",
    "ledger.signer.rereading": "reads rows and tiles again",
    "ledger.signer.witnesses": "asks one witness over HTTP",
    "ledger.signer.watch": "measures how long is waited",
    "ledger.witness.store": "keeps what was cosigned in a file",
    "ledger.witness.trusted": "reads the operator's file",
    "ledger.witness.cosigning": "judges, keeps, and only then answers",
    "ledger.witness.following": "reads the platform logs of others",
}
FRAMEWORKS = {"fastapi", "starlette", "faststream", "sqlalchemy", "sqlmodel", "asyncpg", "aiokafka"}
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "misc"}
LARGE, TOO_LARGE = 300, 600

SQL = re.compile(
    r"""\s*(
        select\s+\S+ | insert\s+into\s+\S+ | update\s+\S+(\s+as\s+\S+|\s+\w)?\s+set\s
      | delete\s+from\s+\S+ | with\s+(recursive\s+)?\w+\s+as\s+(not\s+)?(materialized\s+)?\(
      | (create|alter|drop)\s+(or\s+replace\s+|unique\s+|unlogged\s+)*
        (table|index|function|trigger|type|schema|role|database|sequence|view)\s
      | truncate\s+\S+ | lock\s+table | copy\s+\S+\s*(\(|from|to\s) | listen\s+\w+\s*$
      | (grant|revoke)\s.+\s(to|from)\s | call\s+\w+\(
    )""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
STATEMENTS = {"select", "insert", "update", "delete", "text", "func", "exists", "union", "literal"}


@dataclass(frozen=True)
class Module:
    """A module, parsed."""

    name: str
    file: Path
    tree: ast.Module
    lines: int

    @property
    def stem(self) -> str:
        return self.file.stem

    @property
    def is_migration(self) -> bool:
        return ".migrations." in self.name

    @cached_property
    def imports(self) -> tuple[tuple[str, str], ...]:
        """Every import at any depth: the module, and the name taken from it (or "")."""
        found: list[tuple[str, str]] = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += ((alias.name, "") for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name} imports relatively"
                found += ((node.module or "", alias.name) for alias in node.names)
        return tuple(found)

    @cached_property
    def imported(self) -> set[str]:
        """The modules as dotted names; `from a import b` is both `a` and `a.b`."""
        return {name for module, part in self.imports for name in (module, f"{module}.{part}")}

    def packages(self) -> set[str]:
        """The packages that it imports something of."""
        return {module.partition(".")[0] for module, _ in self.imports}

    def texts(self) -> Iterator[tuple[int, str]]:
        """Text constants that are no docstrings, formatted ones with `x` for what is put in."""
        inner = {
            id(v) for n in ast.walk(self.tree) if isinstance(n, ast.JoinedStr) for v in n.values
        }
        inner |= {id(n.value) for n in ast.walk(self.tree) if isinstance(n, ast.Expr)}
        for node in ast.walk(self.tree):
            if id(node) in inner:
                continue
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.lineno, node.value
            elif isinstance(node, ast.JoinedStr):
                parts = (v.value if isinstance(v, ast.Constant) else "x" for v in node.values)
                yield node.lineno, "".join(str(part) for part in parts)


@cache
def modules(package: str) -> tuple[Module, ...]:
    """Every module of a package, its migrations included."""
    root = MEMBERS[package]
    return tuple(
        read(file, ".".join(file.relative_to(root).with_suffix("").parts))
        for file in sorted((root / package).rglob("*.py"))
    )


def read(file: Path, name: str) -> Module:
    source = file.read_text()
    return Module(name, file, ast.parse(source), len(source.splitlines()))


EVERYWHERE = [module for package in MEMBERS for module in modules(package)]
OF_SERVICES = [module for service in SERVICES for module in modules(service)]
RULES = [
    module
    for module in OF_SERVICES
    if module.stem not in EDGES and not module.is_migration and module.name not in OUTSIDE
]


def named(module: Module) -> str:
    return module.name


def test_the_modules_are_found() -> None:
    assert {m.name for m in RULES} >= {
        "voting.ballot_keys",
        "voting.box.ballots",
        "voting.roll.codes",
        "voting.roll.tokens",
        "voting.signer.signing",
        "voting.count.rounds",
        "voting.count.allocation.engine",
        "voting.formats.choices",
        "submission.freezing",
        "submission.texts",
        "notification.writing",
        "notification.patience",
        "ledger.tree",
        "ledger.tiles",
        "ledger.notes",
    }
    assert OUTSIDE.keys() <= {module.name for module in OF_SERVICES}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_imports_no_other_service(service: str) -> None:
    others = MEMBERS.keys() - {service, "shared"}
    # Nothing of the auditor either: it would no longer doubt what it shares.
    found = {m.name: m.packages() & others for m in modules(service) if m.packages() & others}
    assert not found


def test_shared_imports_no_service_and_no_launcher() -> None:
    others = MEMBERS.keys() - {"shared"}
    assert not [m.name for m in modules("shared") if m.packages() & others]


def test_the_auditor_imports_nothing_of_what_it_audits() -> None:
    allowed = AUDITOR_NEEDS | {"ledger_audit"} | sys.stdlib_module_names
    found = {
        (m.name, package) for m in modules("ledger_audit") for package in m.packages() - allowed
    }
    assert found == {AUDITOR_EXTRA}


def test_the_launcher_imports_of_ours_only_what_is_shared_and_the_auditor() -> None:
    forbidden = set(SERVICES)
    assert not [m.name for m in modules("comptoir") if m.packages() & forbidden]


def test_one_process_imports_nothing_of_another() -> None:
    processes = ("voting.roll", "voting.signer", "voting.box", "voting.booth", "voting.count")
    for process in processes:
        others = tuple(other for other in processes if other != process)
        for module in modules("voting"):
            if module.name.startswith(f"{process}."):
                reached = {name for name in module.imported if name.startswith(others)}
                assert not reached, f"{module.name} imports {reached}"


def test_only_the_counting_worker_imports_numpy() -> None:
    """The processes that serve do not: what imports it is reached from the worker alone."""
    named = {module.name: module for package in MEMBERS for module in modules(package)}
    heavy = {name for name, module in named.items() if "numpy" in module.packages()}
    assert heavy and all(name.startswith("voting.count.") for name in heavy)

    def reached(name: str, seen: set[str]) -> set[str]:
        if name in named and name not in seen:
            seen.add(name)
            for other in named[name].imported:
                for part in (other, f"{other}.__init__"):
                    reached(part, seen)
        return seen

    served = ("submission", "notification", "ledger", "voting.roll", "voting.box", "voting.booth")
    for process in served:
        found = reached(f"{process}.app", set()) & heavy
        assert not found, f"{process} imports {found}"
    found = reached("voting.count.app", set()) & heavy
    assert not found, f"voting.count imports {found}"
    assert reached("voting.count.worker", set()) >= heavy


def process_of(module: Module) -> str:
    """Whose a module is: a service's, or a process's where a service has several."""
    service, _, inside = module.name.partition(".")
    return f"{service}.{inside.partition('.')[0]}" if service == "voting" else service


def test_what_is_shared_is_used_by_more_than_one() -> None:
    """`shared` holds nothing that one process alone imports."""
    for module in modules("shared"):
        name = module.name.removesuffix(".__init__")
        users = {
            process_of(user) for user in EVERYWHERE if user is not module and name in user.imported
        }
        assert "shared" in users or len(users) > 1 or name == "shared", f"{name}: {users}"


@pytest.mark.parametrize("module", RULES, ids=named)
def test_a_rule_knows_neither_http_nor_broker_nor_database(module: Module) -> None:
    """Reading a row of `tables` as a plain record is allowed; asking for one is not."""
    assert not module.packages() & FRAMEWORKS
    edges = {"routes", "handlers", "queries", "app"}
    assert not {name for name in module.imported if name.rpartition(".")[2] in edges}
    io = {"shared.database", "shared.outbox", "shared.inbox", "shared.relay", "shared.kafka"}
    assert not module.imported & io
    calls = {ast.unparse(n.func) for n in ast.walk(module.tree) if isinstance(n, ast.Call)}
    assert not calls & {"datetime.now", "time.time", "date.today", "uuid4", "open"}


@pytest.mark.parametrize(
    "module",
    [m for m in OF_SERVICES if m.stem != "queries" and not m.is_migration],
    ids=named,
)
def test_sql_is_in_queries_only(module: Module) -> None:
    written = [f"line {line}: {text[:60]!r}" for line, text in module.texts() if SQL.match(text)]
    assert not written
    built = {
        name
        for package, name in module.imports
        if package.partition(".")[0] in ("sqlalchemy", "sqlmodel") and name in STATEMENTS
    }
    assert not built


@pytest.mark.parametrize(
    "text",
    [
        "select 1",
        "\n    SELECT coalesce(sum(x), 0)\n from y",
        "insert into round (a) values ($1)",
        "update round set closed = true",
        "update round as r set closed = true",
        "delete from waiting where x",
        "with gone as (delete from x) select 1",
        "create or replace function f() returns void",
        "CREATE UNIQUE INDEX i on t (a)",
        "grant select on round to voting_box",
        "copy entry from stdin",
        "listen outbox",
        "truncate round",
    ],
)
def test_sql_is_recognised(text: str) -> None:
    assert SQL.match(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "select",
        "update",
        "checkpoint",
        "listening",
        "create a round first",
        "with cost as the first criterion",
        "/rounds/{round_id}/close",
        "the updated round is set",
    ],
)
def test_prose_is_not_sql(text: str) -> None:
    assert not SQL.match(text)


@pytest.mark.parametrize(
    "package", [name for name in MEMBERS if any(m.stem == "queries" for m in modules(name))]
)
def test_queries_hold_the_sql(package: str) -> None:
    """The look for SQL does find it where it is."""
    for module in modules(package):
        if module.stem == "queries":
            built = {name for _, name in module.imports} & STATEMENTS
            assert built or any(SQL.match(text) for _, text in module.texts()), module.name


@pytest.mark.parametrize("module", EVERYWHERE, ids=named)
def test_a_module_says_what_is_in_it(module: Module) -> None:
    if module.file.read_text().strip():
        assert ast.get_docstring(module.tree), "no docstring"


@pytest.mark.parametrize("module", EVERYWHERE, ids=named)
def test_a_module_is_named_for_its_subject(module: Module) -> None:
    assert not set(module.name.split(".")) & EMPTY_NAMES


def test_modules_stay_small() -> None:
    large = {m.name: m.lines for m in EVERYWHERE if m.lines > LARGE}
    assert not {name: lines for name, lines in large.items() if lines > TOO_LARGE}
    assert len(large) <= len(EVERYWHERE) / 10, f"more than one in ten: {large}"


@pytest.mark.parametrize("service", ("shared", *SERVICES))
def test_a_distribution_needs_no_other_service(service: str) -> None:
    """An image that holds one service must not be able to import another."""
    project = tomllib.loads((MEMBERS[service] / "pyproject.toml").read_text())["project"]
    extras = [need for group in project.get("optional-dependencies", {}).values() for need in group]
    installed = metadata.requires(f"comptoir-{service}") or []
    for need in (*project["dependencies"], *extras, *installed):
        assert not need.startswith("comptoir") or distribution(need) == "comptoir-shared", need


def test_the_auditor_is_installed_without_what_it_audits() -> None:
    project = tomllib.loads((MEMBERS["ledger"] / "pyproject.toml").read_text())["project"]
    assert {distribution(need) for need in project["dependencies"]} == AUDITOR_NEEDS
    extras = {
        name: {distribution(need) for need in needs}
        for name, needs in project["optional-dependencies"].items()
    }
    stamps = "rfc3161-client"
    assert extras == {"service": {"comptoir-shared", stamps}, "timestamps": {stamps}}


@pytest.mark.parametrize("service", SERVICES)
def test_a_wheel_holds_its_own_packages(service: str) -> None:
    build = tomllib.loads((MEMBERS[service] / "pyproject.toml").read_text())["tool"]["hatch"]
    own = {name for name, root in MEMBERS.items() if root == MEMBERS[service]}
    assert set(build["build"]["targets"]["wheel"]["packages"]) == own


def test_what_a_room_of_tests_shares_ends_with_the_room() -> None:
    """A fixture of a package lives to the end of the session where there is no package, and an
    idle platform takes nearly half a processor from everything that follows."""
    rooms = [file.parent for file in (ROOT / "tests").rglob("conftest.py") if _shares(file)]
    assert rooms
    assert not [room for room in rooms if not (room / "__init__.py").exists()]


def _shares(conftest: Path) -> bool:
    return 'scope="package"' in conftest.read_text()


def distribution(need: str) -> str:
    """The distribution's name in a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", need)
    assert found is not None
    return found[0].lower()
