"""Metrics are sums of counts, or ratios of two such sums: none is a mean of ratios."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml

from core.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
ADDING = {"sum", "count_distinct"}
COUNTS = {"bigint", "date"}
"""What a measure may be made of: counts to add, days to count. A ratio is a double."""

Stated = dict[str, Any]


def stated() -> Stated:
    """All semantic models and metrics of the project, and the columns of its models."""
    found: Stated = {"semantic_models": [], "metrics": [], "columns": {}}
    for path in sorted(MODELS.rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found["semantic_models"] += content.get("semantic_models", [])
        found["metrics"] += content.get("metrics", [])
        found["columns"] |= {
            (f"ref('{model['name']}')", column["name"]): column.get("data_type")
            for model in content.get("models", [])
            for column in model.get("columns", [])
        }
    return found


def faults(layer: Stated) -> Iterator[str]:
    """What could give a mean of ratios, or a sum of what overlaps."""
    summed = set()
    for model in layer["semantic_models"]:
        for measure in model["measures"]:
            column = (model["model"], measure.get("expr", measure["name"]))
            if measure["agg"] not in ADDING:
                yield f"{measure['name']} is not added up"
            if layer["columns"].get(column) not in COUNTS:
                yield f"{measure['name']} is not made of a count"
            if measure["agg"] == "sum":
                summed.add(measure["name"])
    simple = {
        metric["name"]: metric["type_params"]["measure"]
        for metric in layer["metrics"]
        if metric["type"] == "simple"
    }
    for metric in layer["metrics"]:
        if metric["type"] not in ("simple", "ratio"):
            yield f"{metric['name']} is neither a sum nor a ratio"
        if metric["type"] == "ratio":
            parts = [metric["type_params"][part] for part in ("numerator", "denominator")]
            if not all(isinstance(part, str) and simple.get(part) in summed for part in parts):
                yield f"{metric['name']} is not a ratio of two sums"


def test_no_metric_can_average_ratios_or_add_up_what_overlaps() -> None:
    layer = stated()

    assert [model["model"] for model in layer["semantic_models"]] == ["ref('headline_flows')"]
    assert len(layer["metrics"]) >= 6
    assert list(faults(layer)) == []


def mean_of_counts(layer: Stated) -> None:
    layer["semantic_models"][0]["measures"][0]["agg"] = "average"


def sum_of_ratios(layer: Stated) -> None:
    layer["columns"][("ref('headline_flows')", "take_up_ratio")] = "double"
    layer["semantic_models"][0]["measures"].append({"name": "take_up_ratio", "agg": "sum"})


def ratio_of_a_ratio(layer: Stated) -> None:
    layer["metrics"].append(
        {
            "name": "share",
            "type": "ratio",
            "type_params": {"numerator": "take_up", "denominator": "transactions"},
        }
    )


def filtered_part(layer: Stated) -> None:
    ratio = next(metric for metric in layer["metrics"] if metric["type"] == "ratio")
    ratio["type_params"]["numerator"] = {"name": "digital_transactions", "filter": "true"}


def derived(layer: Stated) -> None:
    layer["metrics"].append(
        {"name": "mean", "type": "derived", "type_params": {"expr": "take_up / quarters"}}
    )


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (mean_of_counts, "digital_count is not added up"),
        (sum_of_ratios, "take_up_ratio is not made of a count"),
        (ratio_of_a_ratio, "share is not a ratio of two sums"),
        (filtered_part, "take_up is not a ratio of two sums"),
        (derived, "mean is neither a sum nor a ratio"),
    ],
)
def test_one_that_could_is_found(change: Any, fault: str) -> None:
    layer = deepcopy(stated())

    change(layer)

    assert fault in faults(layer)
