"""Every file of a key that a platform has is in the table that says what its loss means."""

import re
from collections.abc import Iterable
from pathlib import Path

from comptoir.stack import Stack

KEYS = (Path(__file__).parents[2] / "deploy/keys.md").read_text()
# What a name in the table stands for.
WORDS = {"ROUND": "[0-9a-f-]{36}", "TIER": "[A-Z]", "PUBLIC": "[0-9a-f]{64}", "LOG": "[a-z0-9-]+"}

BESIDE = (".note", ".destroyed")


def told() -> list[tuple[str, re.Pattern[str]]]:
    """Each file in the table, by the processes before it in its row."""
    found = []
    for row in re.findall(r"^\| (`.*?) \|", KEYS, re.M):
        processes, _, files = row.partition(": ")
        for file in re.findall(r"`([A-Za-z.-]+)`", files):
            pattern = re.escape(file)
            for word, form in WORDS.items():
                pattern = pattern.replace(word, form)
            found += [(name, re.compile(pattern)) for name in re.findall(r"`(.*?)`", processes)]
    return found


def key_files(stack: Stack) -> list[Path]:
    """The keys of a platform, by process and name."""
    directory = stack.state.directory / "keys"
    # Beside them: what signers and witnesses said last, and public halves of keys that are gone.
    files = (each for each in directory.rglob("*") if each.is_file())
    made = (each for each in files if each.suffix not in BESIDE and "sqlite" not in each.name)
    return [each.relative_to(directory) for each in made]


def untold(files: Iterable[Path]) -> list[Path]:
    """Those that the table does not tell of."""
    known = told()
    return [
        file
        for file in files
        if not any(file.parts[0] == name and form.fullmatch(file.name) for name, form in known)
    ]


async def test_each_key_file_is_told(stack: Stack) -> None:
    made = key_files(stack)
    assert {each.parts[0] for each in made} >= {"voting.box", "voting.count", "ledger.witness"}
    assert untold(made) == []
