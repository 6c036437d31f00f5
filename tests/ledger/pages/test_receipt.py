"""A receipt, checked in a real browser by somebody who only has the page."""

import asyncio
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.async_api import Browser, Page, expect

from ledger.app import LedgerSettings, application
from ledger.notes import Note
from ledger.witness.cosigning import Cosigner
from ledger_audit.command import main
from shared.canonical import canonical
from shared.events.acts import RoundExtended
from shared.events.event import PLATFORM_LOG
from shared.events.voting import BoxKeyAnnounced
from shared.promises import promise_bytes, promised
from tests.chromium import UNFOLD, hurdles
from tests.ledger.ballots import ROUND, cast_ballots, digest
from tests.ledger.conftest import EDITION, Ledger
from tests.opening import round_opened
from tests.serving import Client, served, settings
from tests.shared.web.test_components import SHOWN, chromium, opened

__all__ = ["chromium"]

pytestmark = pytest.mark.slow

BALLOTS = 490
COSIGNERS = [
    Cosigner(f"w{n}.example.org/w", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32))
    for n in (1, 2)
]
DROP = """
([selector, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([content], "mine.tlog-proof"));
  document.querySelector(selector).dispatchEvent(
    new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


# Voting ends an hour before; one ballot is promised that the box never publishes.
DUE = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
DROPPED = "0" * 64
BOX = Ed25519PrivateKey.from_private_bytes(b"b" * 32)


def promise_of(digest: str, key: Ed25519PrivateKey = BOX, round_id: UUID = ROUND) -> str:
    """A receipt as the voting page saves it."""
    said = promised(bytes.fromhex(digest), round_id)
    signature = b64encode(key.sign(promise_bytes(bytes.fromhex(digest), round_id))).decode()
    public = b64encode(key.public_key().public_bytes_raw()).decode()
    written = canonical(said | {"signature": signature}).decode()
    return f"comptoir-receipt-v1\n{written}\nbox key: {public}\n"


@pytest.fixture
async def ballots(edition: Ledger) -> list[str]:
    """The digests of the ballots in an edition's log, which is signed and cosigned by two."""
    cast = cast_ballots(edition, BALLOTS)
    await edition.take(*cast)
    key = b64encode(BOX.public_key().public_bytes_raw()).decode()
    opening = round_opened(ROUND, closes_at=DUE - timedelta(hours=1))
    announced = edition.published(BoxKeyAnnounced(service_key=key), PLATFORM_LOG)
    await edition.take(announced, edition.published(opening))
    await edition.sign()
    rows = await edition.superuser.fetch("select log, note from published_checkpoint")
    for row in rows:
        text = Note.parse(row["note"].encode()).text
        lines = "".join(each.cosign(text, int(time.time())).line for each in COSIGNERS)
        await edition.superuser.execute(
            "update published_checkpoint set note = note || $2 where log = $1", row["log"], lines
        )
    return [digest(each) for each in cast]


@pytest.fixture
async def client(edition: Ledger, ballots: list[str], tmp_path: Path) -> AsyncIterator[Client]:
    policy = tmp_path / "policy"
    witnesses = [f"witness w{n} {each.vkey}\n" for n, each in enumerate(COSIGNERS)]
    policy.write_text("".join(witnesses) + "group any2 any w0 w1\nquorum any2\n")
    app = application(settings(LedgerSettings, edition.made.dsn, policy=policy), kafka=False)
    async with served(app) as client:
        yield client


async def states(page: Page) -> list[str | None]:
    rows = await page.locator("[data-lines] li").all()
    return [await row.get_attribute("data-state") for row in rows]


async def verdict(page: Page, code: str) -> None:
    await expect(page.locator("[data-verdict]")).to_have_attribute("data-code", code)


async def paste(page: Page, text: str) -> None:
    await page.locator("#field-receipt").fill(text)
    await page.get_by_role("button", name="Check it").click()


async def test_a_receipt_saved_from_an_entrys_page_holds_when_it_is_chosen_or_dropped(
    client: Client, chromium: Browser, tmp_path: Path
) -> None:
    page, heard = await opened(chromium, f"{client.url}/explore/{EDITION}/7?lang=en", "light", 1280)
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save its receipt").click()
    download = await downloading.value
    assert download.suggested_filename == f"{EDITION}-7.tlog-proof"
    saved = tmp_path / "mine.tlog-proof"
    await download.save_as(saved)
    await page.get_by_role("link", name="Check a receipt").click()
    await page.get_by_label("Drop the file of your receipt here, or choose it").set_input_files(
        saved
    )
    await verdict(page, "holds")
    assert await states(page) == ["good"] * 4
    await expect(page.locator("[data-lines]")).to_contain_text("it is entry 7 of 493")
    await expect(page.locator("[data-lines]")).to_contain_text("2 of the witnesses")
    await expect(page.get_by_text("Save the receipt of the record")).to_be_hidden()
    await page.reload()
    await page.evaluate(DROP, ["[data-drop]", await asyncio.to_thread(saved.read_text)])
    await verdict(page, "holds")
    await page.get_by_role("link", name="Look at the entry").click()
    assert page.url.endswith(f"/explore/{EDITION}/7")
    assert heard == []


async def test_what_was_altered_does_not_hold(client: Client, chromium: Browser) -> None:
    page, _ = await opened(chromium, f"{client.url}/receipt?lang=en", "light", 1280)
    receipt = (await client.ask("GET", f"/logs/{EDITION}/proof/7")).raw.decode()
    await paste(page, receipt.replace("index 7\n", "index 8\n"))
    await verdict(page, "does_not_hold")
    assert (await states(page))[0] == "wrong"
    await paste(page, receipt.replace(f"/{EDITION}\n", "/another\n", 1))
    await verdict(page, "other_log")
    await paste(page, "My receipt")
    await verdict(page, "malformed")
    assert await states(page) == []


async def test_a_log_that_lost_the_entry_is_told_apart(
    client: Client, chromium: Browser, edition: Ledger
) -> None:
    receipt = (await client.ask("GET", f"/logs/{EDITION}/proof/400")).raw.decode()
    page, _ = await opened(chromium, f"{client.url}/receipt?lang=en", "light", 1280)
    other = (await client.ask("GET", f"/logs/{EDITION}/proof/401")).raw
    await page.route("**/proof/400", lambda route: route.fulfill(body=other, status=200))
    await paste(page, receipt)
    await verdict(page, "does_not_hold")
    assert await states(page) == ["good", "good", "wrong", "good"]


async def test_a_ballot_is_found_without_saying_which(
    client: Client, chromium: Browser, ballots: list[str], tmp_path: Path
) -> None:
    page, heard = await opened(chromium, f"{client.url}/receipt?lang=en", "light", 1280)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await paste(page, promise_of(ballots[5]))
    await verdict(page, "holds")
    assert await states(page) == ["good"] * 4
    logs = f"{client.url}/logs/{EDITION}/by-prefix"
    assert asked == [logs, f"{logs}/{ballots[5][0]}"]
    assert await page.locator("[data-lines] a").count() == 0
    async with page.expect_download() as downloading:
        await page.get_by_role("link", name="Save the receipt of the record").click()
    saved = tmp_path / "mine.tlog-proof"
    await (await downloading.value).save_as(saved)
    (vkey,) = [
        log["vkey"] for log in (await client.ask("GET", "/logs")).body if log["log"] == EDITION
    ]
    where = ["--log", f"{client.url}/logs/{EDITION}", "--vkey", vkey]
    assert await asyncio.to_thread(main, ["proof", str(saved), *where, "--json"]) == 0
    assert heard == []


async def test_a_ballot_that_is_not_there_yet_is_promised(
    client: Client, chromium: Browser
) -> None:
    page, heard = await opened(chromium, f"{client.url}/receipt?lang=fr", "dark", 320)
    await page.clock.set_fixed_time(DUE - timedelta(minutes=1))
    await page.locator("#field-receipt").fill(promise_of(DROPPED))
    await page.get_by_role("button", name="Vérifier").click()
    await verdict(page, "ballot_missing_yet")
    await expect(page.locator("[data-verdict]")).to_contain_text("1 décembre 2026 à 13:00")
    assert await states(page) == ["good", "good"]
    assert await hurdles(page) == []
    assert heard == []


async def test_a_promise_that_was_not_kept_is_said_to_be_broken(
    client: Client, chromium: Browser, edition: Ledger
) -> None:
    """By the end of voting that the record has, extensions included, and with what to do now. The
    record is not told which ballot it is about."""
    page, heard = await opened(chromium, f"{client.url}/receipt?lang=en", "light", 1280)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    await page.clock.set_fixed_time(DUE + timedelta(minutes=1))
    await paste(page, promise_of(DROPPED))
    await verdict(page, "promise_broken")
    assert await states(page) == ["good", "good"]
    said = page.locator("[data-verdict]")
    await expect(said).to_contain_text("Keep the receipt, save this page, and show both")
    assert not [url for url in asked if DROPPED[1:] in url]
    await page.get_by_text(f"For the log {EDITION}").click()
    await expect(page.get_by_text("ledger-audit proof receipt.txt").first).to_be_visible()
    assert await hurdles(page) == []
    later = {"round_id": ROUND, "closes_at": DUE, "reason": "box-down"}
    by = {"officers": (UUID(int=1), UUID(int=2))}
    await edition.take(edition.published(RoundExtended.model_validate(later | by)))
    await edition.sign()
    await paste(page, promise_of(DROPPED))
    await verdict(page, "ballot_missing_yet")
    await page.clock.set_fixed_time(DUE + timedelta(minutes=61))
    await paste(page, promise_of(DROPPED))
    await verdict(page, "promise_broken")
    assert heard == []


async def test_a_promise_that_the_box_did_not_sign_accuses_nobody(
    client: Client, chromium: Browser
) -> None:
    page, _ = await opened(chromium, f"{client.url}/receipt?lang=en", "light", 1280)
    await page.clock.set_fixed_time(DUE + timedelta(days=1))
    stranger = Ed25519PrivateKey.from_private_bytes(b"s" * 32)
    await paste(page, promise_of(DROPPED, stranger))
    await verdict(page, "promise_not_the_boxs")
    assert await states(page) == ["wrong", "good"]
    await paste(page, promise_of(DROPPED, round_id=UUID(int=8)))
    await verdict(page, "round_missing")


async def test_it_is_done_by_keyboard_and_readable_everywhere(
    client: Client, chromium: Browser
) -> None:
    receipt = (await client.ask("GET", f"/logs/{EDITION}/proof/7")).raw.decode()
    for language, theme, width in SHOWN:
        address = f"{client.url}/receipt?lang={language}"
        page, heard = await opened(chromium, address, theme, width)
        await page.locator("[data-file]").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.insert_text(receipt)
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await verdict(page, "holds")
        await page.evaluate(UNFOLD)
        assert await hurdles(page) == []
        assert heard == []
        await page.context.close()


async def test_without_its_script_the_page_says_what_to_type(
    client: Client, chromium: Browser
) -> None:
    context = await chromium.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{client.url}/receipt?lang=en")
    await expect(page.get_by_text("your browser has to run one script")).to_be_visible()
    await expect(page.get_by_role("button", name="Check it")).to_be_hidden()
    await page.get_by_text(f"For the log {EDITION}").click()
    await expect(page.get_by_text("ledger-audit proof mine.tlog-proof").first).to_be_visible()
    await context.close()


async def test_a_logs_page_draws_how_it_grew_with_the_figures_beside(
    client: Client, chromium: Browser, edition: Ledger
) -> None:
    await edition.take(*edition.dossiers(100))
    await edition.sign()
    for language, theme, width in SHOWN:
        address = f"{client.url}/explore/{EDITION}?lang={language}"
        page, heard = await opened(chromium, address, theme, width)
        await page.evaluate(UNFOLD)
        assert await page.locator("svg.line polyline.now").count() == 1
        cells = page.locator(".figures td.figure-cell")
        assert await cells.count() == 25
        assert (await cells.last.inner_text()).startswith("593 ")
        assert await hurdles(page) == []
        assert heard == []
        await page.context.close()
