"""A ballot's format and a rule in plain sentences, for whoever reads them before a round opens.

Pure. Whatever a model can say, a sentence says: two rules that decide otherwise read otherwise.
"""

from shared.rules.saying.ballots import ballot
from shared.rules.saying.rules import Part, rule
from shared.rules.saying.scheme import of_scheme
from shared.rules.saying.speech import Speech, speech
from shared.rules.saying.votes import Said, of_charter, of_round
from shared.rules.saying.warned import warning

__all__ = [
    "Part",
    "Said",
    "Speech",
    "ballot",
    "of_charter",
    "of_round",
    "of_scheme",
    "rule",
    "speech",
    "warning",
]
