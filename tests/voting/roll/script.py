"""The voting page's script, asked in Node: its modules as they are written, not their bundle."""

from contextlib import AbstractContextManager
from pathlib import Path

from tests.node import Ask, answering, module

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "services" / "voting" / "script"
MODULES = sorted(FOLDER.glob("*.js"))
_HEX = "hex: (text) => Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16))"


def script() -> AbstractContextManager[Ask]:
    """Bodies of functions of (vote, oracle, given, hex). `vote` has what all modules export,
    `oracle` is `@cloudflare/blindrsa-ts`, `hex` reads bytes."""
    names = [f"m{at}" for at in range(len(MODULES))]
    vote = ", ".join(f"...{name}" for name in names)
    return answering(
        f"vote: {{ {vote} }}, oracle, {_HEX}",
        *map(module, MODULES, names),
        "import * as oracle from '@cloudflare/blindrsa-ts';",
        folder=FOLDER,
    )
