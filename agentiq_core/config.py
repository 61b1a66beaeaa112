"""Settings: environment `AGENTIQ_*`, then `$AGENTIQ_HOME/config.toml`, then these defaults."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.home import CONFIG, home_dir


class Settings(BaseSettings):
    """What a user may set. Durations are seconds."""

    model_config = SettingsConfigDict(
        env_prefix="AGENTIQ_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    home: Path = Field(default_factory=home_dir)
    database_url: SecretStr | None = None
    """The team's Postgres; without it the embedded one is used."""
    postgres_bin: Path | None = None
    """Another directory of Postgres binaries for the embedded server."""
    language: str | None = None
    """`ru` or `en`; without it the locale decides."""
    team_key: SecretStr | None = None
    """Opens the sellers' marketplace keys; without it a file beside the embedded database does."""
    token: SecretStr | None = None
    """A service token: signs in a machine without a person (CI, containers)."""
    vault_passphrase: SecretStr | None = None
    """Opens this machine's encrypted secrets where there is no keyring and nobody to ask."""
    model_key: SecretStr | None = None
    """Opens a provider of language models; without it the key that this machine keeps does."""
    model_profile: str = "deepseek"
    """Whose key `model_key` is."""
    model_url: str | None = None
    """Where `model_key` may be sent; without it to the profile's own address alone."""
    model_ca_file: Path | None = None
    """Root certificates (PEM) that are trusted beside the usual ones where a provider has its own (GigaChat)."""
    worker: bool = True
    """Whether the terminal app also pulls, sends and suggests."""
    undo_seconds: float = Field(default=5.0, ge=0, le=120)
    """How long a reply waits before it leaves; 0 turns the undo window off."""
    poll_seconds: float = Field(default=30.0, ge=1, le=3600)
    """How often a seller is asked for news."""
    open_chat_poll_seconds: float = Field(default=8.0, ge=1, le=3600)
    """The same while one of its conversations is open on a screen, or a reply waits to be confirmed."""
    unknown_after_seconds: float = Field(default=90.0, ge=0, le=3600)
    """How long to look for a reply of unknown fate before a person must decide."""
    lease_seconds: float = Field(default=30.0, ge=1, le=600)
    """How long a worker may be silent before its work is taken over."""
    log_level: str = "INFO"

    @field_validator("home")
    @classmethod
    def _is_absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("database_url")
    @classmethod
    def _is_postgres(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None or not value.get_secret_value().strip():
            return None
        if not value.get_secret_value().startswith(("postgresql://", "postgres://")):
            raise ValueError("must start with postgresql://")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = TomlConfigSettingsSource(settings_cls, home_dir() / CONFIG)
        return (init_settings, env_settings, file)


@cache
def settings() -> Settings:
    """This process's settings, read once. Raises `Misconfigured` with one line that names file and field."""
    return load()


def load() -> Settings:
    """Read the settings anew. Raises `Misconfigured`; a secret is never part of the message."""
    try:
        return Settings()
    except ValidationError as error:
        fields = "; ".join(
            f"{'.'.join(map(str, item['loc'])) or 'settings'}: {item['msg']}" for item in error.errors()
        )
        raise Misconfigured(f"settings cannot be used: {fields}", fields=fields) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        path = home_dir() / CONFIG
        raise Misconfigured(f"{path} is not valid TOML: {error}", fields=f"{path}: {error}") from None
    except OSError as error:
        path = home_dir() / CONFIG
        raise Misconfigured(
            f"{path} cannot be read: {error.strerror}", fields=f"{path}: {error.strerror}"
        ) from None
