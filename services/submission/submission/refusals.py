"""Refusals that more than one room of submission gives."""

from shared.refusal import Refusal


class ProgrammeUnknown(Refusal):
    """No programme has this id."""

    code = "programme_unknown"


class ProjectUnknown(Refusal):
    """No project has this id."""

    code = "project_unknown"
