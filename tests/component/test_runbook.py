"""Every command that the runbook and pages beside it print is there, as it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException

from core.settings import PROJECT_ROOT
from takeup.cli import app
from tests.support.runbook import RUNBOOK, commands, section

BESIDE = ("deploying", "updating-pins")
PAGES = [RUNBOOK, *(PROJECT_ROOT / "docs" / f"{name}.md" for name in BESIDE)]
MAKEFILE = (PROJECT_ROOT / "Makefile").read_text(encoding="utf-8")
OF_THE_SYSTEM = {"cp", "git", "sudo", "systemctl", "uv"}
CRON = re.compile(r"^(?:[\d*]+ ){5}")

CASES = {
    "first install": ("First install", "make setup"),
    "upgrade": ("Upgrade the code", "make setup"),
    "failed gate": ("A gate stopped the run", "takeup check"),
    "bad file": ("A file was refused", "takeup nightly"),
    "unregistered department": ("Something is in no register", "takeup registers suggest"),
    "wrong figure published": ("Put right what was published wrong", "takeup set-aside"),
    "lost machine": ("The machine is lost", "takeup restore"),
    "new service": ("A new service", "takeup quarantine retry"),
    "new target": ("A new target", "takeup nightly"),
    "new definition": ("A new definition", "takeup nightly"),
    "new source": ("A new source", "sources.md#tidy_volumes"),
}
"""What may happen: the section about it, and what that must say."""


def check_takeup(words: list[str]) -> None:
    """Have the command line read a command without running it.

    Raises:
        TyperException: a command, an option or an argument is not one.
    """
    command: Any = typer.main.get_command(app)
    while True:
        context = command.make_context(words[0], words[1:])
        if not hasattr(command, "commands"):
            return
        name, command, rest = command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        words = [name, *rest]


def check_make(words: list[str]) -> None:
    """Hold targets and variables of a call of make against the Makefile."""
    for word in words[1:]:
        name, is_variable, _ = word.partition("=")
        if is_variable:
            assert re.search(rf"\$\(.*\b{name}\b.*\)|^{name} \?=", MAKEFILE, re.MULTILINE), word
        else:
            assert re.search(rf"^{re.escape(name)}:", MAKEFILE, re.MULTILINE), word


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_in_a_block_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    found = [words for words in commands(text) if not CRON.match(" ".join(words))]
    assert found
    for words in found:
        if words[0] == "takeup":
            check_takeup(words)
        elif words[0] == "make":
            check_make(words)
        else:
            assert words[0] in OF_THE_SYSTEM, words


def test_commands_between_words_are_there_too() -> None:
    """`takeup ...` in running text: each names a command, and its options are options of it."""
    text = RUNBOOK.read_text(encoding="utf-8")
    every = set(re.findall(r"`takeup ([a-z][^`]*)`", text))
    group = typer.main.get_command(app)
    assert len(every) > 20
    for said in every:
        command: Any = group
        words = said.replace("|", " ").split()
        while hasattr(command, "commands") and words:
            assert words[0] in command.commands, said
            command, words = command.commands[words[0]], words[1:]
        options = {option for one in command.params for option in one.opts}
        named = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert named <= {*options, "--json", "--home", "--help"}, said


@pytest.mark.parametrize("words", [["takeup", "nightly", "--lnding", "x"], ["takeup", "nightlly"]])
def test_a_command_that_is_not_there_is_seen(words: list[str]) -> None:
    with pytest.raises(TyperException):
        check_takeup(words)


def test_a_target_that_is_not_there_is_seen() -> None:
    for words in (["make", "setupp"], ["make", "kill", "KILS=3"]):
        with pytest.raises(AssertionError):
            check_make(words)


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_section(case: str) -> None:
    title, said = CASES[case]
    assert said in section(title)


def test_pins_are_updated_as_the_decision_says() -> None:
    def options(name: str) -> set[str]:
        (words,) = (
            words
            for words in commands(
                (PROJECT_ROOT / "docs" / name).read_text("utf-8").replace("\\\n", " ")
            )
            if words[0] == "uv"
        )
        return {word for word in words if word.startswith("--")}

    assert options("updating-pins.md") - {"--upgrade-package"} == options(
        "decisions/0007-pinned-requirements.md"
    )
