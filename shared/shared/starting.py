"""A process from its command line: what it is told to do, before anything large is imported.

Whatever a process imports stays for good, and looking for cycles among it again and again takes a
sixth of the time that importing takes: the collector begins once there is something to collect.
"""

import gc
import importlib
import sys


def main(package: str) -> None:
    """`python -m PACKAGE` serves it; `python -m PACKAGE migrate` brings its database up to date,
    `close-restored WHY` says that it is a restored backup."""
    gc.disable()
    match sys.argv[1:]:
        case ["migrate"]:
            from shared.migrate import migrate

            gc.enable()
            migrate(package)
        case ["close-restored", because]:
            from shared import closing

            gc.enable()
            closing.main(package, because)
        case []:
            serve(package)
        case other:
            known = "[migrate | close-restored WHY]"
            sys.exit(f"usage: python -m {package} {known}, not {' '.join(other)!r}")


def serve(package: str) -> None:
    """Run what `PACKAGE.app.create()` makes until SIGTERM."""
    from shared.serving import run
    from shared.telemetry import log_json

    log_json(package)
    run(importlib.import_module(f"{package}.app").create())
