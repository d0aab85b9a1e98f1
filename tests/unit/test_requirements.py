"""The pinned requirements are complete, hashed, addressless, and each has its reason."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions, version

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from core.settings import PROJECT_ROOT

OWN = [
    "core",
    "ingest",
    "simulator",
    "projections",
    "expectations",
    "publish",
    "takeup",
    "dags",
    "tests",
    "bench",
]

# Used as a command, a plugin or by another package, not imported by us.
NOT_IMPORTED = {
    "dbt-duckdb",
    "duckdb-engine",
    "import-linter",
    "mypy",
    "pytest-xdist",
    "pytz",
    "ruff",
    "setuptools",
    "sqlfluff",
    "sqlfluff-templater-dbt",
    "types-pyyaml",
}

METRICS = "requirements-metrics"
"""What `make mf` installs besides, which no other target needs."""

POSTGRES = "requirements-postgres"
"""What `make postgres` installs besides."""

MIRROR = "requirements-mirror"
"""What `make mirror` installs besides: our own code imports it where it is asked for."""

MIRROR_TESTS = "requirements-mirror-tests"
"""What `make test-mirror` installs besides."""

SPARK = "requirements-spark"
"""What `make spark` installs besides."""

BESIDES = [METRICS, POSTGRES, MIRROR, MIRROR_TESTS, SPARK]

# Several distributions share one module: that of the whole stands for all of them.
WHOLE = {"airflow": "apache-airflow", "dbt": "dbt-core"}

PIN = re.compile(r"^(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)")


def asked_for(file: str = "requirements") -> dict[str, Requirement]:
    lines = (PROJECT_ROOT / f"{file}.in").read_text(encoding="utf-8").splitlines()
    wanted = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(one.name): one for one in wanted}


def pinned(file: str = "requirements") -> dict[str, tuple[str, int]]:
    """Per package its version and the number of its hashes."""
    pins: dict[str, tuple[str, int]] = {}
    name = ""
    for line in (PROJECT_ROOT / f"{file}.txt").read_text(encoding="utf-8").splitlines():
        if found := PIN.match(line):
            name = canonicalize_name(found["name"])
            assert name not in pins, f"{name} is pinned twice"
            pins[name] = (found["version"], 0)
        elif line.strip().startswith("--hash=sha256:"):
            pins[name] = (pins[name][0], pins[name][1] + 1)
        else:
            assert line.strip().startswith("#"), f"neither pin, hash nor comment: {line}"
    return pins


@pytest.mark.parametrize("file", ["requirements", *BESIDES])
def test_what_is_asked_for_is_pinned_within_its_bounds(file: str) -> None:
    pins = pinned(file)

    for name, requirement in asked_for(file).items():
        assert requirement.specifier.contains(pins[name][0]), requirement


@pytest.mark.parametrize(
    ("file", "at_least"),
    [
        ("requirements", 100),
        (METRICS, 8),
        (POSTGRES, 2),
        (MIRROR, 1),
        (MIRROR_TESTS, 10),
        (SPARK, 4),
    ],
)
def test_every_pin_has_a_hash(file: str, at_least: int) -> None:
    pins = pinned(file)

    assert len(pins) >= at_least
    assert [name for name, (_, hashes) in pins.items() if hashes == 0] == []


@pytest.mark.parametrize(
    ("file", "both"),
    [
        (METRICS, "dbt-core"),
        (SPARK, "dbt-core"),
        (MIRROR, "typing-extensions"),
        (MIRROR_TESTS, "jinja2"),
    ],
)
def test_what_both_files_pin_is_the_same_version(file: str, both: str) -> None:
    setup, besides = pinned(), pinned(file)
    shared = setup.keys() & besides.keys()

    assert both in shared
    assert {name: besides[name][0] for name in shared} == {name: setup[name][0] for name in shared}


def test_the_drivers_of_postgresql_bring_nothing_else() -> None:
    # They are installed without looking at what they depend on.
    assert set(pinned(POSTGRES)) == set(asked_for(POSTGRES))


def test_what_runs_here_is_what_is_pinned() -> None:
    # Only what is asked for: other pins may be for another Python.
    assert sys.version_info >= (3, 11)
    installed = {name: version(name) for name in asked_for()}

    assert installed == {name: pinned()[name][0] for name in installed}


def test_every_dependency_has_its_line_of_reason() -> None:
    page = PROJECT_ROOT / "docs" / "decisions" / "dependencies.md"
    text = page.read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([\w-]+)` \| \S", text, re.MULTILINE)

    assert sorted(listed) == sorted(
        [*asked_for(), *(name for file in BESIDES for name in asked_for(file))]
    )


def imported() -> set[str]:
    """Distributions of the modules that our own code imports, the standard library apart."""
    modules = set()
    for path in (path for folder in OWN for path in (PROJECT_ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
                modules.add(node.module.partition(".")[0])
    foreign = modules - set(sys.stdlib_module_names) - set(OWN)
    known = packages_distributions()
    return {
        WHOLE.get(module) or canonicalize_name(known[module][0])
        for module in foreign
        if module in known
    }


def test_what_is_imported_is_asked_for_and_the_other_way_round() -> None:
    # They are known only where they are installed.
    besides = {name for file in BESIDES for name in pinned(file)} - pinned().keys()

    assert imported() - besides == set(asked_for()) - NOT_IMPORTED
