"""The units and cron lines of docs/deploying.md: they start what is there; systemd takes them."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.errors import GateFailed, IntegrityError, LeaseHeld, TakeupError, UsageError
from core.settings import PROJECT_ROOT, Settings

UNITS = PROJECT_ROOT / "docs" / "systemd"
INSTALLED = "/srv/takeup/.venv/bin/takeup"


def commands_in(text: str) -> set[str]:
    """What is called of `takeup`, by everything that stands behind it."""
    found = re.findall(rf"{re.escape(INSTALLED)}((?: [\w-]+)+)", text)
    return {one.strip() for one in found}


def test_units_and_cron_start_commands_that_are_there() -> None:
    units = "\n".join(path.read_text(encoding="utf-8") for path in UNITS.glob("*.service"))
    page = (PROJECT_ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    assert commands_in(units) == {"nightly", "alerts", "alerts --failed"}
    assert commands_in(page) == {"nightly", "alerts", "alerts --failed"}


def test_every_unit_is_on_the_page_and_every_setting_is_one() -> None:
    page = (PROJECT_ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")
    for path in UNITS.glob("*.timer"):
        assert f"(systemd/{path.name})" in page
        assert path.with_suffix(".service").is_file()
    assert "(systemd/takeup-airflow.service)" in page
    example = (UNITS / "takeup.env.example").read_text(encoding="utf-8")
    names = {line.partition("=")[0].removeprefix("TAKEUP_").lower() for line in example.split()}
    assert names <= set(Settings.model_fields)


def test_the_unit_of_airflow_starts_a_module_that_is_there() -> None:
    text = (UNITS / "takeup-airflow.service").read_text(encoding="utf-8")
    (module,) = re.findall(r"^ExecStart=/srv/takeup/.venv/bin/python -m (\S+)$", text, re.MULTILINE)
    assert find_spec(module) is not None


def test_what_no_second_try_can_mend_is_not_tried_again() -> None:
    text = (UNITS / "takeup-nightly.service").read_text(encoding="utf-8")
    (codes,) = re.findall(r"^RestartPreventExitStatus=(.*)$", text, re.MULTILINE)
    kinds: tuple[type[TakeupError], ...] = (UsageError, GateFailed, IntegrityError, LeaseHeld)
    assert {int(code) for code in codes.split()} == {kind.exit_code for kind in kinds}


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for path in UNITS.iterdir():
        # It wants to see the command that a unit starts.
        text = path.read_text(encoding="utf-8")
        for command in (INSTALLED, INSTALLED.replace("bin/takeup", "bin/python")):
            text = text.replace(command, shutil.which("true") or "")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    units = sorted(str(path) for path in tmp_path.iterdir() if path.suffix != ".example")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
