"""The example of every schema is an event that the schema and the pipeline take.

And what the one refuses of its shape, the other refuses too.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ingest.validation.event_types import SCHEMAS, event_types
from tests.support.source_runs import lay, run

FILES = sorted(SCHEMAS.glob("*.json"))


def schema_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def example(path: Path) -> dict[str, Any]:
    (found,) = schema_of(path)["examples"]
    return dict(found)


def paths_of(schema: dict[str, Any], before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, rule in schema["properties"].items():
        yield (*before, name)
        if rule.get("type") == "object":
            yield from paths_of(rule, (*before, name))


def required_paths(
    schema: dict[str, Any], before: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    for name in schema.get("required", ()):
        yield (*before, name)
        rule = schema["properties"][name]
        if rule.get("type") == "object":
            yield from required_paths(rule, (*before, name))


def changed(event: dict[str, Any], path: tuple[str, ...], value: Any = None) -> dict[str, Any]:
    """A copy with one member replaced; None takes it out."""
    whole = copy.deepcopy(event)
    inner = whole
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return whole


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_schema_is_one_and_its_example_is_valid(path: Path) -> None:
    schema = schema_of(path)
    jsonschema.Draft202012Validator.check_schema(schema)

    assert list(validator(schema).iter_errors(example(path))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_full(path: Path) -> None:
    """All that the schema names, less what excludes something else and what most leave out."""
    schema = schema_of(path)
    data = schema["properties"]["data"]
    alternatives = {
        ("data", name)
        for option in data.get("oneOf", ())
        for name in option["required"]
        if name not in example(path)["data"]
    }
    left_out = alternatives | {("simulated",), ("publishedat",)}
    left_out |= {("data", "text")} if ("data", "status") in alternatives else set()

    def holds(names: tuple[str, ...]) -> bool:
        inner: Any = example(path)
        for name in names:
            if name not in inner:
                return False
            inner = inner[name]
        return True

    assert [names for names in paths_of(schema) if not holds(names) and names not in left_out] == []


def test_every_example_is_accepted_by_the_pipeline(tmp_path: Path) -> None:
    lines = "".join(json.dumps(example(path)) + "\n" for path in FILES)
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"examples.jsonl": lines}))

    assert done.refusals() == []
    assert {row["type"] for row in done.events()} == set(event_types())
    assert len(FILES) == len(event_types()) == done.result.total("accepted")


def test_what_a_schema_refuses_the_pipeline_refuses(tmp_path: Path) -> None:
    spoilt: list[dict[str, Any]] = []
    for path in FILES:
        schema, event = schema_of(path), example(path)
        for names in required_paths(schema):
            spoilt.append(changed(event, names))
            if names != ("data",):
                spoilt += [changed(event, names, value) for value in ("", 7.5, [])]
    # An identity of its own for each, so that none is a redelivery; the identity's own faults stay.
    for number, event in enumerate(spoilt):
        if event.get("id"):
            event["id"] = f"{event['id']}/{number}" if isinstance(event["id"], str) else event["id"]
    verdicts = [
        any(
            validator(schema_of(path)).is_valid(event)
            for path in FILES
            if schema_of(path)["properties"]["type"]["const"] == event.get("type")
        )
        for event in spoilt
    ]
    lines = "".join(json.dumps(event) + "\n" for event in spoilt)
    done = run(tmp_path / "home", lay(tmp_path / "landing", {"spoilt.jsonl": lines}))

    accepted = {row["position"] for row in done.events()}
    assert len(spoilt) > 300
    assert accepted == {number for number, valid in enumerate(verdicts, start=1) if valid}
