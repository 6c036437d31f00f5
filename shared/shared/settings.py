"""What every process is told by its environment; see each process's `app.py` for what it adds."""

from typing import Annotated

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from variables that begin with COMPTOIR_. Secrets have no defaults."""

    model_config = SettingsConfigDict(
        env_prefix="COMPTOIR_", frozen=True, hide_input_in_errors=True
    )

    database: str
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)]
    desk_key: str = Field(min_length=16)
    # For how many seconds work may stand still before `/health/ready` says so.
    alarm_after: Annotated[float, Field(gt=0)] = 30.0
    pool_size: Annotated[int, Field(ge=2, le=100)] = 8
    # Where spans go, by OTLP over HTTP: `http://collector:4318`. Without it there are none.
    otlp_endpoint: str | None = None


class KafkaSettings(BaseSettings):
    """How a process meets the broker; its principal is its user name."""

    model_config = SettingsConfigDict(
        env_prefix="COMPTOIR_KAFKA_", frozen=True, hide_input_in_errors=True
    )

    bootstrap: str
    username: str
    password: str
