"""A rule in sentences: whatever decides otherwise reads otherwise, in both languages."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAliasType, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, TypeAdapter, ValidationError

import shared.rules
from shared.events.ballots import Format
from shared.events.rules import Option, Rule
from shared.events.scheme import Labelled
from shared.rules import presets
from shared.rules.saying import Speech, ballot, rule, warning
from shared.rules.together import Finding, Warned
from shared.web.messages import translations

FORMAT: TypeAdapter[Any] = TypeAdapter(Format)
ROOM = Path(shared.rules.__file__).parent
LABELS = {
    ("territory", "artois"): Labelled(name="artois", fr="L’Artois", en="The Artois"),
}
SPEECHES = [Speech(language, translations([ROOM], language), LABELS) for language in ("en", "fr")]

FORMATS: list[dict[str, Any]] = [
    {"type": "approval", "min": 1, "max": 3},
    {"type": "approval", "min": 3, "max": 3, "wrong": "refused"},
    {
        "type": "contests",
        "group": "territory",
        "own": {"min": 1, "max": 2},
        "general": {"max": 3},
    },
    {"type": "knapsack", "cap": 5000_00, "min": 1, "max": 6},
    {"type": "knapsack", "cap": 5000_00},
    {"type": "cumulative", "total": 9, "most_each": 4, "least_total": 2, "max": 5},
    {"type": "cumulative", "total": 9, "most_each": 4, "least_total": 9, "min": 2},
    {"type": "ranking", "points": [4, 2, 1], "max": 4, "min": 1},
    {"type": "score", "low": -2, "high": 5, "max": 9},
    {"type": "plus-minus", "most_plus": 3, "most_minus": 2, "min": 1},
    {"type": "grades", "grades": ["poor", "fair", "good"], "min": 1},
    {"type": "decision", "members": 9, "quorum": "1/2", "majority": "2/3"},
]
CANTONS = {
    "groups": {"territory": ["artois", "calaisis"], "family": ["one"], "tier": []},
    "electorate": {"blank": "counted"},
    "thresholds": [
        {"votes": 20},
        {"of": "supporters", "votes": 30},
        {"share": "1/20"},
        {"of": "supporters", "share": "1/3"},
        {"per_euro": "2"},
        {"of": "supporters", "per_euro": "1/100"},
    ],
    "caps": [{"of": "family", "most": 2}, {"of": "territory", "value": "artois", "most": 3}],
    "most_winners": 40,
    "envelopes": [
        {"name": "all", "amount": 900_000_00, "remainder": "next-year", "overshoot": 7_00},
        {
            "name": "artois",
            "within": "all",
            "amount": 90_000_00,
            "options": {"groups": {"territory": ["artois"]}, "cost_from": 5_00},
            "voters": {"groups": {"tier": ["A", "B"]}},
        },
        {
            "name": "small",
            "within": "all",
            "amount": 80_000_00,
            "kind": "most",
            "options": {"cost_below": 9_000_00},
        },
    ],
    "passes": [
        {
            "name": "each",
            "envelopes": ["artois", "all"],
            "options": {"groups": {"family": ["one"]}},
            "order": {"type": "votes"},
            "quotas": [
                {"of": "territory", "least": 2, "most": 3},
                {"of": "territory", "value": "artois", "least": 1, "most": 4, "required": True},
            ],
            "misfit": {"policy": "part-fund", "at_least": "2/5", "otherwise": "stop"},
            "most": 12,
        },
        {"name": "value", "order": {"type": "votes-per-cost"}, "below_threshold": "taken"},
        {
            "name": "rest",
            "order": {
                "type": "equal-shares",
                "utility": "cardinality",
                "unit": 100,
                "completion": {"cents": 100, "stop": "overspend"},
                "top_up": "votes",
                "comparison": {"by": "projects"},
            },
        },
        {
            "name": "again",
            "order": {
                "type": "equal-shares",
                "completion": {"share": "1/1000", "stop": "exhaustive"},
            },
        },
    ],
    "ties": {"criteria": ["cost", "supporters", "lot"], "seed": "ab" * 16},
    "grants": [
        {
            "percent": 80,
            "ceiling": 20_000_00,
            "floor": 100_00,
            "cofinanced": 20,
            "options": {"groups": {"territory": ["calaisis"]}},
        },
        {"fixed": 500_00},
    ],
    "prizes": {
        "prizes": [
            {"place": 1, "sponsor": "La Banque", "amount": 500_00},
            {"place": 2, "sponsor": "La Caisse", "amount": 300_00},
        ]
    },
}
GRADED = {
    "envelopes": [{"name": "all", "amount": 9_00}, {"name": "x", "within": "all", "amount": 1_00}],
    "passes": [
        {"name": "jury", "order": {"type": "jury-rank"}, "misfit": {"policy": "stop"}},
        {"name": "people", "order": {"type": "median-grade", "at_least": "fair"}},
    ],
    "ties": {"criteria": ["dearest", "votes", "filed", "ask"]},
}
RULES = [Rule.model_validate_json(TypeAdapter(Any).dump_json(each)) for each in (CANTONS, GRADED)]
SAMPLES = [*(FORMAT.validate_json(TypeAdapter(Any).dump_json(each)) for each in FORMATS), *RULES]


def said(model: BaseModel, speech: Speech) -> list[str]:
    """Everything that is said of a format or a rule."""
    if isinstance(model, Rule):
        return [line for part in rule(model, speech) for line in (part.title, *part.sentences)]
    return ballot(model, speech)  # type: ignore[arg-type]  # what is no rule is a format


def plain(annotation: Any) -> Any:
    """A type without its name and its limits."""
    while True:
        if isinstance(annotation, TypeAliasType):
            annotation = annotation.__value__
        elif get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        else:
            return annotation


def arms(annotation: Any) -> list[Any]:
    """The alternatives of a type."""
    found = plain(annotation)
    if get_origin(found) in (Union, UnionType):
        return [arm for each in get_args(found) for arm in arms(each)]
    return [found]


def reached(annotation: Any) -> Iterator[type[BaseModel]]:
    """Every model that a type is made of."""
    for arm in arms(annotation):
        if isinstance(arm, type) and issubclass(arm, BaseModel):
            yield arm
            for field in arm.model_fields.values():
                yield from reached(field.annotation)
        else:
            for inner in get_args(arm):
                if get_origin(arm) is not Literal:
                    yield from reached(inner)


def inside(value: Any) -> Iterator[BaseModel]:
    """Every model in a value, itself included."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from inside(getattr(value, name))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from inside(each)


KNOWN = {type(model): model for sample in SAMPLES for model in inside(sample)}
MODELS = {*reached(Format), *reached(Rule)}


def test_the_samples_have_every_model() -> None:
    """A new format, order or part of a rule has to be said, and tried below."""
    assert MODELS - KNOWN.keys() == set()
    assert Option not in MODELS


def others(annotation: Any, value: Any) -> Iterator[tuple[str, Any]]:
    """Other values that a field could have, each with the alternative that it stands for."""
    for arm in arms(annotation):
        if arm is NoneType:
            if value is not None:
                yield "nothing", None
        elif get_origin(arm) is Literal:
            yield from ((str(each), each) for each in get_args(arm) if each != value)
        elif arm is bool:
            yield "otherwise", not value
        elif arm is int:
            for other in (1, 7) if value is None else (value + 1, value - 1):
                yield "a number", other
        elif arm is str:
            for other in (
                "3/7",
                "family",
                "territory",
                "artois",
                "calaisis",
                "fair",
                "other",
                "cd" * 16,
            ):
                if other != value:
                    yield "a text", other
        elif get_origin(arm) is tuple:
            yield from _tuples(get_args(arm)[0], value)
        elif get_origin(arm) is dict:
            for key in value:
                yield "less", {name: value[name] for name in value if name != key}
                for _, inner in others(get_args(arm)[1], value[key]):
                    yield "a group", value | {key: inner}
        elif isinstance(value, arm):
            yield from _changed(value)
        else:
            yield arm.__name__, KNOWN[arm]


def _tuples(annotation: Any, value: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for place, each in enumerate(value):
        yield "less", (*value[:place], *value[place + 1 :])
        for which, other in others(annotation, each):
            yield which, (*value[:place], other, *value[place + 1 :])


def _changed(model: BaseModel) -> Iterator[tuple[str, Any]]:
    for name, field in type(model).model_fields.items():
        for which, other in others(field.annotation, getattr(model, name)):
            own = which if "." in which else f"{type(model).__name__}.{name}: {which}"
            yield own, model.model_copy(update={name: other})


def valid(model: BaseModel) -> bool:
    try:
        type(model).model_validate_json(model.model_dump_json())
    except ValidationError:
        return False
    return True


def decides(model: BaseModel) -> Any:
    """A format or a rule without what has no meaning in it."""
    data = model.model_dump()
    if isinstance(model, Rule):
        for envelope, each in zip(data["envelopes"], model.envelopes, strict=True):
            if each.kind == "most":
                envelope.update(remainder="", overshoot=0)  # it has no money of its own
        for step, its in zip(data["passes"], model.passes, strict=True):
            if its.misfit.at_least is None:
                step["misfit"]["otherwise"] = ""
        data["groups"] = {kind: values for kind, values in data["groups"].items() if values}
    return data


ONE = presets.greedy(900_00)
OF_A_GROUP = {"of": "territory", "value": "artois", "promised": 2, "has": 1, "envelope": "all"}
SUMS = {"needs": 950_00, "envelope": "all"}


@pytest.mark.parametrize(
    ("warned", "values", "english", "french"),
    [
        ("few_choices", {}, "names two projects at most", "nomme au plus deux projets"),
        ("few_options", OF_A_GROUP, "2 projects of “The Artois” (", "que 1"),
        (
            "over_envelope",
            SUMS,
            "costs 950 € at least, and the envelope has 900 €",
            "au moins 950 €",
        ),
        ("maybe_over_envelope", SUMS, "can cost up to 950 €", "l’enveloppe a 900 €"),
        ("many_steps", {"cents": 1, "ballots": 1000}, "grows by 0.01 €", "grandit de 0,01 €"),
    ],
)
def test_every_warning_is_said_in_words(
    warned: Warned, values: dict[str, Any], english: str, french: str
) -> None:
    found = Finding("passes.0", "what", warned, values)
    in_english, in_french = (
        warning(found, ONE, speech).replace("\u202f", " ") for speech in SPEECHES
    )
    assert english in in_english and french in in_french
    envelopes = {"over_envelope", "maybe_over_envelope"}
    assert {"few_choices", "few_options", "many_steps"} | envelopes == {*get_args(Warned.__value__)}


def test_what_is_refused_is_no_warning() -> None:
    with pytest.raises(ValueError, match="refused"):
        warning(Finding("passes.0", "what"), ONE, SPEECHES[0])


@pytest.mark.parametrize("speech", SPEECHES, ids=["en", "fr"])
def test_what_decides_otherwise_reads_otherwise(speech: Speech) -> None:
    """And every alternative of every field was tried."""
    tried: set[str] = set()
    for sample in SAMPLES:
        as_it_is = said(sample, speech)
        for which, other in _changed(sample):
            if valid(other) and decides(other) != decides(sample):
                assert said(other, speech) != as_it_is, which
                tried.add(which)
    asked = {
        f"{model.__name__}.{name}: {each}"
        for model in MODELS
        for name, field in model.model_fields.items()
        for arm in arms(field.annotation)
        if get_origin(arm) is Literal and len(get_args(arm)) > 1
        for each in get_args(arm)
    }
    assert asked - tried <= {
        f"{type(model).__name__}.{name}: {getattr(model, name)}"
        for sample in SAMPLES
        for model in inside(sample)
        for name in type(model).model_fields
    }
    fields = {
        f"{model.__name__}.{name}"
        for model in MODELS
        for name, field in model.model_fields.items()
        if name != "type" and not [*reached(field.annotation)]
    }
    assert fields - {which.partition(":")[0] for which in tried} == set()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: type(each).__name__)
def test_nothing_is_left_in_english_and_nothing_empty(sample: BaseModel) -> None:
    english, french = (said(sample, speech) for speech in SPEECHES)
    assert len(english) == len(french)
    for one, other in zip(english, french, strict=True):
        assert one != other and one.strip()
        assert "%(" not in one + other


def test_names_are_those_of_the_charter() -> None:
    english, french = (" ".join(said(RULES[0], speech)) for speech in SPEECHES)
    assert "the projects whose territory is The Artois and that cost 5\u202f€ or more" in english
    assert "dont le territoire est L’Artois" in french
    assert "calaisis" in french, "what has no label is called by its name"


def test_figures_are_those_of_the_rule() -> None:
    english, french = (" ".join(said(RULES[0], speech)) for speech in SPEECHES)
    assert "900\u202f000\u202f€" in english and "au moins 33,3" not in french
    assert "1/3 of the ballots" in english, "a third is no percentage"
    assert "5% of the ballots" in english and "5\u202f% des bulletins" in french


def test_one_pass_over_one_envelope_has_no_names() -> None:
    parts = rule(presets.greedy(500_00), SPEECHES[0])
    assert [part.title for part in parts] == [
        "What counts",
        "How the money is divided",
        "How projects are chosen",
        "Where projects are level",
        "What a funded project gets",
    ]
    assert "“all”" not in " ".join(said(presets.greedy(500_00), SPEECHES[0]))
