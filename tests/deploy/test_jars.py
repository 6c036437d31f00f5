"""The broker's jars: not one byte other than what the lock says."""

import shutil
from pathlib import Path

import pytest

from comptoir.errors import JarRefused
from comptoir.jars import LOCK, checked_jars, class_path, locked_jars
from comptoir.places import default_cache


@pytest.fixture(scope="module")
def fetched() -> Path:
    """The cache of this machine, filled."""
    cache = default_cache()
    class_path(cache)
    return cache / "jars"


def test_the_class_path_is_the_jars_of_the_lock_and_no_other(fetched: Path) -> None:
    (fetched / "jars").mkdir(exist_ok=True)
    stray = fetched / "jars" / "stray.jar"
    stray.touch()
    try:
        names = [Path(path).name for path in class_path(fetched.parent).split(":")]
    finally:
        stray.unlink()
    assert sorted(names) == sorted(locked_jars())
    assert len(names) == 46


def test_a_falsified_hash_is_refused_by_name(fetched: Path, tmp_path: Path) -> None:
    name = "kafka_2.13-4.3.1.jar"
    true = locked_jars()[name]
    lock = tmp_path / "jgo.lock.toml"
    lock.write_text(LOCK.read_text().replace(true, "0" * 64))
    with pytest.raises(JarRefused, match=rf"jgo\.lock\.toml: {name} \("):
        checked_jars(fetched, lock)


def test_a_falsified_jar_is_refused_by_name(fetched: Path, tmp_path: Path) -> None:
    copy = tmp_path / "jars"
    copy.mkdir()
    for jar in checked_jars(fetched):
        shutil.copy(jar, copy)
    falsified = next(copy.glob("snappy-java-*.jar"))
    content = bytearray(falsified.read_bytes())
    content[len(content) // 2] ^= 1
    falsified.write_bytes(content)
    with pytest.raises(JarRefused, match=falsified.name):
        checked_jars(tmp_path)


def test_a_missing_jar_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(JarRefused, match=r"kafka_2\.13-4\.3\.1\.jar"):
        checked_jars(tmp_path)
