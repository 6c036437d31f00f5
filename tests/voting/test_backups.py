"""What a restored database of count or roll hears while it is closed: what may be shown or done."""

from pathlib import Path

import pytest
from fastapi import FastAPI

from shared.events.submission import RoleRevoked, TextPublished
from shared.subscription import Subscription
from tests.serving import settings
from voting.count import app as count
from voting.roll import app as roll

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


def hearing(app: FastAPI, kind: str) -> list[Subscription]:
    """The subscriptions in which it hears of this."""
    return [each for each in app.state.process.subscriptions if kind in each.handlers]


@pytest.mark.parametrize("name", ["voting.count", "voting.roll"])
def test_a_restored_backup_shows_no_word_longer_than_it_takes_to_hear_that_it_was_erased(
    tmp_path: Path, name: str
) -> None:
    """It is closed until officers opened it, and its pages can be read meanwhile."""
    if name == "voting.count":
        known = settings(count.CountSettings, NOWHERE, keys=tmp_path)
        app = count.application(known, kafka=False)
    else:
        of_roll = settings(roll.RollSettings, NOWHERE, keys=tmp_path, signer=tmp_path / "signer")
        app = roll.application(of_roll, kafka=False)
    for kind in (TextPublished.type, RoleRevoked.type):  # nor lets in whose role was taken
        [subscription] = hearing(app, kind)
        assert subscription.heard_by_backups
        # Nothing else is: what it announces would get numbers that were given before.
        assert len(subscription.topics) == 1
