"""No process of a vote leaves its memory behind when it dies, whatever the machine's limits are."""

import asyncio
import sys

import pytest


@pytest.mark.parametrize("name", ["voting.roll", "voting.box", "voting.count"])
async def test_its_memory_is_in_no_dump(name: str) -> None:
    program = (
        "import resource, runpy, shared.starting;"
        "shared.starting.main = lambda name: print(name, resource.getrlimit(resource.RLIMIT_CORE));"
        f"runpy.run_module({name!r}, run_name='__main__')"
    )
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program), stdout=asyncio.subprocess.PIPE
    )
    said, _ = await asked.communicate()
    assert said == f"{name} (0, 0)\n".encode()
