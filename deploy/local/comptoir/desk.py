"""Speaking to the processes as an officer would: JSON over HTTP, with the desk's key."""

from typing import Any

import aiohttp

from comptoir.errors import LauncherError


class DeskRefused(LauncherError):
    """A process answered with a problem; the message is its detail."""


async def post(session: aiohttp.ClientSession, url: str, key: str, body: Any) -> Any:
    """POST and return the JSON answer, or None where there is no body. Raises `DeskRefused`."""
    headers = {"Authorization": f"Bearer {key}"}
    try:
        async with session.post(url, json=body, headers=headers) as response:
            if response.status >= 400:
                raise DeskRefused(f"{url} answered {response.status}: {await _detail(response)}")
            return await response.json() if await response.read() else None
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LauncherError(f"{url} does not answer: {error}") from error


async def _detail(response: aiohttp.ClientResponse) -> str:
    text = await response.text()
    if response.content_type != "application/problem+json":
        return text[:200]
    problem = await response.json(content_type=None)
    return f"{problem.get('detail', text[:200])} ({problem.get('code', 'no code')})"
