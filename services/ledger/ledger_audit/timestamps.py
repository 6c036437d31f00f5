"""Time stamps of a log's checkpoints (RFC 3161): when they were there, by the word of others.

They are checked offline, with `rfc3161-client`, which the extra `timestamps` installs; anybody can
do the same by `openssl ts -verify -data <size>.note -in <size>.tsr -CAfile CA.pem`.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from cryptography import x509

from ledger_audit.errors import Tampered, Unreachable, Untrusted
from ledger_audit.export import Export
from ledger_audit.policy import Policy
from ledger_audit.sources import Missing
from ledger_audit.tree import HASH, WIDTH, tree_hash
from ledger_audit.verify import Verified

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

STEP = 13
MOST = 100_000
_SHA256 = x509.ObjectIdentifier("2.16.840.1.101.3.4.2.1")


class NotInstalled(Exception):
    """What reads time stamps is an extra."""


@dataclass(frozen=True)
class Stamp:
    """A checkpoint of this log, and since when it is known to others."""

    size: int
    at: datetime
    authority: str

    def summary(self) -> dict[str, Any]:
        """As JSON."""
        return {"size": self.size, "time": f"{self.at:%Y-%m-%dT%H:%M:%SZ}", "by": self.authority}


def check(verified: Verified, policy: Policy, roots: Sequence[x509.Certificate]) -> list[Stamp]:
    """The time stamps of a log that was verified, in the order of their checkpoints.

    1. Each is over a note that a key of the log signed.
    2. That note's checkpoint is of this log: its first entries have the root it says.
    3. The reply is over the SHA-256 of the note, to the byte.
    4. Its signer has a certificate for time stamps that was valid then, below one of `roots`.

    Raises `Tampered` with step 13 for 1 to 3, step 10 with both notes where the root is another,
    `Untrusted` for 4, for a key that the policy does not know, and where there is none at all, and
    `NotInstalled`.
    """
    if not roots:
        raise Untrusted("no certificate says whose time stamps are taken")
    try:
        import rfc3161_client  # noqa: F401
    except ModuleNotFoundError:
        raise NotInstalled(
            "time stamps are read by an extra: pip install 'comptoir-ledger[timestamps]'"
        ) from None
    sizes = stamped(verified.export, verified.size)
    if not sizes:
        raise Untrusted("no checkpoint of it has a time stamp, or whoever serves it took the list")
    return [_checked(verified, policy, size, roots) for size in sizes]


def stamped(export: Export, upto: int) -> list[int]:
    """Which checkpoints have one, as the log lists them; later ones are not looked at.

    Raises `Unreachable` where the list is none.
    """
    try:
        listed = json.loads(export.file("timestamps"))
        sizes = sorted({_whole(each["size"]) for each in listed})
    except Missing:
        return []
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Unreachable("its list of time stamps cannot be read") from None
    if len(sizes) > MOST:
        raise Unreachable(f"more than {MOST} time stamps")
    return [size for size in sizes if 0 < size <= upto]


def _whole(size: object) -> int:
    if type(size) is not int:
        raise ValueError(f"no size: {size!r:.40}")
    return size


def _checked(
    verified: Verified, policy: Policy, size: int, roots: Sequence[x509.Certificate]
) -> Stamp:
    note, reply = _file(verified, f"{size}.note"), _file(verified, f"{size}.tsr")
    # 1. Who cosigned it then matters to nobody now.
    checkpoint = replace(policy, quorum="none").check_old(note).checkpoint
    if (checkpoint.origin, checkpoint.size) != (verified.origin, size):
        raise Tampered(STEP, f"what is stamped as size {size} is another checkpoint")
    # 2.
    if checkpoint.root != root_of(verified, size):
        what = f"its first {size} entries are not those of the checkpoint that was stamped"
        raise Tampered(10, what, None, (note, verified.export.note))
    # 3.
    found = _read(reply, size)
    info = found.tst_info
    imprint = info.message_imprint
    if (imprint.hash_algorithm, imprint.message) != (_SHA256, sha256(note).digest()):
        raise Tampered(STEP, f"the time stamp of size {size} is over something else")
    # 4.
    at = info.gen_time
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return Stamp(size, at, _authority(found, note, size, roots))


def _file(verified: Verified, name: str) -> bytes:
    try:
        return verified.export.file(f"timestamp/{name}")
    except Missing:
        raise Tampered(STEP, f"timestamp/{name} is listed and missing") from None


def _read(reply: bytes, size: int) -> "TimeStampResponse":
    from rfc3161_client import decode_timestamp_response

    try:
        found = decode_timestamp_response(reply)
        _ = found.tst_info.message_imprint.message
    except ValueError:
        raise Tampered(STEP, f"timestamp/{size}.tsr is no time stamp") from None
    return found


def _authority(
    found: "TimeStampResponse", note: bytes, size: int, roots: Sequence[x509.Certificate]
) -> str:
    """The subject of the certificate that signed it. Raises `Untrusted`."""
    from rfc3161_client import VerificationError, VerifierBuilder

    try:
        VerifierBuilder(roots=list(roots)).build().verify_message(found, note)
        (signer,) = found.signed_data.signer_infos
        for each in found.signed_data.certificates:
            certificate = x509.load_der_x509_certificate(each)
            if (certificate.issuer, certificate.serial_number) == (
                signer.issuer,
                signer.serial_number,
            ):
                return certificate.subject.rfc4514_string()
    except (VerificationError, ValueError) as error:
        what = f"the time stamp of size {size} is by nobody whom these certificates vouch for"
        raise Untrusted(f"{what}: {error}") from None
    raise Untrusted(f"the time stamp of size {size} does not say who signed it")


def root_of(verified: Verified, size: int) -> bytes:
    """The root of a log's first entries, from its hash tiles, which were verified."""
    found: bytes | None = None
    level = 0
    while size >> 8 * level:
        width = (size >> 8 * level) % WIDTH
        number = size >> 8 * (level + 1)
        if width:
            whole = min(WIDTH, (verified.size >> 8 * level) - number * WIDTH)
            tile = verified.export.tile(level, number, whole)[: width * HASH]
            row = [tile[at : at + HASH] for at in range(0, len(tile), HASH)]
            found = tree_hash(row if found is None else [*row, found])
        level += 1
    return tree_hash([]) if found is None else found
