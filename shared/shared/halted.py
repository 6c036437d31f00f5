"""When work must not go on until a human has looked."""


class Halted(RuntimeError):
    """Its process stays, is not ready, and says why; a restart would only say it again."""
