"""Grants as they are published. Pure: lines and words in, files out."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.events.charter import CharterRules
from shared.events.scheme import Funding
from shared.rules.agreeing import PEOPLE
from voting.count.funding.drawing import PARIS
from voting.count.funding.lapsing import later
from voting.count.funding.scdl import Subsidy
from voting.count.funding.standing import Line
from voting.count.tables import Round


def as_json(
    row: Round, rules: CharterRules | None, lines: Sequence[Line], words: Mapping[str, str]
) -> dict[str, Any]:
    """The grants of a round for a program; money in cents, what is not there is null. `tax`:
    whether it is before or after it."""
    return {
        "round_id": str(row.round_id),
        "log": row.log,
        "tax": rules.costs.tax if rules is not None and rules.costs is not None else None,
        "sums": sums(lines),
        "grants": [_grant(line, words) for line in lines],
    }


def sums(lines: Sequence[Line]) -> dict[str, int]:
    """What all grants come to, in cents."""
    signed = [line for line in lines if line.option.agreement_event is not None]
    return {
        "granted": sum(line.amount for line in lines),
        "signed": sum(line.amount for line in signed),
        "paid": sum(line.paid for line in lines),
        "lapsed": sum(line.lapsed for line in lines),
        "left": sum(line.left for line in lines),
    }


def _grant(line: Line, words: Mapping[str, str]) -> dict[str, Any]:
    kept, option = line.granted, line.option
    return {
        "option_id": str(option.option_id),
        "number": option.number,
        "title": words.get(option.title),
        "state": line.state,
        "decided": option.amount,
        "amount": line.amount,
        "paid": line.paid,
        "left": line.left,
        "act": kept and kept.act,
        "confirmed_on": _day(kept and kept.confirmed_on),
        "signed_on": _day(kept and kept.signed_on),
        "cost": kept and kept.cost,
        "spent": kept and kept.spent,
        "lapsed": kept and kept.lapsed,
        "ground": kept and kept.ground,
        "instalments": [
            {
                "name": each.name,
                "amount": each.amount,
                "on": each.due,
                "paid_on": _day(each.paid_on),
                "reference": each.reference,
                "event": _id(each.paid_event),
            }
            for each in line.instalments
        ],
        "milestones": [
            {"name": each.name, "on": _day(each.reached_on), "event": _id(each.reached_event)}
            for each in line.milestones
        ],
        "events": {
            "confirmed": _id(kept and kept.confirmed_event),
            "signed": _id(option.agreement_event),
            "reduced": _id(kept and kept.reduced_event),
            "lapsed": _id(kept and kept.lapsed_event),
        },
    }


def _day(day: Any) -> str | None:
    return None if day is None else str(day)


def _id(event: Any) -> str | None:
    return None if event is None else str(event)


def agreed(lines: Sequence[Line]) -> list[Line]:
    """The grants whose agreement is signed, and of which something is or was to be paid."""
    return [
        line
        for line in lines
        if line.option.agreement_event is not None and line.amount > line.lapsed
    ]


def subsidies(
    lines: Sequence[Line],
    terms: Funding | None,
    words: Mapping[str, str],
    signers: Mapping[Any, Mapping[str, Any]],
) -> list[Subsidy]:
    """The signed grants for the national file; `signers` are by option the carrier that signed,
    whoever carries the project by now: what it is called, and its numbers; none of them where
    people did. What lapsed of a grant is not in its amount."""
    found = []
    for line in agreed(lines):
        kept, signer = line.granted, signers.get(line.option.option_id, {})
        assert kept is not None and kept.signed_on is not None
        signed_at, within = line.option.agreed_at, terms and terms.finish_within
        until = later(signed_at, within).astimezone(PARIS).date() if signed_at and within else None
        told = bool(signer) and signer["carrier_type"] not in PEOPLE
        found.append(
            Subsidy(
                signed_on=kept.signed_on,
                act=kept.act,
                name=words.get(signer["name"] or "") if told else None,
                siret=words.get(signer["siret"] or "") if told else None,
                rna=words.get(signer["rna"] or "") if told else None,
                title=words.get(line.option.title),
                amount=line.amount - line.lapsed,
                instalments=len(line.instalments),
                paid_on=tuple(each.paid_on for each in line.instalments if each.paid_on),
                until=until,
                de_minimis=terms is not None and terms.de_minimis is not None,
            )
        )
    return found
