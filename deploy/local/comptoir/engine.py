"""The Docker engine of this machine and the images of the tests, looked for within a bound."""

import os
import shutil
import subprocess

KAFKA_IMAGE = "apache/kafka:4.3.1"
POSTGRES_IMAGE = "postgres:17"
# An engine that is only slow is no engine: whoever asks has something else to use, or to say.
BOUND = 5.0


def images(command: str = "docker", within: float = BOUND) -> frozenset[str] | None:
    """The names of the images that the engine has; None where no engine answers in time."""
    try:
        listed = subprocess.run(
            [command, "image", "ls", "--format", "{{.Repository}}:{{.Tag}}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return frozenset(listed.stdout.split()) if listed.returncode == 0 else None


def lacking(wanted: str, found: frozenset[str] | None) -> str | None:
    """What stands in the way of a container of the image `wanted`, in a sentence, or None."""
    if found is None:
        return "no Docker engine answers"
    return None if wanted in found else f"the Docker engine has no image {wanted}"


def can_start() -> bool:
    """Whether `deploy/ci/with-docker.sh` could start an engine and build the images here."""
    return os.geteuid() == 0 and all(map(shutil.which, ("dockerd", "docker", "debootstrap")))
