"""The auditor's own knowledge of which keys all verifiers treat alike."""

import pytest

from ledger_audit import ballots
from tests.voting.box.points import SMALL_ORDER_ENCODINGS


@pytest.mark.parametrize("encoded", SMALL_ORDER_ENCODINGS)
def test_every_key_of_small_order_is_refused(encoded: str) -> None:
    y = int.from_bytes(bytes.fromhex(encoded), "little") & (2**255 - 1)
    assert y >= ballots._P or y in ballots._SMALL_ORDER
