"""Forms that a page does not show yet, sent all the same, and refused."""

import json
from urllib.parse import urljoin
from uuid import uuid4

from comptoir.browser import Browser, NotThere
from comptoir.scenarios.scheme import Scheme


async def refuse_unseen(
    scheme: Scheme, code: str, who: Browser, page: str, action: str, **said: str
) -> None:
    """Somebody who looks at a page sends a form that it has not, and is refused with this code."""
    seen = (await who.get(page)).done()
    csrf = next(fields["csrf"] for fields in seen.forms().values() if "csrf" in fields)
    sent = {"csrf": csrf, "once": str(uuid4()), **said}
    answer = await who.post(urljoin(seen.url, action), sent, Accept="application/json")
    if answer.status < 400 or json.loads(answer.text)["code"] != code:
        raise NotThere(f"{action} should be refused with {code}: {answer.text[:400]}")
    scheme.refused.append(code)
