"""`python -m voting.count.worker`: counts, a request and an answer a line.

A request is JSON. `{"count": …}` is a round, whose ballots follow, a line each, and then `null`.
`{"path": …, "rule": …}` is a published file, and a name of `shared.rules.named`, `as-declared`, or
a rule itself, which `name` then names in the answer. The answer is JSON: what was decided, or
`error`, also where it took more than `within` seconds of computing. NumPy is imported here and
below, so that no process that serves has it.
"""

import json
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from pydantic import ValidationError

from shared.events.rules import Rule
from shared.pabulib import NotPabulib, Project, declared, read_bytes, selected
from shared.rules.named import AS_DECLARED, NAMES
from shared.wording import wrong
from voting.count import comparing, explaining
from voting.count.allocation.engine import count
from voting.count.allocation.result import Result, Tied
from voting.count.published import Published, read_published
from voting.count.recount import Counting, NotCountable, as_declared, by_name, by_rule
from voting.count.round_count import counted

# Seconds of computing that are allowed where a request says nothing. A million ballots take less
# than half a minute by any usual rule; one can also ask for more steps than anybody has time.
LONGEST = 600.0


class TooLong(Exception):
    """A count that needs more computing than is allowed."""


def answers(lines: Iterable[str]) -> Iterator[str]:
    """An answer for each request, whatever is wrong with it."""
    following = iter(lines)
    for line in following:
        yield json.dumps(_answer(line, following))


def _answer(line: str, following: Iterator[str]) -> dict[str, Any]:
    try:
        request = json.loads(line)
        allowed = float(request.get("within", LONGEST))
        if "count" in request:
            return _round(request["count"], following, allowed)
        path, asked = request["path"], request["rule"]
        rule = asked if isinstance(asked, str) else Rule.model_validate(asked)
        name = rule if isinstance(rule, str) else str(request.get("name", "a rule"))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return {"error": f"not a request: {error}"}
    head = {"file": path, "rule": name}
    try:
        with _within(allowed):
            return head | _counted(path, rule)
    except TooLong as error:
        return head | {"error": f"{path}: {error}"}
    except OSError as error:
        return head | {"error": f"{path}: {error.strerror or error}"}
    except NotPabulib as refused:
        return head | {"error": str(refused)}
    except NotCountable as refused:
        return head | {"error": f"{path}: {refused}"}
    except Tied as tied:
        level = ", ".join(tied.options)
        return head | {"error": f"{path}: officers must say the order of {level}, which are level"}
    except ValidationError as error:
        return head | {"error": f"{path}: beyond what a round can hold: {wrong(error)}"}
    except Exception as error:
        # One file must not end the count of the others; what happened is for whoever mends it.
        traceback.print_exc()
        return head | {"error": f"{path}: the count failed: {type(error).__name__}: {error}"}


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raises `TooLong` in what takes more CPU time, in the main thread."""

    def late(number: int, frame: FrameType | None) -> None:
        raise TooLong(f"not counted within {seconds:g} seconds of computing: too many steps")

    before = signal.signal(signal.SIGPROF, late)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _round(asked: dict[str, Any], ballots: Iterator[str], allowed: float) -> dict[str, Any]:
    try:
        with _within(allowed):
            return counted(asked, ballots)
    except Exception as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def _counted(path: str, rule: Rule | str) -> dict[str, Any]:
    began = time.perf_counter()
    data = Path(path).read_bytes()
    if rule == AS_DECLARED:
        decided = _declared(data, path)
    else:
        found = read_published(data, path)
        counting = _asked(found, rule)
        decided = _decided(counting, _count(counting), found.projects)
    return decided | {"seconds": round(time.perf_counter() - began, 3)}


def _asked(found: Published, rule: Rule | str) -> Counting:
    if isinstance(rule, Rule):
        return by_rule(found, rule)
    if rule not in NAMES:
        raise NotCountable(f"no rule is called {rule}")
    return by_name(found, rule)


def _declared(data: bytes, path: str) -> dict[str, Any]:
    election = read_bytes(data, path)
    said = declared(election)
    counting = as_declared(said)
    if counting is not None:
        result = _count(counting)
        answer = _decided(counting, result, election.projects)
        if answer["agrees"] is False:
            causes = explaining.causes(counting, result, election)
            answer["explanation"] = "; ".join((answer["explanation"], *causes))
        return answer
    return {
        "funded": [],
        "selected_in_file": election.selected,
        "agrees": None,
        "explanation": "; ".join(("not counted", *said.notes)),
        "reasons": {},
    }


def _count(counting: Counting) -> Result:
    return count(counting.rule, counting.form, counting.options, counting.ballots)


def _decided(counting: Counting, result: Result, projects: Sequence[Project]) -> dict[str, Any]:
    chosen = selected(projects)
    words = (comparing.explanation(result, projects), *counting.notes)
    return {
        "funded": list(result.winners),
        "selected_in_file": chosen,
        "agrees": comparing.agrees(result, chosen),
        "explanation": "; ".join(words),
        "reasons": {decided.option: decided.reason for decided in result.options},
    }


def main() -> None:
    """Answer until there are no more requests. Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for answer in answers(sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main()
