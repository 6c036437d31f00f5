"""What the auditor tells people and programs: sentences, pages, elections for others."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, get_args

import pytest
from pabulib.checker import Checker
from pabutools.election import Cost_Sat
from pabutools.election.pabulib import parse_pabulib_from_string
from pabutools.rules import greedy_utilitarian_welfare, method_of_equal_shares
from pabutools.tiebreaking import lexico_tie_breaking

import ledger_audit
from ledger_audit import Policy, leaves, pb, report, rounds, words
from ledger_audit.sentences import FURTHER, INSTEAD, NAMES, SENTENCES
from shared.events.carriers import CarrierType, Lacking, Part
from shared.events.event import Ledgered
from shared.events.funding import GrantLapsed
from shared.events.handoffs import Cause
from shared.events.projects import DocumentRemoved, DossierFiled, Source
from shared.events.rules import Rule
from shared.events.voting import AllocationPublished, TokensIssued
from tests.contracts.examples import examples
from tests.ledger_audit.logs import EDITION as EDITION_ORIGIN
from tests.ledger_audit.logs import (
    EDITION_VKEY,
    VKEY,
    Election,
    ElectionBefore,
    Log,
    publish,
)
from tests.ledger_audit.test_outcomes import FORMATS, election
from tests.ledger_audit.test_recount import COSTS, VOTES, changing, without

TRUST = Policy.of_key(VKEY)
EDITION = Election(COSTS, VOTES)
AT = "2026-11-28T12:00Z"


def page_of(log: Log, directory: Path, language: str = "en") -> str:
    found = report.gathered(ledger_audit.read(publish(log.entries, directory)), TRUST)
    # These are from before services signed.
    found.allow_unsigned = True
    return report.page(found, language, at=AT)


def checks(page: str) -> list[str]:
    """The results of the checks that a page shows, in their order."""
    table = page[page.index("<table>") : page.index("</table>")]
    return re.findall(r"<td>[^<]*</td><td>([^<]*)</td><td>[^<]*</td>", table)


# --- sentences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_every_entry_of_an_election_is_told_without_a_gap(language: str) -> None:
    for held in (EDITION, ElectionBefore(COSTS, VOTES)):
        for entry in held.log().entries:
            leaf = leaves.read(entry)
            said = words.sentence(leaf.type, leaf.body, language)
            assert leaf.type in SENTENCES
            assert "?" not in said and "{" not in said, said


def test_every_event_that_a_ledger_holds_has_a_sentence() -> None:
    ledgered = [event for event in examples() if event.ledgered is not Ledgered.NO]
    assert len(ledgered) > 30
    for event in ledgered:
        for language in words.LANGUAGES:
            said = words.sentence(event.type, json.loads(event.body()), language)
            assert event.type in SENTENCES
            assert "?" not in said and "{" not in said, (event.type, said)


def test_an_opening_says_among_how_many_a_ballot_leaves_and_who_vouches() -> None:
    kind, rule = "voting.round-opened.v2", {"k": 50, "interval": 1800}
    plain = words.sentence(kind, {"flush": {"k": 1, "interval": 0}, "secrecy": "live"}, "en")
    assert "leave the box" not in plain and "vouch" not in plain
    ways = ["declared", "posted-code", "identity-provider"]
    said = words.sentence(kind, {"flush": rule, "secrecy": "live", "identity": ways}, "en")
    assert "at least 50 voters, at least 30 minutes after" in said and "provider may vouch" in said
    french = words.sentence(kind, {"flush": rule, "secrecy": "sealed", "identity": ways}, "fr")
    assert "au moins 50 votants, au moins 30 minutes" in french and "attester" in french
    assert "leave the box" not in words.sentence(kind, {"flush": rule, "secrecy": "named"}, "en")
    junks: tuple[Any, ...] = (None, {}, [], {"k": "50"}, {"k": 50}, {"k": 50, "interval": "x"})
    for junk in junks:
        words.sentence(kind, {"flush": junk, "identity": junk}, "en")


def test_every_name_that_a_field_knows_has_words() -> None:
    """Read again from the events: the auditor has them from nowhere."""
    knows: dict[str, Any] = {
        "carrier": CarrierType,
        "part": Part,
        "checked": Lacking,
        "cause": Cause,
        "payer": Source,
        "nature": DossierFiled.model_fields["nature"].annotation,
        "removed": DocumentRemoved.model_fields["ground"].annotation,
        "lapsed": GrantLapsed.model_fields["ground"].annotation,
    }
    assert {form: known.keys() for form, known in NAMES.items()} == {
        form: literals(annotation) for form, annotation in knows.items()
    }


def literals(annotation: Any) -> set[str]:
    return {
        name
        for each in get_args(annotation)
        for name in ([each] if isinstance(each, str) else literals(each))
    }


def test_a_field_that_an_event_may_have_is_said_where_it_has_it() -> None:
    """With the field the sentence is another one, and nothing of it is left open."""
    bodies = {event.type: json.loads(event.body()) for event in examples()}
    for kind, fields in [*INSTEAD.items(), *FURTHER.items()]:
        body = bodies[kind]
        bare = {name: value for name, value in body.items() if name not in fields}
        for field in fields.keys() & body.keys():
            for language in words.LANGUAGES:
                plain = words.sentence(kind, bare, language)
                said = words.sentence(kind, bare | {field: body[field]}, language)
                assert said != plain, (kind, field)
                assert "?" not in said + plain, (kind, field)


def test_what_a_plan_a_grant_and_a_charter_state_is_said_in_words() -> None:
    bodies = {event.type: json.loads(event.body()) for event in examples()}
    said = {
        language: {
            kind: words.sentence(kind, body, language).replace("\u202f", " ").replace("\u00a0", " ")
            for kind, body in bodies.items()
        }
        for language in words.LANGUAGES
    }
    dossier = said["en"]["submission.dossier-filed.v1"]
    assert (
        "costs in all: €5,500. Who pays: the programme (€4,500), its carrier (€1,000)." in dossier
    )
    assert "son porteur (1 000 €)." in said["fr"]["submission.dossier-filed.v1"]
    assert "in parts: 2, together €9,000." in said["en"]["voting.agreement-signed.v1"]
    assert "du 12/10/2026" in said["fr"]["voting.funding-confirmed.v1"]
    assert (
        "départemental, CD62-2026-12, 16 March 2026" in said["en"]["submission.charter-amended.v1"]
    )
    assert "ne le prend pas en charge" in said["fr"]["submission.handoff-returned.v1"]


def test_of_a_plan_of_another_form_nothing_is_added_up() -> None:
    for costs in ([{"amount": "5"}], [5], [{"kind": "x"}], [{"amount": True}]):
        body = {"cost": 1, "costs": costs, "income": [{"source": [], "amount": None}, 3]}
        said = words.sentence("submission.dossier-filed.v1", body, "en")
        assert "costs in all: ?." in said and "Who pays: [] (?), 3." in said
    assert words.day("2026-13-41", "fr") == "2026-13-41"


@pytest.mark.parametrize("language", words.LANGUAGES)
@pytest.mark.parametrize("junk", [None, True, -1, 2**60, "", "\x1b[31m", [], [[1]], {}, {"a": "b"}])
def test_a_body_of_any_form_is_told(language: str, junk: Any) -> None:
    for kind, sentences in SENTENCES.items():
        more = [*INSTEAD.get(kind, {}).items(), *FURTHER.get(kind, {}).items()]
        every = [*sentences, *(each for _, several in more for each in several)]
        fields = {field for each in every for field in re.findall(r"{(\w+):", each)}
        fields |= {field for field, _ in more}
        said = words.sentence(kind, dict.fromkeys(fields, junk), language)
        assert all(each.isprintable() or each in "\u00a0\u202f" for each in said)
        words.sentence(kind, {}, language)


def test_money_times_and_numbers_are_those_of_the_language() -> None:
    assert words.money(123456789, "en") == "€1,234,567.89"
    assert words.money(-123400, "fr") == "−1\u202f234\u00a0€"
    assert words.moment("2026-09-01T12:05Z", "en") == "1 September 2026 at 12:05 UTC"
    assert words.moment("2026-09-01T12:05Z", "fr") == "01/09/2026 à 12\u00a0h\u00a005 UTC"
    assert words.moment("9999-99-99T99:99Z", "fr") == "9999-99-99T99:99Z"


# --- the report ---------------------------------------------------------------------------------


class Reader(HTMLParser):
    """Reads a page as a browser does: what is open is closed, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.text: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href", "onload")]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> tuple[Reader, str]:
    reader = Reader()
    reader.feed(page)
    assert not reader.open
    return reader, " ".join(reader.text)


SAID = {
    "en": ["Everything that was checked holds.", "6 people voted, with 6 ballots"],
    "fr": ["Tout ce qui a été vérifié est exact.", "6 personnes ont voté, avec 6 bulletins"],
}


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_a_report_is_one_page_with_drawings_and_without_scripts(
    tmp_path: Path, language: str
) -> None:
    reader, text = read(page_of(EDITION.log(), tmp_path, language))
    assert reader.seen >= {"svg", "rect", "table", "title"}
    assert not reader.seen & {"script", "img", "link", "iframe"} and not reader.links
    good = {
        "en": "Everything that was checked holds.",
        "fr": "Tout ce qui a été vérifié est exact.",
    }
    assert good[language] in text
    voted = {"en": "6 people voted, with 6 ballots", "fr": "6 personnes ont voté, avec 6 bulletins"}
    assert voted[language] in text


def test_a_report_names_the_entries_of_what_it_says(tmp_path: Path) -> None:
    log = EDITION.log()
    _, text = read(page_of(log, tmp_path))
    kinds = [leaves.read(entry).type for entry in log.entries]
    opened, closed = (kinds.index(f"voting.{k}") for k in ("round-opened.v2", "box-closed.v1"))
    decided = kinds.index("voting.allocation-published.v2")
    assert f"{opened}, {closed}, {decided}" in text
    assert f"(entry {kinds.index('voting.tokens-issued.v1')})" in text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Second codes that two officers gave to people who had lost theirs: 2."),
        ("fr", "Deuxièmes codes que deux agents ont donnés"),
    ],
)
def test_a_report_says_how_many_voters_at_most_are_counted_twice(
    tmp_path: Path, language: str, said: str
) -> None:
    lost = changing(TokensIssued, reissued={"A": 2})
    log = Election(COSTS, VOTES, change=lost).log()
    _, text = read(page_of(log, tmp_path, language))
    assert said in text
    [issued] = [
        entry for entry in map(leaves.read, log.entries) if entry.type.endswith("issued.v1")
    ]
    twice = {"en": "at most are counted twice", "fr": "au plus, sont comptés deux fois"}
    assert twice[language] in words.sentence(issued.type, issued.body, language)


def test_a_report_says_what_differs_and_what_was_tampered_with(tmp_path: Path) -> None:
    lie = changing(AllocationPublished, spent=3)
    _, text = read(page_of(Election(COSTS, VOTES, change=lie).log(), tmp_path / "1"))
    assert "a published result is not the one that its ballots give" in text
    assert "it says spent 3" in text
    log = publish(EDITION.log().entries, tmp_path / "2")
    tile = next((log / "tile/0").iterdir())
    tile = tile if tile.is_file() else next(tile.iterdir())
    tile.write_bytes(bytes(len(tile.read_bytes())))
    found = report.gathered(ledger_audit.read(log), TRUST)
    _, text = read(report.page(found, "en", at=AT))
    assert "The record does not hold: step 7" in text
    assert "people voted" not in text


def test_a_report_says_of_no_check_that_it_holds_that_was_not_made(tmp_path: Path) -> None:
    honest = ["holds"] * 3 + ["not asked for"] + ["holds"] * 8
    log = EDITION.log()
    assert checks(page_of(log, tmp_path / "1")) == [*honest, "holds"]
    count = next(n for n, entry in enumerate(log.entries) if b"box-closed" in entry)
    log.entries[count] = log.entries[count].replace(b'"ballots":6', b'"ballots":7')
    behind = ["fails", "not reached"]
    assert checks(page_of(log, tmp_path / "2")) == honest[:-2] + behind
    directory = publish(EDITION.log().entries, tmp_path / "3", origin=EDITION_ORIGIN)
    found = report.gathered(ledger_audit.read(directory), Policy.of_key(EDITION_VKEY))
    assert checks(report.page(found, "en", at=AT)) == honest[:8] + ["fails"] + ["not reached"] * 3


def test_a_report_is_not_good_where_nobody_signed(tmp_path: Path) -> None:
    found = report.gathered(ledger_audit.read(publish(EDITION.log().entries, tmp_path)), TRUST)
    page = report.page(found, "en", at=AT)
    assert 'class="verdict bad">What was checked holds, but for decisions' in page
    assert checks(page)[-2:] == ["not for all", "holds"]


def test_a_report_says_what_a_result_cannot_be_compared_with_yet(tmp_path: Path) -> None:
    log = without(EDITION.log(), "voting.tokens-issued")
    page = page_of(log, tmp_path)
    assert checks(page)[-1] == "cannot be said yet"
    assert "cannot be compared yet: the roll’s" in page.replace("&#x27;", "’")


def test_what_a_log_says_is_never_markup(tmp_path: Path) -> None:
    log = EDITION.log()
    evil = "<script>alert(1)</script>"
    source = f"/tmp/{evil}"
    found = report.gathered(ledger_audit.read(publish(log.entries, tmp_path)), TRUST)
    found.source = source
    found.kinds[evil] += 1
    reader, text = read(report.page(found, "fr", at=AT))
    assert "script" not in reader.seen and text.count(evil) >= 2


# --- elections for other programs ---------------------------------------------------------------


def pb_of(log: Log, directory: Path) -> tuple[str, ledger_audit.Recount]:
    lines = list[str]()
    export = ledger_audit.read(publish(log.entries, directory))
    (found,) = ledger_audit.recount(export, lambda *each: lines.extend(pb.election(*each)))
    return "\n".join(lines) + "\n", found


def complaints(text: str, capsys: pytest.CaptureFixture[str]) -> Any:
    checked = Checker().process_files([text])
    capsys.readouterr()
    [result] = [value for key, value in checked.items() if key not in ("metadata", "summary")]
    return result["results"]["errors"]


@pytest.mark.parametrize("version", [Election, ElectionBefore])
def test_the_checker_of_pabulib_accepts_what_is_written(
    tmp_path: Path, version: type[Election], capsys: pytest.CaptureFixture[str]
) -> None:
    votes = [[1 + n % 4] if n % 3 else [1, 2, 3] for n in range(40)]
    costs = [300_00, 250_50, 120_00, 700_00]
    text, found = pb_of(version(costs, votes, revised=[(0, [4, 1][::-1])]).log(), tmp_path)
    assert complaints(text, capsys) == {}
    assert f"num_votes;{found.counted}" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_round_of_every_format_is_written(tmp_path: Path, form: str) -> None:
    text, found = pb_of(election(form, "by votes").log(), tmp_path)
    rows = text[text.index("VOTES") :].splitlines()[2:]
    assert f"num_votes;{len(rows)}" in text
    assert found.agrees


def test_another_library_funds_the_same_from_the_file(tmp_path: Path) -> None:
    votes = [[1 + n % 4] if n % 3 else [1, 2, 3] for n in range(40)]
    text, found = pb_of(Election([300_00, 250_50, 120_00, 700_00], votes).log(), tmp_path)
    instance, profile = parse_pabulib_from_string(text)
    funded = greedy_utilitarian_welfare(
        instance, profile, sat_class=Cost_Sat, tie_breaking=lexico_tie_breaking
    )
    selected = re.findall(r"^(\d+);.*;1$", text[text.index("PROJECTS") : text.index("VOTES")], re.M)
    assert sorted(project.name for project in funded) == sorted(selected)
    assert len(selected) == len(found.funded)


def ruled(order: str, **changes: Any) -> Rule:
    one = {"name": "p", "order": {"type": order}, **changes.pop("each", {})}
    return Rule.model_validate(
        {
            "envelopes": [{"name": "all", "amount": 1000}],
            "passes": [one],
            "ties": {"criteria": ["cost", "option"]},
            **changes,
        }
    )


COUNTED = {"electorate": {"blank": "counted"}}
SET_ASIDE = {"electorate": {"blank": "set-aside"}}
TAKEN = {"each": {"below_threshold": "taken"}}


@pytest.mark.parametrize(
    ("rule", "votes", "word"),
    [
        (ruled("equal-shares", **COUNTED), [[1], [1], [], [2]], "unknown"),
        (ruled("equal-shares", **COUNTED), [[1], [1], [2]], "equalshares"),
        (ruled("equal-shares", **SET_ASIDE), [[1], [1], [], [2]], "equalshares"),
        (ruled("votes", **COUNTED), [[1], [1], [], [2]], "greedy"),
        (ruled("votes", **TAKEN), [[1], [1], []], "unknown"),
        (ruled("votes", **TAKEN), [[1], [1], [2]], "greedy"),
        (ruled("votes"), [[1], [1], []], "greedy-threshold"),
    ],
)
def test_a_rule_has_a_word_only_where_it_gives_the_same_winners(
    tmp_path: Path, rule: Rule, votes: list[list[int]], word: str
) -> None:
    text, found = pb_of(Election([500, 300], votes, rule=rule).log(), tmp_path)
    assert f"\nrule;{word}\n" in text
    if word == "unknown":
        return
    instance, profile = parse_pabulib_from_string(text)
    count = method_of_equal_shares if word == "equalshares" else greedy_utilitarian_welfare
    funded = count(instance, profile, sat_class=Cost_Sat, tie_breaking=lexico_tie_breaking)
    least = instance.meta.get("min_project_score_threshold", 0)
    assert least in (0, "1")
    if not least:
        assert len(funded) == len(found.funded)


def test_no_text_of_a_log_ends_a_line_of_the_file(tmp_path: Path) -> None:
    text, found = pb_of(EDITION.log(), tmp_path)
    forged = replace(found, round_id="r\nmax_length;1\x1b", rule="a;b\u2028c")
    [round_] = rounds.gathered(enumerate(EDITION.log().entries)).rounds.values()
    lines = [*pb.election(round_, {}, forged)]
    assert "description;Round r max_length 1 " in lines
    assert all(each.isprintable() for each in lines)
    assert len("\n".join(lines).splitlines()) == len(lines) and text
