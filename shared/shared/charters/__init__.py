"""Charters as files: what one may say, how an edition changes a preset, what is refused and why.

`comptoir charter check` and the officers' page read the same file in the same way.
"""

from shared.charters.check import Charter, charter, read_charter
from shared.charters.problems import CharterRefused, Problem

__all__ = ["Charter", "CharterRefused", "Problem", "charter", "read_charter"]
