"""What is written on the way to an idea: which steps are done, and whom to write to."""

import hmac
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final, Literal

from shared.canonical import digest
from shared.contacts import LANGUAGES
from shared.refusal import Refusal
from submission.projects.tables import Draft
from submission.versions import Shown

STEPS = ("what", "where", "who")
# What the earlier steps say, and the last one deposits.
WRITTEN: Final = ("title", "summary", "territory", "theme", "category")
KEPT_FOR = timedelta(days=30)
LINK_LASTS = timedelta(days=1)
# Somebody who presses the button twice is signed in by the second answer too.
PRESSED_TWICE = timedelta(minutes=5)


class DepositNotBegun(Refusal):
    """A later step comes before an earlier one, or the draft is gone."""

    code = "deposit_not_begun"


class DraftChanged(Refusal):
    """The draft is not what the page of the button showed."""

    code = "draft_changed"


class LanguageRefused(Refusal):
    """Nobody can be told anything in this language."""

    code = "language_refused"


class TooManyLinks(Refusal):
    """An address was sent as many links as it may be within the hour."""

    code = "too_many_links"


def step_of(draft: Draft | None) -> Literal["what", "where", "who"]:
    """The first step that is not done."""
    if draft is None or not (draft.title and draft.summary):
        return "what"
    return "who" if draft.territory else "where"


def check_step(draft: Draft | None, step: str) -> Draft:
    """The draft, of which everything before this step is done. Raises `DepositNotBegun`."""
    if draft is None or STEPS.index(step_of(draft)) < STEPS.index(step):
        raise DepositNotBegun(f"the draft is not ready for {step!r}")
    return draft


def written(draft: Mapping[str, Any]) -> Shown:
    """What the last step is about, as its page shows it: another window may write it anew."""
    return Shown({name: draft[name] for name in WRITTEN})


def draft_digest(draft: Draft) -> str:
    """What a button stands for: all that somebody publishes by it."""
    names = {"title", "summary", "territory", "theme", "category", "name", "address"}
    names |= {"carrier_type", "representative"}
    said = draft.model_dump(include=names)
    return digest({"draft": str(draft.draft_id), **said}).hex()


def check_shown(draft: Draft, shown: str) -> None:
    """Raises `DraftChanged`: whoever has its cookie may write it anew while its link is open."""
    if not hmac.compare_digest(draft_digest(draft).encode(), shown.encode()):
        raise DraftChanged("the draft was changed after this page was opened; nothing is published")


def read_language(written: str) -> str:
    """Raises `LanguageRefused`."""
    if written not in LANGUAGES:
        raise LanguageRefused(f"{written[:10]!r} is none of {', '.join(LANGUAGES)}")
    return written
