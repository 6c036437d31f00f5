"""Votes as arrays are the votes, and whatever is not a vote is refused as it always is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.pabulib import NotPabulib, read_bytes
from tests.published import elections
from tests.shared.pabulib.files import VOTES, small
from voting.count import published
from voting.count.published import Published, read_published


def votes_of(found: Published) -> list[list[str]]:
    ids = [found.projects[place].id for place in found.chosen]
    return [ids[a:b] for a, b in zip(found.starts, found.starts[1:], strict=False)]


def assert_same(data: bytes) -> None:
    """Both readers say the same of a file, or refuse it with the same words."""
    try:
        expected = read_bytes(data, "town.pb")
    except NotPabulib as refused:
        with pytest.raises(NotPabulib) as again:
            read_published(data, "town.pb")
        assert str(again.value) == str(refused)
        return
    found = read_published(data, "town.pb")
    assert votes_of(found) == [list(vote) for vote in expected.votes]
    assert (found.terms, found.projects) == (expected.terms, expected.projects)
    points = [each for vote in expected.points or () for each in vote]
    assert (None if found.points is None else found.points.tolist()) == (
        None if expected.points is None else points
    )


@pytest.mark.parametrize("kind", VOTES)
def test_each_vote_type_is_read_as_arrays(kind: str) -> None:
    assert_same(small(kind).encode())


@pytest.mark.parametrize("kind", VOTES)
def test_a_plain_file_needs_no_other_reader(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(published, "_slowly")
    assert len(read_published(small(kind).encode(), "town.pb").starts) == 4


@pytest.mark.parametrize("piece", [1, 7, 12, 100])
def test_where_a_file_is_cut_into_pieces_changes_nothing(
    piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published, "PIECE", piece)
    for kind in VOTES:
        assert_same(small(kind).encode())
        assert_same(small(kind).rstrip("\n").encode())


SPOILT = [
    ("2;c", '"2";c'),
    ("2;c", " 2;c"),
    ("2;c", "2; c"),
    ("2;c", "2;c,"),
    ("2;c", "2;c,c"),
    ("2;c", "1;c"),
    ("2;c", ";c"),
    ("2;c", "2;x"),
    ("2;c", "2;cc"),
    ("2;c", "2;c;;"),
    ("2;c", "2"),
    ("2;c", "\n2;c"),
    ("2;c", "2;c\r"),
    ("2;c", "2\u00a0;c"),
    ("2;c", "2;c\0"),
    ("4,", "-4,"),
    ("4,", "999999,"),
    ("4,", "1000001,"),
    ("num_votes;3", "num_votes;2"),
    ("voter_id;vote;points", "voter_id;points;vote"),
    ("voter_id;vote;points", "voter_id;vote;points;age"),
    ("voter_id;vote;points", "vote;voter_id;points"),
]


@pytest.mark.parametrize("kind", VOTES)
@pytest.mark.parametrize(("old", "new"), SPOILT)
def test_what_is_not_plain_is_read_or_refused_alike(kind: str, old: str, new: str) -> None:
    assert_same(small(kind).replace(old, new).encode())


def test_a_byte_that_is_no_text_is_refused_though_nobody_reads_its_column() -> None:
    data = small("approval").encode().replace(b"vote;points", b"vote;district")
    assert_same(data.replace(b"2;c;", b"2;c;\xff"))


@pytest.mark.parametrize("kind", VOTES)
@given(st.data())
def test_a_spoilt_file_is_read_or_refused_alike(kind: str, data: st.DataObject) -> None:
    text = small(kind).encode()
    start = data.draw(st.integers(text.index(b"VOTES"), len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 6)))
    put = data.draw(st.text('12abc,; \n-+."\r\u00e9', max_size=4)).encode()
    assert_same(text[:start] + put + text[end:])


@given(
    st.lists(st.text("ab,1é ", min_size=1, max_size=70).map(str.strip), min_size=1, max_size=9),
    st.data(),
)
def test_ids_of_any_length_are_told_apart(ids: list[str], data: st.DataObject) -> None:
    unique = sorted({id.replace(",", "") for id in ids} - {""})
    if not unique:
        return
    votes = data.draw(st.lists(st.lists(st.sampled_from(unique), unique=True), max_size=9))
    lines = [
        "META\nkey;value\nbudget;1\nvote_type;approval",
        f"num_votes;{len(votes)}\nnum_projects;{len(unique)}\nPROJECTS\nproject_id;cost",
        *(f"{id};1" for id in unique),
        "VOTES\nvoter_id;vote",
        *(f"voter {n};{','.join(vote)}" for n, vote in enumerate(votes)),
    ]
    assert_same("\n".join(lines).encode())


def test_real_elections_are_read_alike() -> None:
    for file in elections():
        assert_same(file.read_bytes())
