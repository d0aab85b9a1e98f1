"""The bill of materials has every pin, and is what CycloneDX asks for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from jsonschema import Draft7Validator

from core.settings import PROJECT_ROOT
from takeup.sbom import bill

ASKED: dict[str, Any] = {
    "type": "object",
    "required": ["bomFormat", "specVersion"],
    "additionalProperties": False,
    "properties": {
        "bomFormat": {"const": "CycloneDX"},
        "specVersion": {"const": "1.6"},
        "version": {"type": "integer", "minimum": 1},
        "metadata": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"},
                "component": {"$ref": "#/definitions/component"},
            },
        },
        "components": {
            "type": "array",
            "uniqueItems": True,
            "items": {"$ref": "#/definitions/component"},
        },
        "dependencies": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["ref"],
                "properties": {"dependsOn": {"type": "array", "uniqueItems": True}},
            },
        },
    },
    "definitions": {
        "component": {
            "type": "object",
            "required": ["type", "name"],
            "additionalProperties": False,
            "properties": {
                "type": {"enum": ["application", "library"]},
                "bom-ref": {"type": "string", "minLength": 1},
                "name": {"type": "string"},
                "version": {"type": "string"},
                "purl": {"type": "string", "pattern": r"^pkg:pypi/[a-z0-9-]+@[^ ]+$"},
                "scope": {"enum": ["required", "optional", "excluded"]},
                "hashes": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["alg", "content"],
                        "additionalProperties": False,
                        "properties": {
                            "alg": {"const": "SHA-256"},
                            "content": {"pattern": r"^[a-f0-9]{64}$"},
                        },
                    },
                },
                "licenses": {
                    "type": "array",
                    "items": {
                        "oneOf": [
                            {
                                "type": "object",
                                "required": ["license"],
                                "additionalProperties": False,
                                "properties": {"license": {"required": ["name"]}},
                            },
                            {
                                "type": "object",
                                "required": ["expression"],
                                "additionalProperties": False,
                                "properties": {"expression": {"type": "string"}},
                            },
                        ]
                    },
                },
                "properties": {
                    "type": "array",
                    "items": {"type": "object", "required": ["name", "value"]},
                },
            },
        }
    },
}
"""What the schema of CycloneDX 1.6 asks of the fields that the bill has."""


def test_it_is_a_bill_in_the_form_of_cyclonedx() -> None:
    Draft7Validator(ASKED).validate(bill())


def test_it_has_every_pin_with_all_of_its_hashes() -> None:
    found = {
        one["bom-ref"]: {each["content"] for each in one["hashes"]} for one in bill()["components"]
    }
    hashes: set[str] = set()
    for pins in PROJECT_ROOT.glob("requirements*.txt"):
        text = pins.read_text(encoding="utf-8")
        for pin, version in re.findall(
            r"^([\w.-]+)(?:\[[\w,-]+\])?==([^\s;]+)", text, re.MULTILINE
        ):
            assert f"pkg:pypi/{re.sub('[-_.]+', '-', pin).lower()}@{version}" in found
        hashes |= set(re.findall(r"sha256:([0-9a-f]{64})", text))
    assert all(found.values())
    assert set().union(*found.values()) == hashes


def test_most_packages_state_a_licence() -> None:
    installed = [one for one in bill()["components"] if one["scope"] == "required"]
    assert sum("licenses" in one for one in installed) > 0.8 * len(installed)


def test_it_is_the_same_every_time_and_has_a_time_only_if_one_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    printed = subprocess.run(
        [sys.executable, "-m", "takeup.sbom"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert json.loads(printed) == bill()
    assert "timestamp" not in bill()["metadata"]
    refs = [one["bom-ref"] for one in bill()["components"]]
    assert refs == sorted(refs)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    assert bill()["metadata"]["timestamp"] == "1970-01-01T00:00:00Z"
