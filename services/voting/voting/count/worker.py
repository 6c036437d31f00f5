"""`python -m voting.count.worker`: counts published files, a request and an answer a line.

A request is JSON, `{"path": …, "rule": …}`: a name of `shared.rules.named`, or a rule itself, which
`name` then names in the answer. The answer is JSON: what was decided, or `error`. NumPy is imported
here and below, so that no process that serves has it.
"""

import json
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from shared.events.rules import Rule
from shared.pabulib import NotPabulib
from shared.rules.named import NAMES
from voting.count import comparing
from voting.count.allocation.engine import count
from voting.count.allocation.result import Tied
from voting.count.published import read_published
from voting.count.recount import NotCountable, by_name, by_rule


def answers(requests: Iterable[str]) -> Iterator[str]:
    """An answer for each request, whatever is wrong with it."""
    for request in requests:
        yield json.dumps(_answer(request))


def _answer(line: str) -> dict[str, Any]:
    try:
        request = json.loads(line)
        path, asked = request["path"], request["rule"]
        rule = asked if isinstance(asked, str) else Rule.model_validate(asked)
        name = rule if isinstance(rule, str) else str(request.get("name", "a rule"))
    except (ValueError, TypeError, KeyError) as error:
        return {"error": f"not a request: {error}"}
    head = {"file": path, "rule": name}
    try:
        return head | _counted(path, rule)
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
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return head | {"error": f"{path}: beyond what a round can hold: {wrong}"}
    except Exception as error:
        # One file must not end the count of the others; what happened is for whoever mends it.
        traceback.print_exc()
        return head | {"error": f"{path}: the count failed: {type(error).__name__}: {error}"}


def _counted(path: str, rule: Rule | str) -> dict[str, Any]:
    began = time.perf_counter()
    found = read_published(Path(path).read_bytes(), path)
    if isinstance(rule, str) and rule not in NAMES:
        raise NotCountable(f"no rule is called {rule}")
    counting = by_name(found, rule) if isinstance(rule, str) else by_rule(found, rule)
    result = count(counting.rule, counting.form, counting.options, counting.ballots)
    chosen = comparing.selected(found.projects)
    return {
        "funded": list(result.winners),
        "selected_in_file": chosen,
        "agrees": comparing.agrees(result, chosen),
        "explanation": comparing.explanation(result, found.projects),
        "reasons": {decided.option: decided.reason for decided in result.options},
        "seconds": round(time.perf_counter() - began, 3),
    }


def main() -> None:
    """Answer until there are no more requests. Ctrl-C is for whoever started this."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for answer in answers(sys.stdin):
        print(answer, flush=True)


if __name__ == "__main__":
    main()
