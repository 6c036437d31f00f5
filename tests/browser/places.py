"""Every page, at the stage of an edition where it has most to show, and who looks at it.

A place is a route of `tests/access.txt` and a person; some are only reached by doing something on
the page before, such as sending a form that is refused.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from playwright.async_api import Page, expect

from tests.browser.rounds import ROUNDS

Do = Callable[[Page], Awaitable[None]]


@dataclass(frozen=True)
class Place:
    """A page: `route` as in the table, `ids` for the parameters of its path that have not their
    own name's value. `then` is done there before it is looked at, and
    something of it may be `refused` without another page."""

    route: str
    name: str
    who: str = "nobody"
    ids: Mapping[str, str] = field(default_factory=dict)
    query: str = ""
    status: int = 200
    then: Do | None = None
    refused: bool = False
    languages: tuple[str, ...] = ("fr", "en")

    @property
    def process(self) -> str:
        """Whose page it is."""
        return self.route.split()[0]

    @property
    def path(self) -> str:
        """Where, with parameters."""
        return self.route.split()[1]

    @property
    def site(self) -> str:
        """The process, as sites are named."""
        return self.process.rpartition(".")[2]


def send(nth: int = 0) -> Do:
    """Press the button of the nth form of the page's own, and wait for what comes."""

    async def press(page: Page) -> None:
        async with page.expect_navigation():
            await page.locator("main form").nth(nth).locator("button").last.click()

    return press


async def split_into_nothing(page: Page) -> None:
    """Send the form that splits a project without titles and reason."""
    await page.locator("#split > summary").click()
    async with page.expect_navigation():
        await page.locator("#split form button").last.click()


async def without_a_title(page: Page) -> None:
    """Send a form without its title."""
    await page.locator("#field-title").fill("")
    await send()(page)


async def to_the_voting_code(page: Page) -> None:
    """Past the first step of the voting page, with the code of the address."""
    await page.locator("[data-code-form] button").last.click()
    await expect(page.locator("[data-voting-code]")).to_be_visible()


async def to_the_projects(page: Page) -> None:
    """The voting code is kept, and the token is there."""
    await to_the_voting_code(page)
    await page.locator("[data-act=admit]").click()
    await expect(page.locator("[data-options] input").first).to_be_visible()


async def to_the_check(page: Page) -> None:
    """Choose two projects, and go on to check them."""
    await to_the_projects(page)
    for nth in (0, 1):
        await page.locator("[data-options] input").nth(nth).check()
    await page.locator("[data-act=toCheck]").click()
    await expect(page.locator("[data-act=cast]")).to_be_visible()


async def to_the_receipt(page: Page) -> None:
    """Cast the ballot."""
    await to_the_check(page)
    await page.locator("[data-act=cast]").click()
    await expect(page.locator("[data-receipt-file]")).to_be_visible()


async def with_a_wrong_code(page: Page) -> None:
    """Type what is no code."""
    await page.locator("#code").fill("0000")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_be_visible()


async def search_for_nothing(page: Page) -> None:
    """Look for an event that never was."""
    await page.locator("#field-id").fill("nothing")
    await send()(page)


S, R, C, L = "submission", "voting.roll", "voting.count", "ledger"
A_PROGRAMME = f"{S} /programmes/{{programme_id}}"
DESK_OF_A_PROGRAMME = f"{S} /desk/programmes/{{programme_id}}"
PROJECT = f"{S} /projects/{{project_id}}"
MINE, ASKED = {"project_id": "mine"}, {"project_id": "asked"}
NO_ID = "00000000-0000-4000-8000-000000000000"

STANDING = f"{S} /desk/projects/{{project_id}}/standing"
IDEAS = (
    Place(f"{S} /", "home"),
    Place(A_PROGRAMME, "programme-ideas"),
    Place(f"{A_PROGRAMME}/projects", "projects"),
    Place(f"{A_PROGRAMME}/projects", "projects-none-found", query="?q=xylophone"),
    Place(f"{A_PROGRAMME}/map", "map"),
    Place(f"{A_PROGRAMME}/map", "map-of-words", query="?q=verger&territory=artois"),
    Place(f"{A_PROGRAMME}/counters", "counters"),
    Place(f"{A_PROGRAMME}/rules", "rules"),
    Place(f"{A_PROGRAMME}/rules/versions", "rules-versions"),
    Place(f"{A_PROGRAMME}/rules/versions/{{version}}", "rules-version", ids={"version": "1"}),
    Place(f"{A_PROGRAMME}/results", "results-before-the-vote"),
    Place(f"{S} /glossary", "glossary"),
    Place(f"{A_PROGRAMME}/deposit", "deposit-what"),
    Place(f"{A_PROGRAMME}/deposit", "deposit-what-refused", status=422, then=send()),
    Place(f"{A_PROGRAMME}/deposit/{{step}}", "deposit-where", "passer-by", {"step": "where"}),
    Place(f"{A_PROGRAMME}/deposit/{{step}}", "deposit-who", "passer-by", {"step": "who"}),
    Place(f"{A_PROGRAMME}/deposit/{{step}}", "deposit-sent", "passer-by", {"step": "sent"}),
    Place(f"{S} /deposits/{{token}}", "deposit-link", "nobody", {"token": "deposit"}),
    Place(PROJECT, "idea", "nobody", MINE),
    Place(PROJECT, "idea-of-mine", "carrier", MINE),
    Place(PROJECT, "idea-that-asked", "asking", ASKED),
    Place(f"{PROJECT}/counter", "counter-request", "carrier", MINE),
    Place(f"{PROJECT}/counter", "counter-request-refused", "carrier", MINE, "", 422, send()),
    Place(f"{PROJECT}/dossier", "dossier-too-early", "carrier", MINE),
    Place(f"{PROJECT}/erase", "erase", "carrier", MINE),
    Place(f"{S} /ideas/mine", "my-ideas", "carrier"),
    Place(f"{S} /sign-in", "sign-in"),
    Place(f"{S} /sign-in", "sign-in-refused", status=422, then=send()),
    Place(f"{S} /sign-in/link/{{token}}", "sign-in-link"),
    Place(f"{S} /desk", "desk-administrator", "alix"),
    Place(f"{S} /desk", "desk-adviser", "camille"),
    Place(f"{S} /desk/acts", "acts", "basile"),
    Place(f"{S} /desk/acts", "acts-own", "alix"),
    Place(f"{S} /desk/programmes", "desk-programmes", "alix"),
    Place(f"{S} /desk/programmes/new", "desk-new-edition", "alix"),
    Place(f"{S} /desk/programmes/new", "desk-new-edition-refused", "alix", {}, "", 422, send()),
    Place(f"{S} /desk/programmes/proposed/{{act_id}}", "desk-proposed", "basile"),
    Place(f"{DESK_OF_A_PROGRAMME}/charter", "desk-amend", "alix"),
    Place(f"{DESK_OF_A_PROGRAMME}/charter", "desk-amend-refused", "alix", {}, "", 422, send()),
    Place(DESK_OF_A_PROGRAMME, "desk-programme", "alix"),
    Place(f"{S} /desk/roles", "desk-roles", "alix"),
    Place(f"{DESK_OF_A_PROGRAMME}/counters", "desk-counters", "camille"),
    Place(f"{DESK_OF_A_PROGRAMME}/counters/new", "desk-new-counter", "camille"),
    Place(
        f"{DESK_OF_A_PROGRAMME}/counters/new", "desk-new-counter-refused", "camille", {}, "", 422,
        send(),
    ),
    Place(f"{S} /desk/counters/{{gathering_id}}", "desk-counter", "camille"),
    # Handoffs and sessions.
    Place(f"{PROJECT}/counter", "counter-asked", "asking", ASKED),
    Place(f"{S} /desk/handoffs/{{handoff_id}}", "desk-handoff", "camille"),
    Place(f"{S} /desk/counters/{{gathering_id}}/amend", "desk-session", "camille"),
    Place(
        f"{S} /desk/counters/{{gathering_id}}/amend", "desk-session-refused", "camille",
        status=422, then=send(),
    ),
    Place(f"{S} /desk/projects/{{project_id}}/erase", "desk-erase", "alix", MINE),
    Place(f"{S} /desk/erase", "desk-erase-words", "alix"),
    Place(PROJECT, "not-there", "nobody", {"project_id": NO_ID}, "", 404),
    Place(f"{S} /desk", "sign-in-for-the-desk"),
    Place(f"{S} /desk/roles", "not-allowed", "camille", status=403),
    # Projects' standing and the work list.
    Place(f"{PROJECT}/withdraw", "withdraw", "carrier", MINE),
    Place(f"{PROJECT}/withdraw", "withdraw-refused", "carrier", MINE, "", 422, send()),
    Place(PROJECT, "idea-of-another", "asking", MINE),
    Place(STANDING, "desk-standing", "oriane", MINE),
    Place(f"{S} /desk/work", "desk-work-adviser", "camille"),
    Place(f"{S} /desk/work", "desk-work-instructor", "oriane"),
)  # fmt: skip
DOSSIERS = (
    Place(f"{S} /desk/acts", "acts-none", "basile"),
    Place(f"{PROJECT}/dossier", "dossier", "carrier", MINE),
    Place(f"{PROJECT}/dossier", "dossier-refused", "carrier", MINE, "", 422, without_a_title),
    Place(PROJECT, "idea-with-dossier", "carrier", MINE),
    Place(f"{S} /desk", "desk-committee", "elise"),
    Place(f"{DESK_OF_A_PROGRAMME}/dossiers", "desk-dossiers", "elise"),
    Place(f"{S} /desk/projects/{{project_id}}", "desk-dossier", "elise", MINE),
    Place(f"{S} /desk/counters/{{gathering_id}}", "desk-counter-after", "camille"),
    # Projects' standing and the work list.
    Place(f"{S} /desk/work", "desk-work-reviews", "elise"),
    Place(f"{S} /desk/work", "desk-work-seen", "elise", then=send()),
    Place(STANDING, "desk-standing-refused", "oriane", MINE, "", 422, split_into_nothing),
)
# Documents, and files that are imported.
IMPORTS = f"{DESK_OF_A_PROGRAMME}/imports"
ELECTION = f"{S} /desk/programmes/imports/election"
FILES = (
    Place(f"{PROJECT}/documents", "documents", "carrier", MINE),
    Place(f"{PROJECT}/documents", "documents-refused", "carrier", MINE, "", 422, send(-1)),
    Place(f"{S} /desk/projects/{{project_id}}/documents", "desk-documents", "elise", MINE),
    Place(IMPORTS, "desk-imports", "alix"),
    Place(IMPORTS, "desk-imports-refused", "alix", {}, "", 422, send()),
    Place(f"{IMPORTS}/{{import_id}}", "desk-import", "alix"),
    Place(ELECTION, "desk-import-election", "alix"),
    Place(ELECTION, "desk-import-election-refused", "alix", {}, "", 422, send()),
)
VOTING = (
    Place(A_PROGRAMME, "programme-vote"),
    Place(f"{A_PROGRAMME}/results", "results-during-the-vote"),
    Place(f"{S} /desk", "desk-returning-officer", "gaelle"),
    Place(DESK_OF_A_PROGRAMME, "desk-programme-frozen", "gaelle"),
    Place(f"{R} /", "home"),
    Place(f"{R} /limits", "limits"),
    Place(f"{R} /rounds/{{round_id}}/register", "register"),
    Place(f"{R} /rounds/{{round_id}}/register", "register-refused", status=422, then=send(1)),
    Place(f"{R} /rounds/{{round_id}}/register/code", "register-code"),
    Place(f"{R} /rounds/{{round_id}}/register/code", "register-code-over", status=409, then=send()),
    Place(f"{R} /rounds/{{round_id}}/registered", "registered"),
    Place(f"{R} /rounds/{{round_id}}/held/{{reference}}", "held-case"),
    Place(f"{R} /rounds/{{round_id}}/identified", "identified-over", status=409),
    Place(f"{R} /rounds/{{round_id}}/identified", "identified", "vouched-for"),
    Place(f"{R} /rounds/{{round_id}}/vote", "vote-code"),
    Place(
        f"{R} /rounds/{{round_id}}/vote", "vote-wrong-code", then=with_a_wrong_code, refused=True
    ),
    Place(
        f"{R} /rounds/{{round_id}}/vote",
        "vote-voting-code",
        query="#code={code}",
        then=to_the_voting_code,
    ),
    Place(
        f"{R} /rounds/{{round_id}}/vote", "vote-choose", query="#code={code}", then=to_the_projects
    ),
    Place(f"{R} /rounds/{{round_id}}/vote", "vote-check", query="#code={code}", then=to_the_check),
    Place(
        f"{R} /rounds/{{round_id}}/vote", "vote-receipt", query="#code={code}", then=to_the_receipt
    ),
    Place(f"{R} /rounds/{{round_id}}/vote", "not-there", ids={"round_id": NO_ID}, status=404),
    Place(f"{R} /sign-in", "sign-in"),
    Place(f"{R} /desk", "desk", "gaelle"),
    Place(f"{R} /desk/rounds/{{round_id}}", "desk-round", "gaelle"),
    Place(f"{R} /desk/paper/rounds/{{round_id}}", "desk-paper", "gaelle"),
    Place(f"{R} /desk/rounds/{{round_id}}", "desk-round-refused", "gaelle", {}, "", 422, send()),
    Place(f"{R} /desk/rounds/{{round_id}}/held", "desk-held", "gaelle"),
    Place(
        f"{R} /desk/rounds/{{round_id}}/held", "desk-held-refused", "gaelle", {}, "", 422, send()
    ),
    Place(f"{R} /desk/rounds/{{round_id}}/counter", "desk-counter", "gaelle"),
    Place(
        f"{R} /desk/rounds/{{round_id}}/counter",
        "desk-counter-refused",
        "gaelle",
        {},
        "",
        422,
        send(),
    ),
    Place(f"{R} /desk/rounds/{{round_id}}/counter/{{admission_id}}", "desk-counter-code", "gaelle"),
    Place(f"{R} /desk/rounds/{{round_id}}/reissues", "desk-reissues", "gaelle"),
    Place(
        f"{R} /desk/rounds/{{round_id}}/reissues",
        "desk-reissues-refused",
        "gaelle",
        {},
        "",
        422,
        send(),
    ),
    Place(f"{R} /desk/rounds/{{round_id}}/reissues/{{reissue_id}}", "desk-reissued", "gaelle"),
    Place(f"{R} /desk/rounds/{{round_id}}/lessons", "desk-lessons", "gaelle"),
    Place(
        f"{R} /desk/rounds/{{round_id}}/lessons",
        "desk-lessons-refused",
        "gaelle",
        {},
        "",
        422,
        send(),
    ),
    Place(f"{R} /desk/acts", "acts", "hugo"),
    Place(f"{C} /", "home"),
    Place(f"{C} /rounds", "rounds"),
    Place(f"{C} /rounds/{{round_id}}/live", "live"),
    Place(f"{C} /rounds/{{round_id}}/results", "results-before-the-end"),
    Place(f"{C} /sign-in", "sign-in"),
    Place(f"{C} /desk/rounds", "desk-rounds", "gaelle"),
    Place(f"{C} /desk/acts", "acts", "hugo"),
    Place(f"{C} /desk/paper", "desk-papers", "camille"),
    Place(f"{C} /desk/paper/rounds/{{round_id}}", "desk-paper-round", "gaelle"),
    Place(f"{C} /desk/paper/batches/{{batch_id}}", "desk-paper-batch", "gaelle"),
    Place(f"{C} /desk/paper/batches/{{batch_id}}", "desk-paper-to-enter", "camille"),
    Place(f"{C} /desk/reopening", "desk-reopening", "alix"),
    Place(f"{C} /desk/reopening", "desk-reopening-refused", "alix", {}, "", 422, send()),
    Place(f"{C} /desk/rounds", "sign-in-for-the-desk"),
)
DECIDED = (
    Place(f"{S} /", "programmes"),
    Place(A_PROGRAMME, "programme-results"),
    Place(f"{A_PROGRAMME}/results", "results"),
    Place(PROJECT, "idea-funded", "nobody", {"project_id": "funded"}),
    Place(PROJECT, "idea-not-funded", "nobody", {"project_id": "not-funded"}),
    Place(f"{S} /ideas/mine", "my-ideas-decided", "carrier"),
    Place(f"{R} /rounds/{{round_id}}/vote", "vote-over"),
    Place(f"{C} /rounds/{{round_id}}/results", "results"),
    *(
        Place(f"{C} /rounds/{{round_id}}/results", f"results-{name}", ids={"round_id": name})
        for name in ROUNDS
    ),
    Place(f"{C} /rounds/{{round_id}}/live", "live-over"),
    Place(f"{C} /desk/paper/rounds/{{round_id}}", "desk-paper-round-done", "gaelle"),
    Place(f"{C} /desk/paper/batches/{{batch_id}}", "desk-paper-batch-locked", "gaelle"),
    Place(f"{R} /desk/paper/rounds/{{round_id}}", "desk-paper-done", "gaelle"),
    Place(f"{C} /rounds/{{round_id}}/live", "live-over-against", ids={"round_id": "against"}),
    Place(f"{C} /desk/rounds", "desk-rounds-done", "gaelle"),
    Place(f"{C} /desk/rounds/{{round_id}}/agreements", "desk-agreements", "gaelle"),
    Place(f"{C} /desk/funding", "desk-funding", "gaelle"),
    Place(f"{C} /rounds/{{round_id}}/follow-up", "follow-up"),
    Place(f"{L} /", "home"),
    Place(f"{L} /explore", "logs"),
    Place(f"{L} /receipt", "receipt"),
    Place(f"{L} /explore/{{log}}", "log"),
    Place(f"{L} /explore/{{log}}", "log-platform", ids={"log": "platform"}),
    Place(f"{L} /explore/{{log}}/{{index}}", "entry", ids={"index": "3"}),
    Place(f"{L} /explore/{{log}}/{{index}}", "not-there", ids={"index": "999999"}, status=404),
    Place(f"{L} /explore/event/{{event_id}}", "entry-of-a-decision"),
    Place(f"{L} /explore/event", "no-such-event", query="?id=nothing", status=404),
    Place(f"{L} /sign-in", "sign-in"),
    Place(f"{L} /desk", "desk", "alix"),
    Place(f"{L} /desk/acts", "acts", "basile"),
    *(
        Place(f"{process} /asyncapi", "asyncapi", languages=("en",))
        for process in (S, R, "voting.box", "voting.booth", C, L, "ledger.signer", "notification")
    ),
)
# After the page itself: a stylesheet and two fonts; a script, and what it follows.
REQUESTS = {
    f"{R} /rounds/{{round_id}}/vote": 4,
    f"{R} /rounds/{{round_id}}/register": 4,
    f"{C} /rounds/{{round_id}}/live": 5,
    f"{S} /desk/work": 4,
    f"{L} /receipt": 4,
}
STAGES = {"ideas": IDEAS, "dossiers": DOSSIERS + FILES, "voting": VOTING, "decided": DECIDED}
# Pages that are looked at where what they show is made, and in which test.
OF_SEATS = "tests/voting/count/test_seats_pages.py"
OF_THE_BOOTH = "tests/voting/booth/test_pages.py"
OF_COMMISSIONS = "tests/voting/count/test_sitting_page.py"
OF_CARRIERS = "tests/submission/carriers/test_pages.py"
OF_GRANTS = "tests/voting/count/funding/test_pages.py"
OF_BODIES = "tests/submission/test_bodies_page.py"
ELSEWHERE = {
    f"{C} /desk/seats": OF_SEATS,
    f"{C} /desk/seats/bodies/{{programme_id}}/{{body_name}}": OF_SEATS,
    f"{C} /desk/seats/rounds/{{round_id}}": OF_SEATS,
    f"{C} /rounds/{{round_id}}/seats": OF_SEATS,
    "voting.booth /": OF_THE_BOOTH,
    "voting.booth /rounds/{round_id}": OF_THE_BOOTH,
    f"{C} /desk/commission": OF_COMMISSIONS,
    f"{C} /desk/commission/rounds/{{round_id}}": OF_COMMISSIONS,
    f"{S} /account/erase": OF_CARRIERS,
    f"{S} /account/erased": OF_CARRIERS,
    f"{S} /organisations/mine": OF_CARRIERS,
    f"{S} /organisations/new": OF_CARRIERS,
    f"{S} /organisations/{{organisation_id}}": OF_CARRIERS,
    f"{S} /projects/{{project_id}}/carriers": OF_CARRIERS,
    f"{S} /consents/{{token}}": OF_CARRIERS,
    f"{S} /desk/programmes/{{programme_id}}/carriers": OF_CARRIERS,
    f"{S} /desk/projects/{{project_id}}/carriers": OF_CARRIERS,
    f"{C} /desk/funding/{{round_id}}/{{option_id}}": OF_GRANTS,
    f"{S} /desk/programmes/{{programme_id}}/bodies/{{name}}": OF_BODIES,
}
# What answers GET with something else than a page.
NO_PAGES = {
    "/asyncapi.json": "for programs",
    "/openapi.json": "for programs",
    "/health/live": "for programs",
    "/health/ready": "for programs",
    "/metrics": "for programs",
    "/keys": "for programs",
    "/logs": "for programs",
    "/logs/{log}/by-id/{event_id}": "for programs",
    "/logs/{log}/by-prefix": "for programs",
    "/logs/{log}/by-prefix/{prefix:path}": "for programs",
    "/logs/{log}/checkpoint": "for programs",
    "/logs/{log}/entry/{index}": "for programs",
    "/logs/{log}/export": "for programs",
    "/logs/{log}/promises/{round_id}": "for programs",
    "/logs/{log}/proof/{index}": "for programs",
    "/logs/{log}/tile/{path:path}": "for programs",
    "/logs/{log}/timestamp/{file}": "for programs",
    "/logs/{log}/timestamps": "for programs",
    "/desk/recovery": "for programs",
    "/logs/{path:path}": "what is not there",
    "/rounds/{round_id}": "for programs",
    "/rounds/{round_id}/options": "for programs",
    "/rounds/{round_id}/ballot": "for programs",
    "/rounds/{round_id}/commission": "for programs",
    "/nonce": "for programs",
    "/rounds/{round_id}/events": "a stream",
    "/charter.schema.json": "for programs",
    "/rounds/{round_id}/results.csv": "a file",
    "/rounds/{round_id}/results.json": "a file",
    "/rounds/{round_id}/results.pb": "a file",
    "/rounds/{round_id}/funding.json": "a file",
    "/rounds/{round_id}/subventions.csv": "a file",
    "/counters/{gathering_id}/counter.ics": "a file",
    "/desk/programmes/{programme_id}/imports/{import_id}/report.csv": "a file",
    "/documents/{document_id}": "leads to a file",
    "/d/{ticket}": "a file",
    "/programmes/{programme_id}/projects.{ending}": "a file",
    "/programmes/{programme_id}/ideas": "leads on",
    "/static/{digest}/{path:path}": "what pages are made of",
    "/language/{language}": "leads back",
    "/sign-in/callback": "leads on",
    "/sign-in/vouched/callback": "leads on",
    "/identify/callback": "leads on",
}
