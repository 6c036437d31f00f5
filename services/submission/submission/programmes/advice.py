"""What refusals about a programme's charter say to people, by their codes."""

from collections.abc import Mapping
from typing import Final

from shared.web.messages import mark

ADVICE: Final[Mapping[str, str]] = {
    "version_unknown": mark("The rules have no such version. Look at those that there are."),
    "amended_in_past": mark("An amendment holds from now on at the earliest. Say another time."),
    "amendment_pending": mark(
        "An amendment of the rules is about to take effect. Wait for it, and do this then."
    ),
    "amended_meanwhile": mark(
        "The rules were amended since this was asked for. Ask for it anew, from those of today."
    ),
    "options_changed": mark(
        "What would be frozen is not what was asked for any more: a project joined it, left it, or"
        " says something else. Nothing was frozen: decline this, and ask for it anew."
    ),
}
