"""The documentation says what is there: links, commands, settings, exit codes, pages."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core import errors
from core.errors import TakeupError
from core.settings import PROJECT_ROOT, Settings

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)

# Where this project was written is nobody's business, nor which index served its packages.
MACHINE_PATH = re.compile(r"(?<![\w.~:/-])/(?:home|root|Users|work|workspace|builds)/\w")
INDEX_ADDRESS = re.compile(
    r"--(?:extra-)?index-url[ =]|--find-links[ =]|https?://\S+\.(?:whl|tgz|deb|tar\.gz)\b"
    r"|https?://[^\s/]*(?:pypi|pythonhosted)\.\S+"
)


def committed_files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git checkout: what is committed can't be told")
    paths = [PROJECT_ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def pages() -> list[Path]:
    return sorted([*PROJECT_ROOT.glob("*.md"), *(PROJECT_ROOT / "docs").rglob("*.md")])


def anchors(page: Path) -> set[str]:
    """Of every heading, as the usual renderers make them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return {
        re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-")
        for heading in HEADING.findall(text)
    }


def leads_somewhere(link: str, page: Path) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists() or not target.is_relative_to(PROJECT_ROOT):
        return False
    return not anchor or anchor in anchors(target)


def broken_links(page: Path) -> list[str]:
    links = LINK.findall(FENCE.sub("", page.read_text(encoding="utf-8")))
    return [link for link in links if not leads_somewhere(link, page)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(PROJECT_ROOT)))
def test_relative_links_lead_somewhere(page: Path) -> None:
    assert broken_links(page) == []


def test_a_broken_link_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.PROJECT_ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(
        "# A heading, here\n[good](#a-heading-here) [bad](#elsewhere) [gone](gone.md)"
        " [out](../x) [web](https://example.org/gone)\n```\n[code](not-a-link.md)\n```\n"
    )

    assert broken_links(page) == ["#elsewhere", "gone.md", "../x"]


def test_every_page_is_in_the_index_of_docs() -> None:
    folder = PROJECT_ROOT / "docs"
    index = (folder / "README.md").read_text(encoding="utf-8")
    unlisted = [
        path.name
        for path in folder.glob("*.md")
        if path.name != "README.md" and f"]({path.name})" not in index
    ]

    assert unlisted == []


def commands() -> dict[str, set[str]]:
    """Every command of the command line with the long form of its options."""
    import typer

    from takeup.cli import app

    def below(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
        if not getattr(command, "commands", None):
            options = {option for one in command.params for option in one.opts}
            yield name, {option for option in options if option.startswith("--")}
        for word, one in getattr(command, "commands", {}).items():
            yield from below(one, f"{name} {word}")

    return dict(below(typer.main.get_command(app), "takeup"))


def test_every_command_is_documented_with_its_options() -> None:
    found = commands()
    lines = (PROJECT_ROOT / "docs" / "commands.md").read_text(encoding="utf-8").splitlines()
    everywhere = {"--home", "--json", "--help"}
    undocumented = []
    for name, options in found.items():
        line = next((one for one in lines if re.match(rf"\| `{name}[ `]", one)), "")
        if not line:
            undocumented.append(name)
        undocumented += [
            f"{name} {option}" for option in options - everywhere if option not in line
        ]

    assert len(found) > 10
    assert undocumented == []


def test_every_setting_is_in_the_runbook() -> None:
    text = (PROJECT_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `(TAKEUP_\w+)`", text, re.MULTILINE))

    assert listed == {f"TAKEUP_{name.upper()}" for name in Settings.model_fields}


def test_every_exit_code_is_in_the_runbook() -> None:
    text = (PROJECT_ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)}
    classes = [one for one in vars(errors).values() if isinstance(one, type)]

    assert listed == {0, *(one.exit_code for one in classes if issubclass(one, TakeupError))}


def test_every_folder_is_on_the_map_in_readme() -> None:
    text = (PROJECT_ROOT / "README.md").read_text(encoding="utf-8")
    folders = {path.relative_to(PROJECT_ROOT).parts[0] for path in committed_files()}
    on_map = set(re.findall(r"^\| `(\w+)/`", text, re.MULTILINE))

    assert {name for name in folders if (PROJECT_ROOT / name).is_dir()} - {".ci"} == on_map


def offending_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return []
    return [
        f"{path.name}:{number}: {line.strip()[:120]}"
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line) or INDEX_ADDRESS.search(line)
    ]


def test_nothing_committed_names_a_machine_or_a_package_index() -> None:
    files = committed_files()
    found = [line for path in files for line in offending_lines(path)]

    assert len(files) > 50
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "cd " + "/".join(["", "home", "someone", "takeup"]),
        "pip install --index" + "-url=https://mirror.example.org takeup",
        "blake3 @ https://mirror.example.org/blake3-1.0.wh" + "l",
        "https://files.python" + "hosted.org/packages/x",
    ],
)
def test_a_machine_path_or_an_index_address_is_seen(tmp_path: Path, line: str) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"first\n{line}\n")

    assert len(offending_lines(page)) == 1
