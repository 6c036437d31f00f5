"""The process: routes, the words that leave late, and the status of each refusal."""

from fastapi import FastAPI

from shared.events.submission import TextPublished
from shared.process import Process
from shared.settings import Settings
from submission import queries
from submission.amounts import CostRefused
from submission.freezing import NoProjects, OptionsAlreadyFrozen, ProjectFrozen, TooManyOptions
from submission.programmes.moving import move_phases
from submission.programmes.phases import PhaseNotOpen
from submission.repeats import IdempotencyConflict
from submission.routes import ProgrammeUnknown, ProjectExists, ProjectUnknown, router
from submission.texts import TitleRefused

REFUSALS = {
    ProgrammeUnknown: 404,
    ProjectUnknown: 404,
    ProjectExists: 409,
    TitleRefused: 422,
    CostRefused: 422,
    ProjectFrozen: 409,
    OptionsAlreadyFrozen: 409,
    NoProjects: 409,
    TooManyOptions: 409,
    IdempotencyConflict: 409,
    PhaseNotOpen: 409,
}


def create() -> FastAPI:
    """The application, from the environment."""
    return application(Settings())


def application(settings: Settings, *, kafka: bool = True) -> FastAPI:
    """The application; without `kafka`, what it announces stays in the outbox."""
    late = {TextPublished.topic: queries.bodies_of_texts}
    process = Process("submission", settings, late_bodies=late, kafka=kafka)
    process.every(1, "phases", lambda: move_phases(process.database))
    return process.app([router], REFUSALS)
