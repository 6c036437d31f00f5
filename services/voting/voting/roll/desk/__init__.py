"""The returning officer's desk at the roll: codes that were posted, and how many were used."""
