"""What two officers can still do to a round whose rules are frozen: extend it, or annul it."""
