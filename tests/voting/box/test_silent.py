"""The box as a process of its own: what it writes down of who casts, and asks; which is nothing."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from comptoir.ports import free_ports
from shared.canonical import canonical
from tests.serving import DESK_KEY, Client
from tests.shared.conftest import eventually
from tests.voting.box.conftest import Box, ServedBox
from tests.voting.box.test_sealed import ask
from tests.voting.box.voters import Voter
from voting.box.routes import LARGEST_BALLOT

# Who asks: an address that nobody else here has, a program, and a trace that began elsewhere.
ADDRESS, AGENT, TRACE = "127.7.6.5", "a browser of Ada's", "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Speaking:
    """A box in a process, and the file to which it writes all that it says."""

    box: ServedBox
    process: asyncio.subprocess.Process
    log: Path

    async def stop(self) -> str:
        """End it; everything that it said."""
        self.process.send_signal(signal.SIGTERM)
        assert await self.process.wait() in (0, -signal.SIGTERM)
        return self.log.read_text()


@asynccontextmanager
async def speaking(box: Box, directory: Path, *how: str) -> AsyncIterator[Speaking]:
    """A box that is ready to be asked."""
    port = free_ports({"box": None})["box"]
    keys, log = directory / "keys", directory / "log"
    keys.mkdir()
    told = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path.cwd()),
        "COMPTOIR_DATABASE": box.dsn,
        "COMPTOIR_PORT": str(port),
        "COMPTOIR_DESK_KEY": DESK_KEY,
        "COMPTOIR_KEYS": str(keys),
    }
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.voting.box.talkative", *how),
            cwd=directory,
            env=told,
            stdout=written,
            stderr=written,
        )
    url = f"http://127.0.0.1:{port}"
    headers = {"User-Agent": AGENT, "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    from_there = aiohttp.TCPConnector(local_addr=(ADDRESS, 0))
    async with aiohttp.ClientSession(url, headers=headers, connector=from_there) as session:
        client = Client(session, url)

        async def ready() -> bool:
            try:
                return (await client.ask("GET", "/health/ready")).status == 200
            except aiohttp.ClientError:
                return False

        asked = ServedBox(box.connection, box.dsn, client)
        try:
            await eventually(ready, bool)
            yield Speaking(asked, process, log)
        finally:
            await asked.database.close()
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            await process.wait()


async def voted(box: ServedBox) -> list[str]:
    """A voter casts, changes her mind, fails in every way, and asks; what would tell that it was
    she."""
    voter = Voter(await box.opened())
    sent = voter.ballot([1])
    forged = canonical(voter.fields([1], 4) | {"revision": 5})
    nonsense, endless = b"no ballot " + voter.key.encode(), b" " * LARGEST_BALLOT + sent
    bodies = [sent, sent, voter.ballot([2]), voter.ballot([2], 2), voter.ballot([2, 1], 3)]
    bodies += [forged, nonsense, endless]
    statuses = [(await box.post(each)).status for each in bodies]
    assert statuses == [201, 201, 409, 201, 422, 403, 422, 413]
    assert (await ask(box, voter)).body == {"revision": 2}
    assert (await box.client.ask("GET", f"/ballots/{voter.round_id}")).status in (404, 405)
    await eventually(lambda: box.count("published"), lambda found: found == 2)
    digest = hashlib.sha256(sent).hexdigest()
    return [voter.key, voter.token, digest, "/ballots", "/highest", str(voter.round_id)]


async def test_of_casting_not_one_line_is_written(box: Box, tmp_path: Path) -> None:
    async with speaking(box, tmp_path) as there:
        before = there.log.read_text()
        assert "starts" in before
        await voted(there.box)
        assert there.log.read_text() == before


async def test_no_logger_says_who_cast_or_what_however_much_it_says(
    box: Box, tmp_path: Path
) -> None:
    """No request, no address, no program, no trace, no ballot; and none of them in the outbox."""
    async with speaking(box, tmp_path, "talkative") as there:
        marks = await voted(there.box)
        rows = await there.box.rows()
        written = await there.stop()
    assert "has stopped" in written and '"level": "debug"' in written
    assert [each for each in (ADDRESS, AGENT, TRACE, *marks) if each in written] == []
    assert len(rows) == 2 and {row["traceparent"] for row in rows} == {None}
    assert not any(each in repr(dict(row)) for row in rows for each in (ADDRESS, AGENT, TRACE))
