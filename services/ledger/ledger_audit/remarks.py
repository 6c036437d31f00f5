"""What a log that verifies says of itself, and whoever relies on it ought to hear."""

from ledger_audit.verify import Verified

_MOST = 10


def remarks(verified: Verified) -> list[str]:
    """A line each: what nobody signed, numbers without an event, keys that no key vouches for."""
    said = list[str]()
    if verified.unsigned:
        said.append(
            f"{verified.unsigned} decisions or closings are signed by no service: the log knew no"
            " key of theirs by then"
        )
    for src, key, index in verified.replaced:
        said.append(
            f"entry {index}: two officers gave {src} the key {key}, for which no earlier one"
            " vouches: ask it whether it is its own"
        )
    for src, key, index in verified.unvouched:
        said.append(
            f"entry {index}: {src} announced the key {key}, for which no earlier one vouches: it is"
            " not taken"
        )
    for each in verified.filled[:_MOST]:
        numbers = str(each.first) if each.first == each.last else f"{each.first} to {each.last}"
        said.append(f"entry {each.at}: no event has number {numbers} of {each.src} ({each.reason})")
    if (more := verified.fillings - min(len(verified.filled), _MOST)) > 0:
        said.append(f"{more} further entries say that numbers have no event (--json has more)")
    return said
