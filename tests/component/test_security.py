"""What docs/threats.md says of secrets, shells and pages holds of all of the code."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr

from core.settings import PROJECT_ROOT, Settings
from publish.rendering import templates_in
from takeup.cli import app
from tests.support.events import completed, lines

ROOMS = "core ingest simulator projections expectations publish takeup dags bench".split()
SOUNDS_SECRET = re.compile(r"password|secret|token|database$|webhook$|credential|(?<!masking_)key$")
STARTS_A_SHELL = {"system", "popen", "getoutput", "getstatusoutput"}
RUNS_TEXT = {"eval", "exec"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for path in sorted((PROJECT_ROOT / room).rglob("*.py")):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_secrets_are_of_a_type_that_masks_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {name for name in Settings.model_fields if SOUNDS_SECRET.search(name)}
    assert secret == {"airflow_database", "alert_webhook", "smtp_password"}
    for name in secret:
        assert Settings.model_fields[name].annotation is SecretStr
        monkeypatch.setenv(f"TAKEUP_{name.upper()}", "s3cret-word")
    settings = Settings.load()
    assert settings.smtp_password.get_secret_value() == "s3cret-word"
    for shown in (
        repr(settings),
        str(settings),
        str(settings.model_dump()),
        settings.model_dump_json(),
    ):
        assert "s3cret-word" not in shown


def test_secrets_come_from_no_file_and_from_no_option() -> None:
    assert not {"env_file", "secrets_dir", "toml_file", "yaml_file"} & {
        name for name, value in Settings.model_config.items() if value
    }

    def options(command: object) -> Iterator[str]:
        for one in getattr(command, "params", ()):
            yield from one.opts
        for inner in getattr(command, "commands", {}).values():
            yield from options(inner)

    found = {name for name in options(typer.main.get_command(app)) if name.startswith("--")}
    assert len(found) > 20
    assert [name for name in found if SOUNDS_SECRET.search(name.replace("-", "_"))] == []


def test_the_example_of_settings_has_no_secret() -> None:
    example = PROJECT_ROOT / "docs" / "systemd" / "takeup.env.example"
    for line in example.read_text(encoding="utf-8").splitlines():
        name, _, value = line.lstrip("# ").partition("=")
        if SOUNDS_SECRET.search(name.lower()):
            assert not value.strip("'\""), line


def test_no_shell_is_started_and_no_text_is_run() -> None:
    found = []
    for path, module in modules():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            is_method = isinstance(called, ast.Attribute)
            of_os = is_method and getattr(called.value, "id", "") in ("os", "subprocess")
            asks_for_a_shell = any(
                word.arg == "shell" and getattr(word.value, "value", True) for word in node.keywords
            )
            if (
                asks_for_a_shell
                or (of_os and name in STARTS_A_SHELL)
                or (not is_method and name in RUNS_TEXT)
            ):
                found.append(f"{path.relative_to(PROJECT_ROOT)}:{node.lineno}")
    assert found == []


def test_what_is_written_is_for_the_group_and_a_key_for_its_owner(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (tmp_path / "landing").mkdir()
    (tmp_path / "landing" / "a.jsonl").write_bytes(lines(completed("1"), "in quarantine"))
    before = os.umask(0)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "takeup.cli", "--home", home, "ingest", tmp_path / "landing"],
            cwd=PROJECT_ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    written = [path for path in (home, *home.rglob("*")) if path.name != "masking.key"]
    assert {path.name for path in written} >= {"log", "warehouse", "_head.json"}
    for path in written:
        mode = path.stat().st_mode
        assert mode & 0o027 == 0, f"{path} has {mode:o}"
        assert mode & 0o440 == 0o440, f"{path} has {mode:o}"
    assert (home / "masking.key").stat().st_mode & 0o777 == 0o600


def test_every_test_that_the_note_on_threats_names_is_there() -> None:
    text = (PROJECT_ROOT / "docs" / "threats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(tests/[\w/.]+)`", text))
    assert len(named) > 10
    assert [name for name in named if not (PROJECT_ROOT / name).exists()] == []


HOSTILE = "<script>alert('x')</script>\"&"


@pytest.mark.parametrize("name", ["page.html", "part.svg"])
def test_templates_escape_what_they_are_given(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('<a title="{{ text }}">{{ text }}</a>')
    made = templates_in(tmp_path).get_template(name).render(text=HOSTILE)
    assert "<script>" not in made
    assert made.count('"') == 2


def test_nothing_but_our_own_prose_and_drawings_goes_into_pages_unescaped() -> None:
    templates = sorted((PROJECT_ROOT / "publish").rglob("*.html"))
    assert len(templates) > 10
    unescaped = {
        (path.name, found)
        for path in templates
        for found in re.findall(r"\{\{\s*([^}|]*?)\s*\|\s*safe", path.read_text(encoding="utf-8"))
    }
    assert unescaped == {("prose.html", "body"), ("runbook.html", "body")}
