"""The signer's process: no Kafka; health, metrics, and which logs it signs with which keys."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI

from ledger.policy import Policy
from ledger.signer import routes, stamping
from ledger.signer.authorities import read_authorities
from ledger.signer.files import SignerFiles
from ledger.signer.sign import NAME, Signer
from ledger.signer.watch import Watch
from shared.process import Process
from shared.settings import Settings

LOOK_EVERY = 1.0


class SignerSettings(Settings):
    """`keys` is the directory of the private keys and last notes; it is in no database backup.
    `policy` is a C2SP tlog-policy: the witnesses, and how many are needed; without it, none.
    `timestamps` names the authorities that stamp checkpoints; without it, none does."""

    keys: Path
    policy: Path | None = None
    timestamps: Path | None = None


def create() -> FastAPI:
    """The process as its environment says."""
    return application(SignerSettings())


def application(settings: SignerSettings) -> FastAPI:
    """The process as uvicorn serves it. Raises `Malformed` for a policy, or a file of authorities,
    that is wrong."""
    policy = Policy() if settings.policy is None else Policy.parse(settings.policy.read_bytes())
    process = Process(NAME, settings, kafka=False)
    watch = Watch(process.metrics.registry)
    signer = Signer(process.database, SignerFiles(settings.keys), policy, watch)
    process.add_work(signer.run)
    process.every(LOOK_EVERY, "signer", partial(_look, process, watch))
    if settings.timestamps is not None:
        stamps = stamping.Watch(process.metrics.registry)
        stamper = stamping.Stamper(process.database, read_authorities(settings.timestamps), stamps)
        process.every(stamping.LOOK_EVERY, "stamps", stamper.look)
        process.every(LOOK_EVERY, "unstamped", partial(_look_at_stamps, process, stamps))
    return process.app([routes.router])


async def _look_at_stamps(process: Process, watch: stamping.Watch) -> None:
    """Raise the alarm where no authority has stamped for an hour what is due."""
    waited = watch.waited - stamping.PATIENCE
    process.alarm("timestamps", waited, "no time stamp was to be had for more than an hour, by")


async def _look(process: Process, watch: Watch) -> None:
    """Raise the alarm where no quorum of witnesses cosigns."""
    watch.wait(watch.waiting_since)
    process.alarm("witnesses", watch.waited, "no quorum of witnesses cosigned for")
