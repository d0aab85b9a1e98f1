"""What only the services of a home's Airflow may know, made once and kept in its folder."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.files import read_object, write_file
from core.secrets import remember
from core.settings import Settings
from takeup.airflow_environment import passwords_file

FILE_NAME: Final = "secrets.json"
OWNER_ONLY: Final = 0o600
ADMIN: Final = "admin"


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


MADE: Final[dict[str, Callable[[], str]]] = {
    "AIRFLOW__API__SECRET_KEY": _key,
    "AIRFLOW__API_AUTH__JWT_SECRET": lambda: secrets.token_urlsafe(64),
    "AIRFLOW__CORE__FERNET_KEY": _key,
}
"""How each secret is made, by the variable in which Airflow reads it: of sessions, of what services
tell each other, and of the connections in the database."""


def secrets_of(settings: Settings) -> dict[str, str]:
    """The secrets of a home's services, by Airflow's variables; made where there are none.

    Raises:
        UsageError: their file can't be read: with others, connections in the database are lost.
    """
    path = settings.airflow / FILE_NAME
    found = _read(path)
    missing = MADE.keys() - found.keys()
    if missing:
        found |= {name: MADE[name]() for name in sorted(missing)}
        write_file(path, json.dumps(found, indent=1), mode=OWNER_ONLY)
    for secret in found.values():
        remember(secret)
    return found


def new_password(settings: Settings) -> str | None:
    """The password of `admin`, made now; None where there is one, which is not said again.

    Raises:
        UsageError: the file of passwords can't be read.
    """
    path = passwords_file(settings)
    found = _read(path)
    if ADMIN in found:
        return None
    found[ADMIN] = secrets.token_urlsafe(18)
    write_file(path, json.dumps(found) + "\n", mode=OWNER_ONLY)
    return found[ADMIN]


def _read(path: Path) -> dict[str, str]:
    found = read_object(path)
    if not found and path.exists():
        raise UsageError(f"{path} can't be read: mend it or, if you must, delete it")
    return found
