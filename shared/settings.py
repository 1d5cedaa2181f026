"""The settings from the environment: one frozen object, read once at the edge."""

import os
from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

SERVICES = ("registers", "thresholds", "penalties", "prosecutions", "notifications")
"""The services in the order of the chain; each publishes to the topic of its name."""


class Settings(BaseSettings):
    """The `ATTENDANCE_…` variables (see the README for their meaning)."""

    model_config = SettingsConfigDict(env_prefix="ATTENDANCE_", frozen=True, extra="ignore")

    data: Path = Path("var")
    """Folder of the embedded default."""
    port: int = 8000
    """First port: the console's; the next five are the services', then the payment and letter stand-ins."""
    kafka: str | None = None
    """Kafka bootstrap servers; unset: the durable PostgreSQL log."""
    compact_registers: bool | None = None
    """Whether registers of first marks alone are published as `session-recorded.v2`; unset: only without Kafka, where nobody else reads."""
    log_database_url: str | None = None
    """Database of the embedded log; the embedded default sets it itself."""
    policy: str = "essex"
    """Policy pack of authorities that have none of their own."""
    token_key: str | None = None
    pay_url: str | None = None
    pay_api_key: str = "stand-in"
    pay_webhook_secret: str | None = None
    notify_url: str | None = None
    notify_api_key: str = "stand-in-00000000-0000-4000-8000-000000000000-00000000-0000-4000-8000-000000000000"
    notify_callback_token: str | None = None
    """Bearer token of GOV.UK Notify's messages about returned letters; unset: they are refused."""
    public_url: str | None = None
    """Where people reach the console; default: its loopback address."""

    def database_url(self, service: str) -> str:
        """Return the address with which a service's api and worker log in."""
        return os.environ[f"ATTENDANCE_DATABASE_URL_{service.upper()}"]

    def migration_url(self, service: str) -> str:
        """Return the address of the owner role, which alone may change tables."""
        return os.environ.get(f"ATTENDANCE_MIGRATION_URL_{service.upper()}") or self.database_url(service)

    def service_port(self, service: str) -> int:
        """Return the loopback port of a service (the console's is the first)."""
        return self.port if service == "console" else self.port + 1 + SERVICES.index(service)

    def service_url(self, service: str) -> str:
        """Return where a service's API answers."""
        return os.environ.get(f"ATTENDANCE_URL_{service.upper()}") or f"http://127.0.0.1:{self.service_port(service)}"

    @property
    def publishes_compact_registers(self) -> bool:
        """Whether every reader of the registers is known to read their compact form."""
        return self.kafka is None if self.compact_registers is None else self.compact_registers

    @property
    def pay_base(self) -> str:
        """Base address of the payment provider, or of its stand-in."""
        return self.pay_url or f"http://127.0.0.1:{self.port + 6}"

    @property
    def pay_secret(self) -> str | None:
        """The secret that signs the provider's messages; None (no message is believed) where a real provider's was not set."""
        return self.pay_webhook_secret or (None if self.pay_url else "stand-in-secret")

    @property
    def notify_base(self) -> str:
        """Base address of GOV.UK Notify, or of its stand-in."""
        return self.notify_url or f"http://127.0.0.1:{self.port + 7}"


@cache
def settings() -> Settings:
    """Return the settings of this process."""
    return Settings()
