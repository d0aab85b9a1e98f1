"""Spark for the models that read the log, where the setting `engine` asks for it (docs/spark.md).

It writes their tables as Parquet into a folder of the warehouse; those that grow with the log stay
there for the next build. DuckDB takes them from there, and makes all else.
"""

from __future__ import annotations

import os
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.settings import Settings
from core.sql import connect, quote

PACKAGES: Final = ("pyspark", "dbt.adapters.spark")
SIZE: Final = re.compile(r"\d+(\.\d+)? *[KMGT]?i?B", re.IGNORECASE)
READERS: Final = "+tag:reads_log"
"""What runs on Spark: those models, and what they read themselves."""


def spark_tables(settings: Settings) -> Path:
    """Where Spark keeps its tables."""
    return settings.warehouse.absolute() / "spark"


def spark_connection(settings: Settings) -> dict[str, str]:
    """Variables of the environment by which dbt runs on Spark.

    Raises:
        UsageError: a part of Spark is missing, or the memory limit is no size that it takes.
    """
    from pydantic import ByteSize, TypeAdapter

    _require_packages()
    _require_java()
    if not SIZE.fullmatch(settings.memory_limit):
        raise UsageError(
            f"setting TAKEUP_MEMORY_LIMIT: {settings.memory_limit} is no size that Spark takes:"
            " give it in bytes, as in 2GB"
        )
    limit = TypeAdapter(ByteSize).validate_python(settings.memory_limit)
    return {"TAKEUP_TARGET": "spark", "TAKEUP_SPARK_MEMORY": f"{int(limit.to('MiB'))}m"}


def _require_packages() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"TAKEUP_ENGINE=spark needs {missing[0]}, which is not installed: run make spark"
        )


def _require_java() -> None:
    java = os.environ.get("JAVA_HOME")
    if shutil.which(f"{java}/bin/java" if java else "java") is None:
        raise UsageError(
            "TAKEUP_ENGINE=spark needs Java 17 or later, and there is no java in "
            + ("JAVA_HOME" if java else "PATH")
            + ": install it (Debian: package openjdk-17-jre-headless), or set JAVA_HOME"
        )


def list_log_files_for_spark(settings: Settings) -> None:
    """The live files of the log, as table `internal.log_files` of the staging file has them."""
    spark_tables(settings).mkdir(parents=True, exist_ok=True)
    listed = spark_tables(settings) / "log_files.parquet"
    with connect(settings.staging_file, read_only=True) as connection:
        connection.execute(f"copy internal.log_files to {quote(listed)} (format parquet)")
