"""Mails end in files, whole, one directory an address, and are found there."""

import asyncio
import stat
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest
from click.testing import CliRunner

from comptoir.cli import comptoir
from comptoir.errors import LauncherError
from comptoir.mailbox import Mailbox, NoMail
from comptoir.sink import HOST, Keeper, answers, folder, server


@pytest.fixture
async def port(tmp_path: Path) -> AsyncIterator[int]:
    """A sink that keeps mails as a stack's does."""
    keeper = Keeper(tmp_path / "mail")
    listening = await asyncio.get_running_loop().create_server(lambda: server(keeper), HOST, 0)
    yield listening.sockets[0].getsockname()[1]
    listening.close()
    listening.close_clients()
    await listening.wait_closed()


async def sent(port: int, subject: str, *addresses: str, words: str = "words") -> None:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@example.org", subject, "<1@x>"
    message["To"] = ", ".join(addresses)
    message.set_content(words)
    message.add_alternative(f"<p>{words}</p>", subtype="html")
    await aiosmtplib.send(message, hostname=HOST, port=port, recipients=list(addresses))


async def test_a_mail_is_found_by_its_address_the_newest_first(port: int, tmp_path: Path) -> None:
    assert await answers(port)
    await sent(port, "first", "lea@example.org")
    await sent(port, "second", "Lea@Example.org", "tom@example.org")
    mailbox = Mailbox(tmp_path / "mail")
    assert [mail.subject for mail in mailbox.mails("lea@example.org")] == ["second", "first"]
    assert [mail.subject for mail in mailbox.mails("tom@example.org")] == ["second"]
    assert len(list(mailbox.mails())) == 3
    assert not list(mailbox.mails("nobody@example.org"))


async def test_those_to_everybody_at_a_domain_are_found_without_the_others(
    port: int, tmp_path: Path
) -> None:
    assert await answers(port)
    await sent(port, "first", "lea@A1.example", "tom@b2.example", "lea@more.a1.example")
    await sent(port, "second", "ines@a1.example")
    found = Mailbox(tmp_path / "mail").mails_at("a1.example")
    assert [(mail.subject, mail.address) for mail in found] == [
        ("second", "ines@a1.example"),
        ("first", "lea@A1.example"),
    ]


async def test_a_mail_is_read_as_a_person_reads_it(port: int, tmp_path: Path) -> None:
    words = "Bonjour Léa,\n\nhttps://budget.example.org/a?b=1 et voilà 🌱"
    await sent(port, "Votre idée", "lea@example.org", words=words)
    [mail] = Mailbox(tmp_path / "mail").mails()
    assert (mail.subject, mail.message_id) == ("Votre idée", "<1@x>")
    assert mail.address == "lea@example.org"
    assert mail.text.strip() == words and "<p>Bonjour" in mail.html
    assert mail.links == ["https://budget.example.org/a?b=1"]


async def test_files_are_whole_and_for_their_owner_alone(port: int, tmp_path: Path) -> None:
    await asyncio.gather(*(sent(port, f"{n}", "lea@example.org") for n in range(20)))
    place = tmp_path / "mail" / "lea@example.org"
    files = list(place.iterdir())
    assert len(files) == 20 and {file.suffix for file in files} == {".eml"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


async def test_waiting_ends_with_the_mail_or_with_a_sentence(port: int, tmp_path: Path) -> None:
    mailbox = Mailbox(tmp_path / "mail")
    waiting = asyncio.create_task(mailbox.wait_for("lea@example.org", subject="code"))
    await sent(port, "news", "lea@example.org")
    await sent(port, "your code", "lea@example.org")
    mail = await waiting
    assert mail.subject == "your code"
    with pytest.raises(NoMail, match=r"lea@example\.org"):
        await mailbox.wait_for("lea@example.org", after=mail.received, within=0.2)
    with pytest.raises(NoMail):
        await mailbox.wait_for("lea@example.org", wanted=lambda _: False, within=0.2)


@pytest.mark.parametrize("address", ["../../etc/x@y", "/etc/passwd@y", "..", ".a@b", "é" * 300])
def test_an_address_is_a_directory_below_the_others(address: str, tmp_path: Path) -> None:
    place = folder(tmp_path, address)
    assert place.parent == tmp_path and place.resolve().parent == tmp_path.resolve()
    assert len(place.name.encode()) < 255 and not place.name.startswith(".")


async def test_the_command_lists_mails_and_shows_one(port: int, tmp_path: Path) -> None:
    await sent(port, "first", "lea@example.org", words="one")
    await sent(port, "second", "lea@example.org", words="two")

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(comptoir, ["mail", "--state", str(tmp_path), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    listed = run().splitlines()
    assert [line.split()[-2:] for line in listed] == [
        ["lea@example.org", "first"],
        ["lea@example.org", "second"],
    ]
    assert "two" in run("lea@example.org") and "one" not in run("lea@example.org")
    assert "<p>two</p>" in run("lea@example.org", "--html")
    assert "one" in run("lea@example.org", "--last", "2")


def test_where_there_is_no_mail_the_command_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(comptoir, ["mail", "lea@example.org", "--state", str(tmp_path)])
    assert isinstance(result.exception, LauncherError)
