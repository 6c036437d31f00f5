"""Programs of other people, asked whether they accept a log of ours (README.md says which)."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TOOLS = Path(sys.prefix).parent / ".tools"
PYTHON = _TOOLS / "foreign/bin"
GO = _TOOLS / "go/bin"
_ORACLE = Path(__file__).with_name("oracle.py")
_SECONDS = 120


@dataclass(frozen=True)
class Asked:
    """A log, and what its reader knows: the same for every client, which uses what it can.

    `log` is a directory or a URL, `old` a checkpoint that was saved, `indexes` the entries that are
    proven by those who prove single ones.
    """

    log: str
    vkey: str
    witnesses: Sequence[str] = ()
    quorum: int = 0
    max_age: int | None = None
    old: Path | None = None
    indexes: Sequence[int] = (0,)


@dataclass(frozen=True)
class Verdict:
    """What a client said."""

    accepted: bool
    said: str


def aics_tlog(asked: Asked, scratch: Path) -> Verdict:
    """AICS's verifier: checkpoint, cosignatures and their age, consistency, single entries."""
    whom = ["--tiles", asked.log, "--vkey-file", _key_file(asked, scratch)]
    for witness in asked.witnesses:
        whom += ["--witness-key", witness]
    whom += ["--quorum", asked.quorum] if asked.quorum else []
    whom += ["--max-age", asked.max_age] if asked.max_age is not None else []
    commands: list[list[object]] = [["verify-checkpoint", *whom]]
    if asked.old is not None:
        commands.append(["verify-consistency", *whom, "--old-checkpoint", asked.old])
    commands += [["verify-inclusion", *whom, "--index", index] for index in asked.indexes]
    for command in commands:
        code, said = _run(PYTHON / "aics-tlog", *command)
        answer = json.loads(said)
        if (code == 0) is not answer["ok"]:
            raise RuntimeError(f"aics-tlog ends with {code} and says {said}")
        if code:
            return Verdict(False, f"{command[0]}: {answer['error']}")
    return Verdict(True, said)


def tlog_scales(asked: Asked, scratch: Path) -> Verdict:
    """The library tlog-scales: checkpoint, cosignatures, every entry, consistency."""
    witnesses = [part for each in asked.witnesses for part in ("--witness", each)]
    return _by_code(
        *(PYTHON / "python", _ORACLE, "scales", asked.log, asked.vkey),
        *(*witnesses, "--quorum", asked.quorum, *_old("--old", asked)),
    )


def metamorphic_log(asked: Asked, scratch: Path) -> Verdict:
    """The library metamorphic-log: checkpoint, every entry, consistency; it knows no witnesses."""
    return _by_code(
        *(PYTHON / "python", _ORACLE, "metamorphic", asked.log, asked.vkey, *_old("--old", asked))
    )


def xmod(asked: Asked, scratch: Path) -> Verdict:
    """Go's x/mod and torchwood: checkpoint, cosignatures and their age, every entry, continuity."""
    age = ["-max-age", asked.max_age] if asked.max_age is not None else []
    return _by_code(
        *(GO / "xmod", "-policy", policy_file(asked, scratch), *age, *_old("-old", asked)),
        *(asked.vkey, asked.log),
    )


def fsck(asked: Asked, scratch: Path) -> Verdict:
    """Tessera's fsck: checkpoint, every entry and every tile. It remembers nothing, and so takes
    any history that the log's key signed. It ends with 0 in any case, and says what failed."""
    url = asked.log if "://" in asked.log else f"file://{asked.log}/"
    flags = [f"--storage_url={url}", f"--public_key={_key_file(asked, scratch)}"]
    code, said = _run(GO / "fsck", *flags, "--ui=false", "--N=2", "--v=1")
    completed = "Completed ranges" in said and "fsck failed" not in said
    return Verdict(code == 0 and completed, said)


type Client = Callable[[Asked, Path], Verdict]
CLIENTS: Mapping[str, Client] = {
    "aics-tlog": aics_tlog,
    "tlog-scales": tlog_scales,
    "metamorphic-log": metamorphic_log,
    "x/mod": xmod,
    "fsck": fsck,
}


def verdicts(asked: Asked, scratch: Path) -> dict[str, Verdict]:
    """What each client says of a log."""
    return {name: client(asked, scratch) for name, client in CLIENTS.items()}


def receipt_verdicts(receipt: Path, entry: Path, asked: Asked, scratch: Path) -> dict[str, Verdict]:
    """What those say of a `.tlog-proof` who can check one."""
    policy = policy_file(asked, scratch)
    oracle = [PYTHON / "python", _ORACLE, "metamorphic", receipt, asked.vkey, "--entry", entry]
    return {
        "torchwood": _by_code(GO / "xmod", "-policy", policy, "-receipt", receipt, entry),
        "metamorphic-log": _by_code(*oracle),
    }


def policy_file(asked: Asked, scratch: Path) -> Path:
    """The C2SP tlog-policy of what the reader knows."""
    names = [f"w{place}" for place in range(len(asked.witnesses))]
    lines = [f"log {asked.vkey}"]
    lines += [f"witness {name} {key}" for name, key in zip(names, asked.witnesses, strict=True)]
    if asked.quorum:
        lines.append(f"group enough {asked.quorum} {' '.join(names)}")
    lines.append(f"quorum {'enough' if asked.quorum else 'none'}")
    file = scratch / "foreign.policy"
    file.write_text("\n".join(lines) + "\n")
    return file


def _key_file(asked: Asked, scratch: Path) -> Path:
    file = scratch / "foreign.vkey"
    file.write_text(asked.vkey + "\n")
    return file


def _old(flag: str, asked: Asked) -> list[object]:
    return [] if asked.old is None else [flag, asked.old]


def _by_code(*argv: object) -> Verdict:
    code, said = _run(*argv)
    if code not in (0, 1) or not said.startswith(("accepted", "refused")):
        raise RuntimeError(f"{argv[0]} ends with {code} and says {said}")
    return Verdict(code == 0, said)


def _run(*argv: object) -> tuple[int, str]:
    found = subprocess.run(
        [str(each) for each in argv], capture_output=True, text=True, timeout=_SECONDS
    )
    return found.returncode, found.stdout or found.stderr
