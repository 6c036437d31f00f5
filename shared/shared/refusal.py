"""A rule that says no: what rules raise, without a framework; `problems` tells HTTP."""

from collections.abc import Mapping
from typing import ClassVar


class Refusal(Exception):
    """A rule says no. The class is the meaning, `code` is stable, the message has the values.

    `headers` are what the answer says beside.
    """

    code: str = "refused"
    headers: ClassVar[Mapping[str, str]] = {}


class Unauthorised(Refusal):
    """An officer's route was called without the desk's key."""

    code = "unauthorised"
