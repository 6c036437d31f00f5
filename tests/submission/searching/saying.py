"""What a charter and its ideas say, put straight into their rows."""

import json
from typing import Any
from uuid import UUID

from tests.submission.proposing import Town


async def ruled(town: Town, **rules: Any) -> None:
    """The charter of this edition says this as well."""
    await town.connection.execute(
        "update programme set rules = rules || $2::text::jsonb where programme_id = $1",
        town.programme_id,
        json.dumps(rules),
    )


async def named(town: Town, project_id: UUID, **names: str) -> None:
    """An idea says so."""
    for column, name in names.items():
        await town.connection.execute(
            f"update idea set {column} = $2 where project_id = $1", project_id, name
        )
