"""Which Ed25519 public keys may be ballot keys, so that every verifier agrees about a signature.

RFC 8032 leaves room: some verifiers take a key whose y is not reduced, or one of small order, and
others do not. Both are refused (voting-protocol.md §5).
"""

from base64 import b64decode, b64encode

P = 2**255 - 19
# The y of the four points of order 8 is this or its negative.
_EIGHTH = 55188659117513257062467267217118295137698188065244968500265048394206261417927
# The points of order 4, 1, 2 and 8, as y; the sign bit of x does not matter here.
SMALL_ORDER = frozenset({0, 1, P - 1, _EIGHTH, P - _EIGHTH})


def flaw(key: str) -> str | None:
    """Why this base64 text is no ballot key, or None."""
    try:
        raw = b64decode(key, validate=True)
    except ValueError:
        return "it is not base64"
    if len(raw) != 32:
        return f"it has {len(raw)} bytes, not 32"
    if b64encode(raw).decode() != key:
        # Else one key would have four names, and pass for four voters.
        return "its base64 is not canonical"
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= P:
        return "its encoding is not canonical"
    return "its order is small" if y in SMALL_ORDER else None
