"""Settings of one home: read once from `TAKEUP_*` variables, then frozen."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import UsageError
from core.secrets import remember, remember_address

PROJECT_ROOT = Path(__file__).resolve().parent.parent
SEEDS = PROJECT_ROOT / "seeds"
"""The registers, and the digests of reports."""


class Settings(BaseSettings):
    """Where a home is and the limits that a run keeps to.

    Every field can be set by an environment variable `TAKEUP_<FIELD>`; an unknown
    keyword is refused.
    """

    model_config = SettingsConfigDict(env_prefix="TAKEUP_", frozen=True, extra="forbid")

    home: Path = Field(default=PROJECT_ROOT / "var", description="folder of all runtime data")
    file_mask: str = Field(
        default="027",
        pattern=r"^0?[0-7]{3}$",
        description="permissions that nothing a command writes has, as umask takes them",
    )
    threads: int = Field(default=2, ge=1, description="threads that DuckDB or Spark may use")
    memory_limit: str = Field(
        default="1GB", description="memory that one DuckDB connection or Spark's heap may use"
    )
    engine: Literal["duckdb", "spark"] = Field(
        default="duckdb", description="what runs the models that read the log"
    )
    maximum_file_bytes: int = Field(
        default=32 * 1024**3,
        ge=1024,
        description="bytes that a landed file may have, as it lies and unpacked",
    )
    maximum_record_bytes: int = Field(default=1024 * 1024, ge=1024)
    maximum_record_depth: int = Field(default=64, ge=4)
    future_tolerance_minutes: int = Field(
        default=60, ge=0, description="how far past the run's moment an event's time may lie"
    )
    withheld_services: int = Field(
        default=5,
        ge=0,
        description="services of which figures may newly be withheld before the gate stops",
    )
    withheld_share: float = Field(
        default=0.02,
        ge=0,
        le=1,
        description="share of all services of which they may, where that is more",
    )
    alert_email: str = Field(
        default="", description="addresses that are told of alerts, separated by commas"
    )
    alert_webhook: SecretStr = Field(
        default=SecretStr(""), description="address that alerts are posted to: who has it may post"
    )
    alert_webhook_shape: Literal["slack", "teams"] = Field(
        default="slack", description="for whom they are written"
    )
    alert_quarantine: int = Field(
        default=100, ge=0, description="records that may be in quarantine before it is an alert"
    )
    alert_disk_bytes: int = Field(
        default=2 * 1024**3, ge=0, description="free bytes of a disk below which it is an alert"
    )
    mail_from: str = Field(default="", description="the mailbox of ours that mails come from")
    mail_attachment_bytes: int = Field(
        default=10 * 1024**2, ge=0, description="largest pack that a mail has attached"
    )
    smtp_host: str = Field(default="", description="mail server that takes alerts and packs")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_starttls: bool = Field(
        default=True, description="whether nothing is sent to it before the line is encrypted"
    )
    smtp_user: str = Field(default="", description="who logs in there; nobody where empty")
    smtp_password: SecretStr = Field(default=SecretStr(""))
    log_format: Literal["text", "json"] = Field(
        default="text", description="whether runs write a JSON object a line to standard error"
    )
    contact: str = Field(
        default="", description="whom readers of a pack may ask: a name, a mailbox"
    )
    disclosure_threshold: int = Field(
        default=8, ge=2, description="smallest count of people that a pack shows, besides none"
    )
    disclosure_rounding: int = Field(
        default=5, ge=1, description="what shown counts of people are rounded to"
    )
    disclosure_source: str = Field(
        default="OpenSAFELY, statistical disclosure control: counts of 7 or fewer are not shown,"
        " others are rounded to 5",
        description="whose rule that is",
    )
    handover: Literal["approval", "auto"] = Field(
        default="approval", description="whether a person approves before a pack is handed over"
    )
    handover_folder: Path | None = Field(
        default=None, description="where recipients have their folders; else in the home"
    )
    pack: bool = Field(
        default=True, description="whether a run ends by making the pack of the latest quarter"
    )
    pages: bool = Field(
        default=True, description="whether a run ends by making the pages of what it published"
    )
    pages_address: str = Field(
        default="", description="where the home's folder site/ is served; for links in Airflow"
    )
    airflow_port: int = Field(
        default=8080, ge=1024, le=65535, description="port of Airflow, on this machine alone"
    )
    airflow_database: SecretStr = Field(
        default=SecretStr(""), description="PostgreSQL for Airflow's own state; else SQLite"
    )
    batch_bytes: int = Field(
        default=2 * 1024**3, ge=1, description="landed bytes after which a batch is committed"
    )
    landed_files: Literal["left", "archive"] = Field(
        default="left",
        description="what becomes of landed files that were taken in: they stay, or are moved",
    )
    keep_runs: int = Field(
        default=90, ge=1, description="how many results of each gate, and states of runs, are kept"
    )
    keep_sites: int = Field(
        default=2, ge=2, description="how many versions of the pages are kept, with the shown one"
    )
    keep_warehouses: int = Field(
        default=3, ge=1, description="how many warehouses of older log versions are kept"
    )
    keep_packs: int = Field(
        default=0, ge=0, description="how many editions of each pack are kept; 0 keeps all"
    )

    @classmethod
    def load(cls, home: Path | str | None = None) -> Settings:
        """Settings from the environment, with `home` taking precedence. From then on this process
        and those that it starts write files by them, and print none of their secrets.

        Raises:
            UsageError: a variable holds a value that its field does not take.
        """
        try:
            settings = cls() if home is None else cls(home=Path(home))
        except ValidationError as error:
            first = error.errors()[0]
            name = "TAKEUP_" + "_".join(str(part) for part in first["loc"]).upper()
            raise UsageError(f"setting {name}: {first['msg']}") from error
        for secret in (settings.alert_webhook, settings.smtp_password):
            remember(secret.get_secret_value())
        remember_address(settings.airflow_database.get_secret_value())
        os.umask(int(settings.file_mask, 8))
        return settings.model_copy(update={"home": settings.home.expanduser().absolute()})

    @property
    def alert_addresses(self) -> list[str]:
        """Who is told of alerts by e-mail."""
        return [part.strip() for part in self.alert_email.split(",") if part.strip()]

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def archive(self) -> Path:
        """Landed files that were taken in, by the day on which they were moved there."""
        return self.home / "archive"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def handed_over(self) -> Path:
        """Where a recipient whose way is `folder` has one."""
        return (self.handover_folder or self.home / "handed-over").expanduser().absolute()

    @property
    def receipts(self) -> Path:
        return self.home / "receipts"

    @property
    def example_mark(self) -> Path:
        """A file that only the home of the example has: nothing leaves that one."""
        return self.home / "EXAMPLE"

    @property
    def site(self) -> Path:
        return self.home / "site"

    @property
    def airflow(self) -> Path:
        return self.home / "airflow"

    @property
    def staging_file(self) -> Path:
        """The warehouse that dbt builds. It has the published file's stem on purpose:
        DuckDB writes the database's name into views."""
        return self.warehouse / "takeup.duckdb"

    @property
    def published_file(self) -> Path:
        return self.published / "takeup.duckdb"
