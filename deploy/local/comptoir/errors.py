"""What the launcher says when it cannot go on: one sentence, no traceback."""


class LauncherError(Exception):
    """Something on this machine is missing or in the way; the message says what."""


class JarRefused(LauncherError):
    """A jar is missing or is not, byte for byte, the one the lock names."""


class StateLocked(LauncherError):
    """Another `comptoir up` owns the state directory."""


class NotReady(LauncherError):
    """A process did not become ready in time; the message ends with its last log lines."""


class TopicsDiffer(LauncherError):
    """The broker has a topic that differs in a way that no command may change."""
