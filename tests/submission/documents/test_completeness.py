"""What a dossier lacks depends on what its carrier is."""

from itertools import chain, combinations

from hypothesis import given
from hypothesis import strategies as st

from shared.events.carriers import CarrierType
from shared.events.scheme import Document
from submission.documents.completeness import asked_for, missing_documents
from tests.submission.editions import edition


def document(
    name: str, of: tuple[CarrierType, ...] | None = None, file: bool = False, optional: bool = False
) -> Document:
    return Document(
        name=name, fr=name, en=name, of=of, file=file or None, optional=optional or None
    )


DOCUMENTS = (
    document("budget"),
    document("statutes", of=("association", "cooperative"), file=True),
    document("deliberation", of=("municipality",)),
    document("photo", file=True, optional=True),
)
RULES = edition().rules.model_copy(update={"documents": DOCUMENTS})
NAMES = [each.name for each in DOCUMENTS]
SOME = st.sets(st.sampled_from(NAMES))
TYPES = st.sampled_from([None, "person", "association", "cooperative", "municipality"])


def test_each_type_is_asked_for_its_own() -> None:
    asked = {
        kind: [each.name for each in asked_for(RULES, kind)]
        for kind in ("person", "association", "municipality", None)
    }
    assert asked == {
        "person": ["budget", "photo"],
        "association": ["budget", "statutes", "photo"],
        "municipality": ["budget", "deliberation", "photo"],
        None: NAMES,
    }


def test_a_file_is_not_declared_and_what_is_declared_needs_no_file() -> None:
    assert missing_documents(RULES, "association", {"budget", "statutes"}, ()) == ("statutes",)
    assert missing_documents(RULES, "association", {"budget"}, {"statutes"}) == ()
    assert missing_documents(RULES, "association", (), {"budget", "statutes"}) == ("budget",)


@given(TYPES, SOME, SOME)
def test_more_documents_lack_less(kind: str | None, declared: set[str], attached: set[str]) -> None:
    lacking = missing_documents(RULES, kind, declared, attached)
    assert set(lacking) <= {each.name for each in asked_for(RULES, kind)} - {"photo"}
    for more in chain.from_iterable(combinations(NAMES, n) for n in range(2)):
        assert set(missing_documents(RULES, kind, declared | set(more), attached)) <= set(lacking)
        assert set(missing_documents(RULES, kind, declared, attached | set(more))) <= set(lacking)
    assert missing_documents(RULES, kind, NAMES, NAMES) == ()
