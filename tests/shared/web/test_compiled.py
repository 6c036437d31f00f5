"""Templates are compiled once in a process."""

import pytest
from jinja2 import Environment

from shared.web.kit import Pages
from tests.shared.web.conftest import Look


def test_a_second_application_compiles_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = Pages("shared.web", Look()).module("fr", "charts.html", csrf="", path="")

    def compile_(*_: object) -> None:
        raise AssertionError("compiled anew")

    monkeypatch.setattr(Environment, "compile", compile_)
    second = Pages("shared.web", Look()).module("fr", "charts.html", csrf="", path="")
    assert vars(second).keys() == vars(first).keys()
