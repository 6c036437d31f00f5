"""The booth as `python -m voting.booth` serves it, but with every logger at its most talkative."""

import logging

from shared.serving import run
from shared.telemetry import log_json
from voting.booth.app import create

if __name__ == "__main__":
    log_json("voting.booth")
    logging.getLogger().setLevel(0)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).setLevel(1)
    run(create())
