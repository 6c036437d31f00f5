"""Words find what means the same in French, written this way or that, and how words begin."""

import asyncpg
import pytest

from tests.submission.conftest import Submission

FOUND = [
    ("Une éolienne au village", "eoliennes"),
    ("Des EOLIENNES", "éolienne"),
    ("Une œuvre d'art", "oeuvre"),
    ("Des oeuvres", "œuvres"),
    ("L’école du quartier", "ecole"),
    ("Le jardin de l'école", "l'école"),
    ("Un atelier vélo", "VELO"),
    ("Planter des arbres fruitiers", "arbre fruitier"),
    ("Planter des arbres fruitiers", "fruitiers arbres"),
    ("Un verger partagé", "verg"),
    ("Une association sportive", "associat"),
    ("Eau/air/sol : quels liens ?", "air"),
    ("Écrire à mairie@example.org", "mairie"),
    ("Voir www.jardin.example/plan.html", "jardin plan"),
    ("Un abri-vélo", "abri"),
    ("Un abri-vélo", "abri-vélo"),
    ("Chauffer à 19,5 degrés", "19"),
    ("Çà et là, une ruche", "ca ruche"),
    ("Un café associatif", "cafe\u0301"),
    ("Fête de la musique", "la fete"),
    ("Tout pour la", "la"),
    ("\uff2carge", "large"),
    ("Kraków, ville sœur", "krakow soeur"),
    ("Деревья в городе", "деревья"),
    ("حديقة الحي", "حديقة"),
]
NOT_FOUND = [
    ("Un verger partagé", "potager"),
    ("Un verger partagé", "verger potager"),
    ("Un verger partagé", "ergers"),
    ("Un verger partagé", ""),
    ("Un verger partagé", "% _ * : & | ! ( ) ' \" \\ < >"),
    ("Un verger partagé", "«»"),
    ("", "verger"),
]


async def matches(connection: asyncpg.Connection, words: str, sought: str) -> bool:
    """Whether what is sought is found in the words."""
    return bool(
        await connection.fetchval("select search_vector($1) @@ search_query($2)", words, sought)
    )


async def test_words_are_found_by_what_they_mean(submission: Submission) -> None:
    missed = [pair for pair in FOUND if not await matches(submission.connection, *pair)]
    assert not missed


async def test_other_words_are_not_found(submission: Submission) -> None:
    found = [pair for pair in NOT_FOUND if await matches(submission.connection, *pair)]
    assert not found


HOSTILE = [
    "'", "''", "\\", "\\'", "');drop table idea;--", "' or 1=1 --", "a & | b", "!!a", "a:*B", "<->",
    "a <2> b", "(((((", "'x':*", "\"x\" or y", "-verger", "a\tb\nc", "\u202e", "𝄞", "\u200b",
    "$1", "%s", "{{7*7}}", "ﷺ" * 100, "é" * 100, "a " * 50, "x" * 100, "\ud7ff\ue000",
]  # fmt: skip


@pytest.mark.parametrize("hostile", HOSTILE)
async def test_whatever_is_typed_is_looked_for_and_never_understood(
    submission: Submission, hostile: str
) -> None:
    """As a query nothing is an operator; as a text nothing is too much for a vector."""
    connection = submission.connection
    assert not await matches(connection, "Un verger partagé", f"potager {hostile}")
    await connection.fetchval("select search_vector($1)", hostile * (12_000 // len(hostile)))
    assert await connection.fetchval("select count(*) from idea") == 0


async def test_the_longest_words_that_can_be_written_fit(submission: Submission) -> None:
    """Twelve thousand characters, all different words, or one; also what grows when taken apart."""
    many = " ".join(f"{n:x}é" for n in range(3_000))[:12_000]
    for words in (many, "é" * 12_000, "ﷺ" * 12_000, "㋿ " * 6_000, "\U0001f333" * 12_000):
        await submission.connection.fetchval("select search_vector($1)", words)
