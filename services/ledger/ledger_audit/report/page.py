"""The page, from what was found. All that a log says is escaped: it is somebody else's."""

from collections.abc import Sequence
from datetime import datetime
from html import escape

from ledger_audit import words
from ledger_audit.errors import Tampered, Unsigned
from ledger_audit.recount import Recount
from ledger_audit.report import drawings
from ledger_audit.report.gathering import Findings
from ledger_audit.report.texts import TEXTS
from ledger_audit.rounds import Round
from ledger_audit.verify import Verified

_MOST_BARS = 40
_MOST_POINTS = 400
_MOST_KINDS = 200
# In the order in which they are made: behind one that fails, nothing is known of the others.
_CHECKS = (1, 2, 3, 10, 4, 5, 6, 7, 14, 9, 8, 12)
# What a report has nothing to compare with.
_NOT_ASKED = 10
_STYLE = """
body{font:1rem/1.5 Georgia,serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.6rem;overflow-wrap:anywhere}h2{margin-top:2.5rem;border-bottom:2px solid #1b1b1b}
table{border-collapse:collapse;width:100%;margin:1rem 0}
th,td{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #bbb;vertical-align:top}
td.n,th.n{text-align:right;white-space:nowrap}
.verdict{padding:1rem;border:3px solid;font-size:1.2rem;overflow-wrap:anywhere}
.good{border-color:#1d6b35}.bad{border-color:#a11;background:#fee}
svg{max-width:100%;height:auto;font:13px Georgia,serif}
.full{fill:#1d5c8a;stroke:#1d5c8a}.empty{fill:#e3edf4;stroke:#1d5c8a}line{stroke:#1b1b1b}
code,pre{font:.85rem monospace;overflow-wrap:anywhere;white-space:pre-wrap}
@media print{body{max-width:none;margin:0}h2{break-after:avoid}tr,svg{break-inside:avoid}}
"""


def page(found: Findings, language: str, *, at: str) -> str:
    """The whole page; `at` is when the audit was made (RFC 3339)."""
    return _Page(found, language, at).html()


class _Page:
    def __init__(self, found: Findings, language: str, at: str) -> None:
        self._found, self._language, self._at = found, language, at
        self._place = words.LANGUAGES.index(language)

    def html(self) -> str:
        found = self._found
        origin = "?" if found.claimed is None else found.claimed.origin
        title = self._say("title", origin=origin)
        parts = [f"<h1>{title}</h1>", self._verdict(), self._about(), self._checks()]
        if found.verified is not None:
            parts += [self._remarks(found.verified), self._growth()]
            parts += [self._round(n, *each) for n, each in enumerate(found.rounds, start=1)]
            parts += [self._publishers(), self._kinds()]
        parts.append(self._again())
        return (
            f'<!doctype html>\n<html lang="{self._language}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
            "style-src 'unsafe-inline'\">"
            f"<title>{title}</title><style>{_STYLE}</style></head><body><main>"
            + "\n".join(parts)
            + "</main></body></html>\n"
        )

    def _say(self, key: str, **values: object) -> str:
        """A text, its values escaped."""
        said = {name: escape(str(value)) for name, value in values.items()}
        return escape(words.spaced(TEXTS[key][self._place]), quote=False).format(**said)

    def _number(self, value: int) -> str:
        return words.number(value, self._language)

    def _money(self, cents: int) -> str:
        return words.money(cents, self._language)

    def _verdict(self) -> str:
        found = self._found
        if found.wrong is not None:
            said = f"{self._say('wrong', what=found.wrong)} {self._say('nothing')}"
        else:
            not_good = "differs" if found.differs else "doubtful"
            said = self._say("good" if self._is_good() else not_good)
        if found.verified is not None and found.verified.rehearsal:
            said += f" {self._say('rehearsal')}"
        kind = "good" if self._is_good() else "bad"
        return f'<p class="verdict {kind}">{said}</p>'

    def _is_good(self) -> bool:
        found = self._found
        return found.wrong is None and not found.differs and not found.lacks_signatures

    def _about(self) -> str:
        found = self._found
        at = words.moment(self._at, self._language)
        said = [self._say("by", at=at, source=found.source)]
        if found.verified is not None:
            names = ", ".join(sorted(found.verified.times))
            said.append(self._say("entries", n=self._number(found.verified.size)))
            said.append(self._say("cosigned", names=names) if names else self._say("alone"))
        return f"<p>{' '.join(said)}</p>"

    def _checks(self) -> str:
        """Every check, whether it holds, and the entries that it is about."""
        wrong, rows, reached = self._found.wrong, list[tuple[str, str, str]](), True
        failed = wrong.step if isinstance(wrong, Tampered) else 1
        if isinstance(wrong, Unsigned):
            failed = 12
        for step in _CHECKS:
            result, where = "not-reached", ""
            if wrong is not None and step == failed:
                result, reached = "fails", False
                index = wrong.index if isinstance(wrong, Tampered | Unsigned) else None
                where = "" if index is None else str(index)
            elif reached:
                result, where = self._result(step), self._where(step)
            rows.append((self._say(f"check-{step}"), self._say(result), where))
        for _, found in self._found.rounds:
            said = {True: "holds", False: "fails", None: "open-yet"}[found.agrees]
            rows.append(
                (self._say("check-recount"), self._say(said), self._of_round(found.round_id))
            )
        head = (self._say("check"), self._say("result"), self._say("where"))
        return f"<h2>{self._say('checks')}</h2>{_table(head, rows)}"

    def _result(self, step: int) -> str:
        """Of a check that was made and did not fail."""
        if step == _NOT_ASKED:
            return "not-asked"
        return "partly" if step == 12 and self._found.lacks_signatures else "holds"

    def _where(self, step: int) -> str:
        if step in (8, 9):
            name = "box_closed" if step == 8 else "opened"
            places = [r.said[name].index for r, _ in self._found.rounds if name in r.said]
            return ", ".join(map(str, places))
        claimed = self._found.claimed
        last = 0 if claimed is None else claimed.size - 1
        return self._say("all", last=last) if last >= 0 else ""

    def _of_round(self, round_id: str) -> str:
        round_ = next(r for r, _ in self._found.rounds if r.round_id == round_id)
        names = ("opened", "box_closed", "allocation")
        return ", ".join(str(round_.said[name].index) for name in names if name in round_.said)

    def _remarks(self, verified: Verified) -> str:
        """What a log that verifies says of itself, and a reader ought to know."""
        said = list[str]()
        if verified.unsigned:
            said.append(self._say("unsigned", n=self._number(verified.unsigned)))
        for name, keys in (("replaced", verified.replaced), ("unvouched", verified.unvouched)):
            said += [self._say(name, src=src, service_key=key, entry=at) for src, key, at in keys]
        for each in verified.filled:
            first, last = self._number(each.first), self._number(each.last)
            values = {"src": each.src, "first": first, "last": last, "why": each.reason}
            said.append(self._say("filled", entry=each.at, **values))
        if (more := verified.fillings - len(verified.filled)) > 0:
            said.append(self._say("filled-more", n=self._number(more)))
        if not said:
            return ""
        found = "".join(f"<li>{each}</li>" for each in said)
        return f"<h2>{self._say('remarks')}</h2><ul>{found}</ul>"

    def _growth(self) -> str:
        points, many = list[tuple[float, int]](), 0
        for minute in sorted(self._found.minutes):
            many += self._found.minutes[minute]
            try:
                points.append((datetime.fromisoformat(minute).timestamp(), many))
            except ValueError:  # a minute that no calendar has
                continue
        if len(points) < 2:
            return ""
        kept = points[:: -(-len(points) // _MOST_POINTS)]
        kept += [] if kept[-1] == points[-1] else [points[-1]]
        minutes = sorted(self._found.minutes)
        first, last = (words.moment(each, self._language) for each in (minutes[0], minutes[-1]))
        title = self._say("growth")
        return f"<h2>{title}</h2>{drawings.growth(title, kept, first, last)}"

    def _round(self, number: int, round_: Round, result: Recount) -> str:
        parts = [
            f"<h2>{self._say('vote', n=number)}</h2>",
            f"<p>{self._voters(round_, result)} {self._say('round', id=result.round_id)}</p>",
            self._agreement(result),
            self._spent(result),
            self._votes(round_, result),
            self._options(round_, result),
            f"<p>{self._say('names')}</p>",
        ]
        return "\n".join(parts)

    def _voters(self, round_: Round, result: Recount) -> str:
        counts = {name: self._number(getattr(result, name)) for name in ("keys", "ballots")}
        counts |= {name: self._number(getattr(result, name)) for name in ("counted", "blank")}
        said = self._say("voters", void=self._number(sum(result.void.values())), **counts)
        if result.papers:
            said += " " + self._say("papers", n=self._number(result.papers))
        if round_.issued:
            last = round_.issued[-1]
            rights = self._number(sum(last.body["issued"].values()))
            said += " " + self._say("rights", n=rights, entry=last.index)
            if "codes" in last.body:
                said += " " + self._say("codes", n=self._number(sum(last.body["codes"].values())))
        if result.reissued:
            said += " " + self._say("reissued", n=self._number(result.reissued))
        return said

    def _agreement(self, result: Recount) -> str:
        if result.agrees is False:
            found = "".join(f"<li>{escape(each)}</li>" for each in result.differences)
            return f'<p class="verdict bad">{self._say("disagrees")}</p><ul>{found}</ul>'
        if result.annulled:
            return f'<p class="verdict bad">{self._say("annulled")}</p>'
        if result.lacking:
            return f"<p>{self._say('lacking')} {escape('; '.join(result.lacking))}.</p>"
        return f"<p>{self._say('agrees' if result.agrees else 'open')}</p>"

    def _spent(self, result: Recount) -> str:
        spent, budget = self._money(result.spent), self._money(result.budget)
        said = TEXTS["money"][self._place].format(spent=spent, budget=budget)
        return drawings.share(said, result.spent, result.budget, said)

    def _votes(self, round_: Round, result: Recount) -> str:
        options = self._by_votes(round_, result)
        rows = [
            (
                TEXTS["option-n"][self._place].format(n=number),
                result.votes.get(id, 0),
                self._number(result.votes.get(id, 0))
                + (f" — {TEXTS['funded'][self._place].lower()}" if id in result.funded else ""),
                id in result.funded,
            )
            for number, id in options[:_MOST_BARS]
        ]
        title = self._say("votes")
        drawn = f"<h3>{title}</h3>{drawings.bars(title, rows)}"
        if len(options) > _MOST_BARS:
            more = self._number(len(options) - _MOST_BARS)
            drawn += f"<p>{self._say('more', n=more)}</p>"
        return drawn

    def _by_votes(self, round_: Round, result: Recount) -> list[tuple[int, str]]:
        options = sorted(round_.numbers().items())
        return sorted(options, key=lambda option: -result.votes.get(option[1], 0))

    def _options(self, round_: Round, result: Recount) -> str:
        costs = round_.costs()
        listed = {said.body["option_id"]: said.index for said in round_.options}
        decided = {said.body["option_id"]: said.index for said in round_.decisions}
        rows = [
            (
                self._say("option-n", n=number),
                self._money(costs[id]),
                self._number(result.votes.get(id, 0)),
                self._say("yes" if id in result.funded else "no"),
                str(listed[id]),
                str(decided.get(id, "")),
            )
            for number, id in self._by_votes(round_, result)
        ]
        head = ("option", "cost", "votes-head", "funded", "listed", "decided")
        return _table([self._say(each) for each in head], rows, numbers=(1, 2, 4, 5))

    def _publishers(self) -> str:
        assert self._found.verified is not None
        numbers = self._found.verified.numbers
        rows = [(escape(src), self._number(numbers[src])) for src in sorted(numbers)]
        head = (self._say("publisher"), self._say("published"))
        return f"<h2>{self._say('who')}</h2>{_table(head, rows, numbers=(1,))}"

    def _kinds(self) -> str:
        kinds = self._found.kinds.most_common(_MOST_KINDS)
        rows = [(escape(kind), self._number(many)) for kind, many in kinds]
        head = (self._say("what"), self._say("published"))
        return _table(head, rows, numbers=(1,))

    def _again(self) -> str:
        source = escape(self._found.source)
        commands = [
            f"ledger-audit verify {source} --policy POLICY",
            f"ledger-audit recount {source} --policy POLICY",
            f"ledger-audit explain {source} 0 --policy POLICY --language {self._language}",
        ]
        how = self._say("again-how")
        return f"<h2>{self._say('again')}</h2><p>{how}</p><pre>{'\n'.join(commands)}</pre>"


def _table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: Sequence[int] = ()
) -> str:
    """Cells are HTML already."""

    def cells(tag: str, row: Sequence[str]) -> str:
        kinds = (' class="n"' if place in numbers else "" for place in range(len(row)))
        return "".join(f"<{tag}{k}>{c}</{tag}>" for k, c in zip(kinds, row, strict=True))

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    return f"<table><thead><tr>{cells('th', head)}</tr></thead><tbody>{body}</tbody></table>"
