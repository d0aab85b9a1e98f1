"""The contracts of the published tables, read from the dbt models that make them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.settings import PROJECT_ROOT
from expectations.derived import Contract

DBT_PROJECT = PROJECT_ROOT / "dbt_project"

CONFIG = re.compile(r"\bconfig\((?P<arguments>.*?)\)\s*(?:\}\}|$)", re.DOTALL | re.MULTILINE)
SETTING = re.compile(r"\b(alias|schema|materialized)\s*=\s*(?:['\"](\w+)['\"]|none\b)", re.I)


@cache
def published_contracts(project: Path = DBT_PROJECT) -> tuple[Contract, ...]:
    """The contract of every table that the published file holds, by table name."""
    found = (contract_of(model, table) for table, model in published_models(project))
    return tuple(sorted(found, key=lambda one: one.table))


def published_models(project: Path = DBT_PROJECT) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every model that dbt puts into the target's own schema as a table, which is published,
    with the table's name."""
    for model, settings in models_of(project):
        is_table = settings.get("materialized") in ("table", "incremental")
        if is_table and settings.get("schema") is None:
            yield settings.get("alias") or model["name"], model


def models_of(project: Path) -> Iterator[tuple[dict[str, Any], dict[str, str | None]]]:
    """Every model as its YAML describes it, with the settings that decide what becomes of it:
    those of its folders, of its YAML and of its code, of which the last one holds."""
    folders = load(project / "dbt_project.yml")
    models = project / "models"
    code = {path.stem: path for path in models.rglob("*") if path.suffix in (".sql", ".py")}
    for path in sorted(models.rglob("*.yml")):
        for model in load(path).get("models", []):
            file = code[model["name"]]
            settings = folder_settings(
                folders["models"][folders["name"]], file.relative_to(models).parts[:-1]
            )
            settings |= model.get("config", {})
            settings |= settings_in(file.read_text("utf-8"))
            yield model, settings


def load(path: Path) -> dict[str, Any]:
    """What a YAML file holds."""
    found: dict[str, Any] = read_yaml(path.read_text("utf-8")) or {}
    return found


def read_yaml(text: str) -> Any:
    """What YAML text says, by the fast loader where there is one."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def folder_settings(tree: Mapping[str, Any], folders: tuple[str, ...]) -> dict[str, Any]:
    """What dbt_project.yml says of the models in a folder; a deeper folder goes before."""
    settings = {key[1:]: value for key, value in tree.items() if key.startswith("+")}
    if folders and isinstance(tree.get(folders[0]), Mapping):
        settings |= folder_settings(tree[folders[0]], folders[1:])
    return settings


def settings_in(code: str) -> dict[str, str | None]:
    """Alias, schema and materialization that a model's own `config(...)` gives it."""
    return {
        name: value or None
        for config in CONFIG.finditer(code)
        for name, value in SETTING.findall(config["arguments"])
    }


def contract_of(model: Mapping[str, Any], table: str) -> Contract:
    """A model's contract, from its columns and its test `rules`
    (dbt_project/tests/generic/rules.sql says what each of these means)."""
    rules: dict[str, Any] = {}
    for test in model.get("data_tests", []):
        rules |= test.get("rules", {}).get("arguments", {}) if isinstance(test, Mapping) else {}
    accepted = rules.get("accepted_values", {})
    combination = tuple(rules.get("unique_combination", ()))
    # A part of the key of which all values are listed is never null: null is not listed.
    required = {*rules.get("never_null", ()), *(set(combination) & set(accepted))}
    return Contract(
        table=table,
        rows=what_one_row_is(model["description"]),
        columns={column["name"]: column["name"] in required for column in model["columns"]},
        keys=(
            *((combination,) if combination else ()),
            *((one,) for one in rules.get("unique", ())),
        ),
        accepted={column: tuple(values) for column, values in accepted.items()},
        limits=limits_of(rules),
        holds=rules.get("holds", {}),
    )


def what_one_row_is(description: str) -> str:
    """The end of "One row per ...", the words with which a model's description begins."""
    found = re.match(
        r"One row per ((?:[^:.(]|\.(?!\s|$)|\([^)]*\))+)", " ".join(description.split())
    )
    return description if found is None else found[1].strip()


def limits_of(rules: Mapping[str, Any]) -> dict[str, str]:
    """Per column the SQL condition that its limits come to."""
    found: dict[str, list[str]] = {}
    for column, least in rules.get("at_least", {}).items():
        found.setdefault(column, []).append(f"{column} >= {least}")
    for column in rules.get("ratio", ()):
        found.setdefault(column, []).append(f"{column} between 0 and 1")
    for column in rules.get("finite", ()):
        found.setdefault(column, []).append(f"isfinite({column})")
    for column in rules.get("not_empty", ()):
        found.setdefault(column, []).append(f"trim({column}) <> ''")
    return {column: " and ".join(conditions) for column, conditions in found.items()}
