"""The drill's table, told at the end."""

import pytest

ROWS = pytest.StashKey[dict[str, str]]()


@pytest.fixture
def told(request: pytest.FixtureRequest) -> dict[str, str]:
    """What was done to the log, and who refused it."""
    return request.config.stash.setdefault(ROWS, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    rows = config.stash.get(ROWS, {})
    if rows:
        terminalreporter.section("tamper drill")
        for what, refused in rows.items():
            terminalreporter.line(f"{what:55} {refused}")
