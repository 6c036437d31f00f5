"""How a token is signed: RSASSA-PSS, SHA-384, MGF1 with SHA-384, no salt (RFC 9474, PSSZERO).

Not blinded yet. Without a salt the same message always gives the same bytes.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS

PADDING = PSS(mgf=MGF1(hashes.SHA384()), salt_length=0)
HASH = hashes.SHA384()
