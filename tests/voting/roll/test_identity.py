"""The rules about declared identities."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.events.scheme import Link
from shared.refusal import Refusal
from voting.roll.declared.routes import countries
from voting.roll.identity import (
    OLDEST,
    OVERSEAS,
    AddressMalformed,
    Charter,
    ConsentMissing,
    Declared,
    Identity,
    IdentityMalformed,
    ImplausibleAge,
    NotLinked,
    NotResident,
    NotSworn,
    TelephoneMalformed,
    TooYoung,
    age_on,
    check,
    check_declared,
    normalised,
    read_address,
    read_birthplace,
    read_telephone,
)

OPENS = date(2027, 9, 1)
TODAY = date(2027, 8, 20)
CHARTER = Charter(minimum_age=11, territories=frozenset({"artois", "calaisis"}), opens=OPENS)
DECLARED = Declared(territory="artois", sworn=True, consent=False)
PERSON = Identity.read("Delattre", "Chloé", "1964-02-29", "FR", "62041")

dates = st.dates(date(1900, 1, 1), date(2030, 12, 31))
# What is written in more than one way, and what tells people apart.
letters = st.sampled_from("aàäâÀAeéèêëÉçÇœŒæ-'\u2019 \u00a0\u2011zZ12\u0301ßﬁİ\u0131łŁøđ\u02bc")
names = st.text(letters, max_size=12)


@given(names | st.text(max_size=20))
def test_normalising_twice_is_normalising_once(name: str) -> None:
    assert normalised(normalised(name)) == normalised(name)


@given(names | st.text(max_size=20))
def test_case_and_composition_do_not_matter(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert normalised(unicodedata.normalize(form, name)) == normalised(name)
    assert normalised(name.casefold()) == normalised(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jean-Pierre", "jean pierre"),
        ("JEAN\u2011PIERRE", "Jean Pierre "),
        ("D'Hondt", "d\u2019hondt"),
        ("Lœtitia", "LOETITIA"),
        ("Chloé", "Chloe"),
        ("Chloe\u0301", "CHLOÉ"),
        ("Strauß", "STRAUSS"),
        ("Le  Gall", "Le Gall"),
        ("C\u02bchoariou", "C'hoariou"),  # a letter to Unicode
        ("Wałęsa", "WALESA"),
        ("Sørensen", "Sorensen"),
        ("Đorđević", "Dordevic"),
        ("Iş\u0131k", "ISIK"),
    ],
)
def test_one_name_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert normalised(one) == normalised(other) != ""


@given(st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1), min_size=2, max_size=2))
def test_names_that_differ_in_a_letter_stay_two(two: list[str]) -> None:
    one, other = two
    assume(one != other)
    assert normalised(one.upper()) != normalised(other)


@given(st.tuples(names, names, dates), st.tuples(names, names, dates))
def test_two_people_have_two_secrets(
    one: tuple[str, str, date], other: tuple[str, str, date]
) -> None:
    """Homonyms too: born on another day or elsewhere, they are somebody else."""
    people = []
    for birth_name, first_name, born in (one, other):
        assume(normalised(birth_name) and normalised(first_name))
        people.append(Identity.read(birth_name, first_name, born.isoformat(), "FR", "62041"))
    assert (people[0] == people[1]) == (people[0].secret() == people[1].secret())
    assert people[0].secret() != replace(people[0], birthplace="62042").secret()


def test_a_part_cannot_pass_for_two() -> None:
    """No name has the mark that stands between the parts."""
    assert "|" not in normalised("a|b")


@pytest.mark.parametrize(
    ("part", "typed"),
    [
        ("birth_name", ""),
        ("birth_name", " -' "),
        ("birth_name", "x" * 101),
        ("first_name", "\u200b"),
        ("born", ""),
        ("born", "1964-02-30"),
        ("born", "yesterday"),
        ("country", ""),
        ("country", "Algérie"),
        ("commune", ""),
        ("commune", "7510"),
        ("commune", "2C041"),
        ("commune", "99352"),
        ("commune", "Béthune"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_quoted(part: str, typed: str) -> None:
    typed_in = {
        "birth_name": "Delattre",
        "first_name": "Chloé",
        "born": "1964-02-29",
        "country": "fr",
        "commune": "62041",
    }
    with pytest.raises(IdentityMalformed) as found:
        Identity.read(**(typed_in | {part: typed}))
    for secret in ("Delattre", "Chlo", "1964", *([typed] if len(typed) > 3 else [])):
        assert secret not in str(found.value)


@pytest.mark.parametrize(
    ("country", "commune", "read"),
    [
        ("FR", "62041", "62041"),
        ("fr", " 2a 004", "20004"),
        ("FR", "2B033", "20033"),
        ("FR", "20033", "20033"),
        ("FR", "97105", "97105"),
        ("GP", "97105", "97105"),
        ("re", "97411", "97411"),
        ("DZ", "", "DZ"),
        ("be", "62041", "BE"),
    ],
)
def test_a_birthplace_is_a_commune_or_a_country(country: str, commune: str, read: str) -> None:
    assert read_birthplace(country, commune) == read


@pytest.mark.parametrize("country", sorted(OVERSEAS))
def test_who_was_born_overseas_was_born_in_france(country: str) -> None:
    """In no list of countries, and whoever says it all the same is asked for the commune."""
    with pytest.raises(IdentityMalformed, match="birthplace"):
        read_birthplace(country, "")
    for language in ("fr", "en"):
        assert country not in dict(countries(language)), language


@given(dates, dates)
def test_an_age_is_that_of_the_last_birthday(born: date, day: date) -> None:
    assume(born <= day)
    age = age_on(born, day)
    assert age >= 0
    assert (born.year + age, born.month, born.day) <= (day.year, day.month, day.day)
    assert (day.year, day.month, day.day) < (born.year + age + 1, born.month, born.day)


def refused(identity: Identity, declared: Declared = DECLARED) -> type[Refusal] | None:
    try:
        check(identity, declared, CHARTER, TODAY)
    except Refusal as refusal:
        return type(refusal)
    return None


@given(dates)
def test_who_is_on_the_roll_is_of_age_when_voting_opens(born: date) -> None:
    age = age_on(born, OPENS)
    found = refused(replace(PERSON, born=born), replace(DECLARED, consent=True))
    if age > OLDEST or age < 0 or born > TODAY:
        assert found is ImplausibleAge
    else:
        assert found is (TooYoung if age < CHARTER.minimum_age else None)


def test_the_day_before_one_is_of_age_is_too_early() -> None:
    birthday = date(OPENS.year - 11, OPENS.month, OPENS.day)
    agreed = replace(DECLARED, consent=True)
    assert refused(replace(PERSON, born=birthday), agreed) is None
    young = replace(PERSON, born=birthday + timedelta(days=1))
    with pytest.raises(TooYoung, match=r"from 11 years; on 2027-09-01.* makes 10"):
        check(young, agreed, CHARTER, TODAY)


def test_each_other_rule_refuses_by_itself() -> None:
    assert refused(PERSON) is None
    assert refused(PERSON, replace(DECLARED, territory="lille")) is NotResident
    assert refused(PERSON, replace(DECLARED, territory="")) is NotResident
    assert refused(PERSON, replace(DECLARED, sworn=False)) is NotSworn
    fourteen = replace(PERSON, born=date(2013, 1, 1))
    assert refused(fourteen) is ConsentMissing
    assert refused(fourteen, replace(DECLARED, consent=True)) is None


@pytest.mark.parametrize(
    "typed",
    [
        *("", "chloe", "chloe@", "@example.org", "a@b@example.org", "a b@example.org"),
        *("a@example", "a@example.org\nBcc: b@example.org", "<a@example.org>", "a@[127.0.0.1]"),
        *("é@example.org", "a@exámple.org", f"{'a' * 65}@example.org"),
        f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.org",
    ],
)
def test_what_is_no_address_is_refused_in_the_same_words(typed: str) -> None:
    with pytest.raises(AddressMalformed, match=r"^this is no e-mail address, such as name@"):
        read_address(typed)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        *(
            (each, "+33612345678")
            for each in (
                "0612345678",
                "06 12 34 56 78",
                "06.12.34.56.78",
                "06-12-34-56-78",
                "+33612345678",
                "+33 6 12 34 56 78",
                "0033612345678",
                "+33 (0)6 12 34 56 78",
                "+330612345678",
                " 06\u00a012\u202f34 56 78 ",
            )
        ),
        ("0712345678", "+33712345678"),
        ("0692123456", "+262692123456"),
        ("+33692123456", "+262692123456"),
        ("+32 470 12 34 56", "+32470123456"),
        ("0032470123456", "+32470123456"),
        ("+49 (0)151 23456789", "+4915123456789"),
    ],
)
def test_one_telephone_is_one_however_it_is_written(typed: str, number: str) -> None:
    assert read_telephone(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        *("", "06", "0312345678", "+33312345678", "061234567", "06123456789", "chloe@exemple.fr"),
        *("+0612345678", "06 12 34 56 7a", "\u0660612345678", "+3361234567", "+1" + "2" * 15),
    ],
)
def test_what_gets_no_sms_is_refused_in_the_same_words(typed: str) -> None:
    with pytest.raises(TelephoneMalformed, match=r"^this is no mobile number, such as 06 12"):
        read_telephone(typed)


def test_a_charter_may_ask_a_parent_longer() -> None:
    sixteen = replace(PERSON, born=date(2011, 8, 1))
    check(sixteen, DECLARED, CHARTER, TODAY)
    with pytest.raises(ConsentMissing, match="below 18"):
        check(sixteen, DECLARED, replace(CHARTER, consent_age=18), TODAY)


@pytest.mark.parametrize(
    ("links", "taken"),
    [
        ((), False),
        (("live",), False),
        (("live", "work"), True),
        (("live", "interest"), False),
        (("live", "work", "study"), True),
    ],
)
def test_somebody_has_so_many_of_the_links_that_the_charter_names(
    links: tuple[Link, ...], taken: bool
) -> None:
    charter = replace(CHARTER, links=("live", "work", "study"), least_links=2)
    declared = replace(DECLARED, links=links)
    if taken:
        check_declared(declared, charter, in_need=False)
    else:
        with pytest.raises(NotLinked):
            check_declared(declared, charter, in_need=False)
    check_declared(declared, CHARTER, in_need=False)
