"""What Airflow's services are given: this home, one set of secrets, and nobody else's Airflow."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest
from pydantic import SecretStr

from core.errors import UsageError
from core.secrets import masked
from core.settings import Settings
from takeup.airflow_environment import passwords_file, services_environment
from takeup.airflow_secrets import FILE_NAME, MADE, new_password, secrets_of
from takeup.airflow_services import require_driver, require_free_port


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_secrets_are_made_once_for_the_owner_alone_and_masked(settings: Settings) -> None:
    secrets = secrets_of(settings)
    assert secrets.keys() == MADE.keys()
    assert secrets_of(settings) == secrets
    assert (settings.airflow / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert {masked(secret) for secret in secrets.values()} == {"***"}


def test_the_password_is_said_once_and_others_stay(settings: Settings) -> None:
    password = new_password(settings)
    assert new_password(settings) is None
    path = passwords_file(settings)
    assert json.loads(path.read_text()) == {"admin": password}
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(json.dumps({"analyst": "theirs"}))
    assert new_password(settings) != password
    assert json.loads(path.read_text())["analyst"] == "theirs"


@pytest.mark.parametrize("content", ["", "{", "[]"])
def test_a_file_of_secrets_that_can_not_be_read_is_not_replaced(
    settings: Settings, content: str
) -> None:
    for path, read in ((settings.airflow / FILE_NAME, secrets_of),
                       (passwords_file(settings), new_password)):  # fmt: skip
        path.parent.mkdir(exist_ok=True)
        path.write_text(content)
        with pytest.raises(UsageError, match=f"{path.name} can't be read"):
            read(settings)
        assert path.read_text() == content


def test_connections_and_intervals_are_kept_and_another_airflow_is_not(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", "smtp://mail.example.org")
    monkeypatch.setenv("AIRFLOW__METRICS__OTEL_ON", "True")
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC", "elsewhere")
    monkeypatch.setenv("AIRFLOW__API__HOST", "0.0.0.0")
    monkeypatch.setenv("no_proxy", "intranet.example.org")
    found = services_environment(settings, secrets={"AIRFLOW__API_AUTH__JWT_SECRET": "x"})
    assert found["AIRFLOW_CONN_SMTP_DEFAULT"] == "smtp://mail.example.org"
    assert found["AIRFLOW__METRICS__OTEL_ON"] == "True"
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC" not in found
    assert found["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert found["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].startswith("sqlite:///")
    assert found["AIRFLOW__API_AUTH__JWT_SECRET"] == "x"
    # Services talk to each other on this machine, whatever proxy leads out of it.
    assert found["no_proxy"] == "intranet.example.org,127.0.0.1"
    assert found["PATH"].endswith(os.environ["PATH"])


def test_a_password_in_the_address_of_the_database_is_masked_in_both_spellings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = "postgresql+psycopg2://takeup:p%40ss-for-this-test@127.0.0.1/airflow"
    monkeypatch.setenv("TAKEUP_AIRFLOW_DATABASE", address)
    settings = Settings.load()
    assert "ss-for-this-test" not in repr(settings)
    for said in (address, "no such user: p@ss-for-this-test"):
        assert "ss-for-this-test" not in masked(said)
    environment = services_environment(settings, secrets={})
    assert environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] == address


def test_another_database_than_postgresql_is_a_usage_error(settings: Settings) -> None:
    other = settings.model_copy(update={"airflow_database": SecretStr("mysql://u:secret@h/d")})
    with pytest.raises(UsageError, match=r"begins with postgresql\+psycopg2://"):
        require_driver(other)


def test_a_port_that_is_taken_is_said_to_be(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {port} can't be used .*TAKEUP_AIRFLOW_PORT"):
            require_free_port(settings.model_copy(update={"airflow_port": port}))
