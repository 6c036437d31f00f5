"""The signer as a process: what it answers, what it refuses, and that it has nothing else."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import (
    RSAPrivateKey,
    RSAPublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import rsabssa
from tests.voting.signer.serving import Signing, signing
from voting.signer.answering import answered
from voting.signer.app import AlreadyServed
from voting.signer.keys import TierKeys
from voting.signer.signing import SigningFailed, TierKey

ROUND = UUID(int=7)
OF_A = {"round": str(ROUND), "tier": "A"}
VALUE = b64encode(bytes(383) + b"\x02").decode()


async def said(socket: Path, *questions: Any) -> list[Any]:
    """The answers to questions that are sent at once; bytes are sent as they are."""
    reader, writer = await asyncio.open_unix_connection(socket, limit=2**16)
    for question in questions:
        line = question if isinstance(question, bytes) else json.dumps(question).encode()
        writer.write(line + b"\n")
    answers = [json.loads(await reader.readline()) for _ in questions]
    writer.close()
    await writer.wait_closed()
    return answers


@pytest.fixture
async def signer(tmp_path: Path) -> AsyncIterator[Signing]:
    async with signing(tmp_path) as there:
        yield there


def environment(directory: Path) -> dict[str, str]:
    given = {"COMPTOIR_SOCKET": directory / "socket", "COMPTOIR_KEYS": directory / "keys"}
    return {"PATH": os.environ["PATH"], **{name: str(path) for name, path in given.items()}}


@asynccontextmanager
async def process(directory: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`python -m voting.signer`, once it says that it answers."""
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "voting.signer"),
        env=environment(directory),
        stdout=asyncio.subprocess.PIPE,
    )
    assert started.stdout is not None
    try:
        while b"answers at" not in (line := await started.stdout.readline()):
            assert line, "it ended"
        yield started
    finally:
        if started.returncode is None:
            started.kill()
        await started.communicate()


async def health(directory: Path) -> tuple[int, bytes]:
    """What `python -m voting.signer health` ends with, and says."""
    asking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "voting.signer", "health"),
        env=environment(directory),
        stderr=asyncio.subprocess.PIPE,
    )
    _, error = await asking.communicate()
    assert asking.returncode is not None
    return asking.returncode, error


async def test_the_process_makes_a_key_signs_and_stops_when_it_is_told_to(tmp_path: Path) -> None:
    async with process(tmp_path) as running:
        socket = tmp_path / "socket"
        assert await health(tmp_path) == (0, b"")
        [made, again, known, signed] = await said(
            socket,
            {"do": "make", **OF_A},
            {"do": "make", **OF_A},
            {"do": "public", **OF_A},
            {"do": "sign", **OF_A, "blinded": VALUE},
        )
        assert made == again == known
        public = load_der_public_key(b64decode(made["public"]))
        assert isinstance(public, RSAPublicKey) and public.key_size == 3072
        numbers = public.public_numbers()
        assert numbers.e == 65537
        assert pow(int.from_bytes(b64decode(signed["signature"])), numbers.e, numbers.n) == 2
        # Nobody but its user and group; the keys, nobody but its user.
        assert stat.S_IMODE(os.stat(socket).st_mode) == 0o660
        [key] = await asyncio.to_thread(lambda: list((tmp_path / "keys").iterdir()))
        assert (key.name, stat.S_IMODE(key.stat().st_mode)) == (f"tier-{ROUND}-A.key", 0o600)
        running.send_signal(signal.SIGTERM)
        assert await running.wait() == 0
    code, error = await health(tmp_path)
    assert code == 1 and b"no signer answers" in error


async def test_the_process_has_no_port_and_leaves_no_core(tmp_path: Path) -> None:
    async with process(tmp_path) as running:
        await said(tmp_path / "socket", {"do": "make", **OF_A})
        sockets = await asyncio.to_thread(_inodes, running.pid)
        for table in ("tcp", "tcp6", "udp", "udp6"):
            text = await asyncio.to_thread(Path(f"/proc/{running.pid}/net/{table}").read_text)
            used = {line.split()[9] for line in text.splitlines()[1:]}
            assert not used & sockets, table
        limits = await asyncio.to_thread(Path(f"/proc/{running.pid}/limits").read_text)
        [core] = [line for line in limits.splitlines() if line.startswith("Max core file size")]
        assert core.split()[4:6] == ["0", "0"]


def _inodes(pid: int) -> set[str]:
    """The sockets that a process has."""
    links = [os.readlink(file) for file in Path(f"/proc/{pid}/fd").iterdir()]
    return {link[8:-1] for link in links if link.startswith("socket:[")}


async def test_a_socket_that_a_killed_signer_left_is_taken_over_and_a_living_one_is_not(
    tmp_path: Path,
) -> None:
    async with process(tmp_path) as running:
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "voting.signer"),
            env=environment(tmp_path),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        _, error = await second.communicate()
        assert second.returncode == 1 and b"answers at" in error
        assert await health(tmp_path) == (0, b"")
        running.kill()
        await running.wait()
    assert await asyncio.to_thread((tmp_path / "socket").exists)
    async with process(tmp_path):
        assert await health(tmp_path) == (0, b"")


async def test_only_one_answers_at_a_socket(signer: Signing) -> None:
    with pytest.raises(AlreadyServed):
        await signer.up()


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (b"", "malformed"),
        (b"hello", "malformed"),
        (b"[]", "malformed"),
        ({"do": "dance"}, "malformed"),
        ({"do": "health", "more": 1}, "malformed"),
        ({"do": "make", "round": str(ROUND)}, "malformed"),
        ({"do": "make", "round": "../../etc", "tier": "A"}, "malformed"),
        ({"do": "make", "round": str(ROUND), "tier": "/A"}, "malformed"),
        ({"do": "make", "round": str(ROUND), "tier": "A\n"}, "malformed"),
        ({"do": "sign", **OF_A}, "malformed"),
        ({"do": "sign", **OF_A, "blinded": 2}, "malformed"),
        ({"do": "sign", **OF_A, "blinded": "é"}, "blinded_refused"),
        ({"do": "sign", **OF_A, "blinded": VALUE[:-1]}, "blinded_refused"),
        ({"do": "sign", **OF_A, "blinded": ""}, "blinded_refused"),
        ({"do": "sign", **OF_A, "blinded": "A" * 512}, "blinded_refused"),
        ({"do": "sign", **OF_A, "blinded": "/" * 512}, "blinded_refused"),
        ({"do": "sign", "round": str(ROUND), "tier": "C", "blinded": VALUE}, "key_unknown"),
        ({"do": "public", "round": str(ROUND), "tier": "C"}, "key_unknown"),
    ],
)
async def test_what_is_no_question_is_refused_and_the_next_is_answered(
    signer: Signing, question: Any, code: str
) -> None:
    _, refused, answer = await said(
        signer.socket, {"do": "make", **OF_A}, question, {"do": "sign", **OF_A, "blinded": VALUE}
    )
    assert set(refused) == {"code", "detail"} and refused["code"] == code
    assert "signature" in answer
    made = await asyncio.to_thread(lambda: [file.name for file in signer.directory.iterdir()])
    assert made == [f"tier-{ROUND}-A.key"]


async def test_a_line_without_end_ends_the_conversation_alone(signer: Signing) -> None:
    reader, writer = await asyncio.open_unix_connection(signer.socket)
    writer.write(b"x" * 100_000)
    assert await reader.read() == b""
    writer.close()
    assert await said(signer.socket, {"do": "health"}) == [{"status": "ready"}]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_line_is_answered(tmp_path: Path, line: bytes) -> None:
    answer = json.loads(asyncio.run(answered(TierKeys(tmp_path), line)))
    assert answer == {"status": "ready"} or set(answer) == {"code", "detail"}


async def test_signers_that_share_a_directory_have_one_key(tmp_path: Path) -> None:
    """Four processes that are asked at once, for a key that none of them has."""
    program = (
        "import sys, hashlib, pathlib, uuid\n"
        "from voting.signer.keys import TierKeys\n"
        "key = TierKeys(pathlib.Path(sys.argv[1])).make(uuid.UUID(int=7), 'A')\n"
        "print(hashlib.sha256(key).hexdigest())\n"
    )
    command = (sys.executable, "-c", program, str(tmp_path / "keys"))
    signers = [
        await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        for _ in range(4)
    ]
    found = {(await each.communicate())[0] for each in signers}
    assert len(found) == 1 and len(found.pop().strip()) == 64


async def test_a_destroyed_key_signs_no_more_after_a_restart(signer: Signing) -> None:
    await said(signer.socket, {"do": "make", **OF_A})
    await signer.down()
    (signer.directory / f"tier-{ROUND}-A.key").unlink()
    await signer.up()
    [refused] = await said(signer.socket, {"do": "sign", **OF_A, "blinded": VALUE})
    assert refused["code"] == "key_unknown"


@pytest.mark.parametrize("part", ["p", "q", "dmp1", "dmq1", "iqmp"])
def test_a_signature_that_a_fault_made_wrong_never_leaves(tmp_path: Path, part: str) -> None:
    """Of one that is wrong modulo one prime, whoever knows the value can tell the other prime."""
    keys = TierKeys(tmp_path)
    keys.make(ROUND, "A")
    private = load_der_private_key((tmp_path / f"tier-{ROUND}-A.key").read_bytes(), None)
    assert isinstance(private, RSAPrivateKey)
    faulty = TierKey(private)
    setting = {"p": "_p", "q": "_q", "dmp1": "_dp", "dmq1": "_dq", "iqmp": "_q_inverse"}
    value = (12345).to_bytes(384)
    assert rsabssa.fits(private.public_key(), faulty.sign(value))
    setattr(faulty, setting[part], getattr(faulty, setting[part]) ^ 4)
    with pytest.raises(SigningFailed):
        faulty.sign(value)


def test_it_says_how_it_is_called() -> None:
    run = subprocess.run(
        [sys.executable, "-P", "-m", "voting.signer", "sing"], capture_output=True, check=False
    )
    assert run.returncode == 1 and b"usage:" in run.stderr


async def test_a_destroyed_key_is_in_no_file_and_signs_nothing(signer: Signing) -> None:
    sign = {"do": "sign", **OF_A, "blinded": VALUE}
    [made, signed, gone, refused, again, public, remade] = await said(
        signer.socket,
        {"do": "make", **OF_A},
        sign,
        {"do": "destroy", **OF_A},
        sign,
        {"do": "destroy", **OF_A},
        {"do": "public", **OF_A},
        {"do": "make", **OF_A},
    )
    assert "signature" in signed and refused["code"] == "key_destroyed"
    assert made == gone == again == public == remade
    [left] = await asyncio.to_thread(lambda: list(signer.directory.iterdir()))
    assert left.name == f"tier-{ROUND}-A.destroyed"
    assert left.read_bytes() == b64decode(made["public"])


async def test_a_key_that_another_signer_destroyed_is_forgotten(tmp_path: Path) -> None:
    """Two signers of one directory: what one destroyed, the other has in memory."""
    one, other = TierKeys(tmp_path), TierKeys(tmp_path)
    await asyncio.to_thread(one.make, ROUND, "A")
    other.key(ROUND, "A")
    assert other._ready
    one.destroy(ROUND, "A")
    health = json.loads(await answered(other, b'{"do":"health"}'))
    assert health == {"status": "ready"} and not other._ready


def test_a_key_is_made_ready_while_others_are_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are destroyed in a thread, beside the one that signs."""
    keys = TierKeys(tmp_path)
    keys.make(ROUND, "A")
    ready, file = keys.key(ROUND, "A"), keys._file

    def meanwhile(round_id: UUID, tier: str) -> Path:
        keys._ready.setdefault((ROUND, "B"), ready)
        return file(round_id, tier)

    monkeypatch.setattr(keys, "_file", meanwhile)
    keys.forget()
    assert keys._ready.keys() == {(ROUND, "A"), (ROUND, "B")}


def test_no_key_is_left_that_was_made_while_it_was_destroyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(public_exponent: int, key_size: int) -> RSAPrivateKey:
        (tmp_path / f"tier-{ROUND}-A.destroyed").write_bytes(b"announced")
        return generate_private_key(public_exponent=public_exponent, key_size=key_size)

    monkeypatch.setattr("voting.signer.keys.generate_private_key", meanwhile)
    assert TierKeys(tmp_path).make(ROUND, "A") == b"announced"
    assert [each.name for each in tmp_path.iterdir()] == [f"tier-{ROUND}-A.destroyed"]


def test_what_a_kill_left_of_a_key_is_destroyed_with_it(tmp_path: Path) -> None:
    keys = TierKeys(tmp_path)
    keys.make(ROUND, "A")
    file = tmp_path / f"tier-{ROUND}-A.key"
    (tmp_path / f".{file.name}.0123456789abcdef").write_bytes(file.read_bytes())
    keys.destroy(ROUND, "A")
    assert [each.name for each in tmp_path.iterdir()] == [f"tier-{ROUND}-A.destroyed"]


async def test_a_key_that_was_never_made_is_not_destroyed(signer: Signing) -> None:
    [refused] = await said(signer.socket, {"do": "destroy", **OF_A})
    assert refused["code"] == "key_unknown"
