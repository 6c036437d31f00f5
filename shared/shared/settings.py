"""What every process is told by its environment; see each process's `app.py` for what it adds."""

from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator
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
    # A file that is in no backup, and on no disk that is copied together with the database's: by it
    # the database that worked last is told from a restored one (`mark.py`).
    mark: Path | None = None
    # Where spans go, by OTLP over HTTP: `http://collector:4318`. Without it there are none.
    otlp_endpoint: str | None = None
    # The public addresses of the processes that have pages, by the last part of their names:
    # what links, redirects and cookies are made for.
    sites: dict[str, str] = {}
    operator_name: str = "Comptoir"
    accent: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#0B5D56"
    development: bool = False
    # Notification's public key, base64 of 32 bytes: what people are told is sealed to it.
    contacts_key: str | None = None
    # Staff sign in here; the key makes officers' ids, and every process with a desk has the same.
    oidc_issuer: str | None = None
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_scope: str = "openid profile email"  # ProConnect: openid given_name usual_name email
    officers_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    # Subjects or mail addresses of who is administrator before anybody can grant a role.
    administrators: frozenset[str] = frozenset()

    @model_validator(mode="after")
    def people_are_whole(self) -> Self:
        """An identity provider without a client, or officers without ids, would be half a desk."""
        if self.oidc_issuer and not (self.oidc_client_id and self.officers_key):
            raise ValueError("oidc_issuer needs oidc_client_id and officers_key")
        return self

    def site(self, process: str) -> str:
        """The public address of a process, without a slash at its end."""
        name = process.rpartition(".")[2]
        return self.sites.get(name, f"http://{self.host}:{self.port}").rstrip("/")


class KafkaSettings(BaseSettings):
    """How a process meets the broker; its principal is its user name."""

    model_config = SettingsConfigDict(
        env_prefix="COMPTOIR_KAFKA_", frozen=True, hide_input_in_errors=True
    )

    bootstrap: str
    username: str
    password: str
