"""The booth as a process of its own: what it writes down of who voted what, which is nothing."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from comptoir.browser import Browser
from comptoir.ports import free_ports
from tests.shared.conftest import eventually
from tests.voting.booth.town import BOOTH_KEY, TITLES, Town, Voter


@pytest.fixture
async def talkative(town: Town, tmp_path: Path) -> AsyncIterator[SimpleNamespace]:
    """A booth whose log is as long as it gets, in an empty directory: its process, address and
    directory; `log` is the file that it writes to."""
    port = free_ports({"booth": None})["booth"]
    url, home = f"http://127.0.0.1:{port}", tmp_path / "home"
    home.mkdir()
    told = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
        "HOME": str(home),
        "TMPDIR": str(home),
        "COMPTOIR_PORT": str(port),
        "COMPTOIR_BOOTH_KEY": BOOTH_KEY,
        **{f"COMPTOIR_{name.upper()}": town.sites[name] for name in ("roll", "box", "count")},
    }
    log = tmp_path / "log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.voting.booth.talkative"),
            cwd=home,
            env=told,
            stdout=written,
            stderr=written,
        )
    async with Browser(url) as browser:

        async def ready() -> bool:
            try:
                return (await browser.get("/health/ready")).status == 200
            except OSError:
                return False

        try:
            await eventually(ready, bool)
            yield SimpleNamespace(process=process, browser=browser, home=home, log=log)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


def open_files(pid: int) -> set[str]:
    """What a process has open, but sockets, pipes and devices."""
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        target = os.readlink(each)
        if target.startswith("/") and not target.startswith("/dev/"):
            found.add(target)
    return found


@pytest.mark.slow
async def test_neither_log_nor_file_holds_a_code_or_a_choice(
    town: Town, talkative: SimpleNamespace
) -> None:
    """At the lowest level of every logger, a vote, a refusal and an error included."""
    round_id = await town.opened()
    code = await town.code(round_id)
    browser: Browser = talkative.browser
    who = Voter(browser, round_id, await browser.get(f"/rounds/{round_id}"))
    await who.to_the_projects("a wrong code")
    await who.send("choose", code=code)
    await who.to_the_check(option_1="1", option_2="1", option_3="1")
    await who.to_the_check(option_3="")
    kept = who.voting_code
    assert (await who.cast()).status == 200
    await town.roll.signing.down()
    try:
        sent = {"agreed": "yes", "code": code, "voting": kept, "revision": "2", "option-4": "1"}
        assert (await browser.post(who.action("cast"), sent)).status == 503
    finally:
        await town.roll.signing.up()
    assert [each.choices for each in await town.ballots(round_id)] == [(1, 2)]
    assert open_files(talkative.process.pid) == {str(talkative.log)}
    talkative.process.send_signal(signal.SIGTERM)
    assert await talkative.process.wait() in (0, -signal.SIGTERM)
    written = talkative.log.read_text()
    assert "starts" in written and "has stopped" in written and '"level": "debug"' in written
    plain = kept.replace("-", "")
    secrets = [code, kept, plain, code.lower(), "a wrong code", "a+wrong+code", BOOTH_KEY]
    secrets += ["option-", "option_", *TITLES, f"{code[:4]}-{code[4:8]}", "agreed="]
    [ballot, *_] = await town.ballots(round_id)
    assert [each for each in [*secrets, ballot.key, ballot.token] if each in written] == []
    assert [*talkative.home.rglob("*")] == []


async def test_its_memory_is_in_no_dump() -> None:
    """`python -m voting.booth` lets no core be dumped, whatever the machine's limits are."""
    program = (
        "import resource, runpy, shared.starting;"
        "shared.starting.main = lambda name: print(name, resource.getrlimit(resource.RLIMIT_CORE));"
        "runpy.run_module('voting.booth', run_name='__main__')"
    )
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asked.communicate()
    assert said == b"voting.booth (0, 0)\n"
