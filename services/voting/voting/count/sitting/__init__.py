"""Where a commission sits: its members type their shares, one after the other, into one form."""
