"""The box as `python -m voting.box` serves it, but without Kafka. With `talkative`, every logger is
as low as an operator could have it."""

import logging
import sys

from shared.serving import run
from shared.telemetry import log_json
from voting.box.app import BoxSettings, application

if __name__ == "__main__":
    log_json("voting.box")
    if "talkative" in sys.argv:
        for name in ("", *logging.root.manager.loggerDict):
            logging.getLogger(name).setLevel(logging.DEBUG)
    run(application(BoxSettings(), kafka=False))
