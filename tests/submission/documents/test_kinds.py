"""What a file is, and what it is called: neither is believed of who sends it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.media import Media
from shared.words import unseen
from submission.documents.kinds import ENDINGS, FileKindRefused, is_table, kind_of, shown_name
from tests.submission.documents import files

NAMES = {
    "budget.pdf": "budget.pdf",
    "../../../etc/passwd": "passwd.pdf",
    "..\\..\\windows\\system32\\cmd.exe": "cmd.pdf",
    "/etc/": "etc.pdf",
    "": "document.pdf",
    "..": "document.pdf",
    ".htaccess": "htaccess.pdf",
    "<script>alert(1)</script>.pdf": "script.pdf",
    "a<script>b.pdf": "ascriptb.pdf",
    "bilan\u202efdp.exe": "bilanfdp.pdf",
    "bilan.pdf\0.exe": "bilan.pdf.pdf",
    "e\u0301tude.docx": "étude.pdf",
    "x" * 300 + ".pdf": "x" * 116 + ".pdf",
}


@pytest.mark.parametrize("written", NAMES)
def test_what_a_file_is_called(written: str) -> None:
    assert shown_name(written, "application/pdf") == NAMES[written]


@given(st.text(), st.sampled_from([*ENDINGS]))
def test_a_name_is_short_seen_and_no_path(written: str, media: Media) -> None:
    found = shown_name(written, media)
    assert 1 <= len(found) <= 120
    assert found.endswith(ENDINGS[media]) and not found.startswith(".")
    assert not set(found) & set('/\\<>:"|?*')
    assert unseen(found) is None


def test_a_file_is_what_it_holds() -> None:
    assert kind_of(files.pdf()) == "application/pdf"
    assert kind_of(files.photo()) == "image/jpeg"
    assert kind_of(files.png()) == "image/png"
    assert kind_of(b"a;b\n1;2\n") == "text/csv"


@pytest.mark.parametrize(
    "content", [b"one column\nonly\n", b"a;b\n1\n", b"a;b\0\n1;2", b"#!/bin/sh;x"]
)
def test_what_is_no_table(content: bytes) -> None:
    assert not is_table(content)
    with pytest.raises(FileKindRefused):
        kind_of(content)
