"""A software bill of materials: the pinned requirements as CycloneDX 1.6, the same every time.

`python -m takeup.sbom` prints it. Each package has the SHA-256 of every file that may be installed
of it, and the licence that its installed metadata states. It has no random serial number, and a
time only where `SOURCE_DATE_EPOCH` gives one.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, Final

from core.settings import PROJECT_ROOT

PINS: Final = {
    "requirements.txt": "required",
    "requirements-metrics.txt": "optional",
    "requirements-mirror.txt": "optional",
    "requirements-mirror-tests.txt": "optional",
    "requirements-postgres.txt": "optional",
    "requirements-spark.txt": "optional",
}
"""Files of pins, and what their packages are to a run."""
PIN: Final = re.compile(
    r"^(?P<name>[\w.-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;]+)(?:\s*;\s*(?P<marker>.*?))?\s*\\?$"
)
HASH: Final = re.compile(r"--hash=sha256:([0-9a-f]{64})")
LICENCE_CLASSIFIER: Final = "License :: OSI Approved :: "
LONGEST_NAME: Final = 100
"""Of a licence: some packages state its whole text as its name."""

Fact = dict[str, Any]


def bill(root: Path = PROJECT_ROOT) -> Fact:
    """The bill of materials of the pins in a folder."""
    found: dict[str, Fact] = {}
    for name, scope in PINS.items():
        for component in _components(root / name, scope):
            found.setdefault(component["bom-ref"], component)
    about = metadata("takeup")
    ours = _component("takeup", about["Version"], kind="application") | _licences(about)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": _moment() | {"component": ours},
        "components": [found[ref] for ref in sorted(found)],
        "dependencies": [{"ref": ours["bom-ref"], "dependsOn": sorted(found)}],
    }


def _components(pins: Path, scope: str) -> Iterator[Fact]:
    component: Fact | None = None
    for line in pins.read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            if component is not None:
                yield component
            component = _component(pin["name"], pin["version"]) | {"scope": scope, "hashes": []}
            component |= _stated_licences(pin["name"], pin["version"])
            if pin["marker"]:
                component["properties"] = [{"name": "takeup:marker", "value": pin["marker"]}]
        elif component is not None:
            component["hashes"] += [
                {"alg": "SHA-256", "content": digest} for digest in HASH.findall(line)
            ]
    if component is not None:
        yield component


def _component(name: str, version: str, *, kind: str = "library") -> Fact:
    purl = f"pkg:pypi/{re.sub(r'[-_.]+', '-', name).lower()}@{version}"
    return {"type": kind, "bom-ref": purl, "name": name, "version": version, "purl": purl}


def _stated_licences(name: str, version: str) -> Fact:
    """Licences of a package as it is installed here; nothing where another version is, or none."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return {}
    return _licences(about) if about["Version"] == version else {}


def _licences(about: PackageMetadata) -> Fact:
    for expression in about.get_all("License-Expression") or []:
        return {"licenses": [{"expression": expression}]}
    classifiers = about.get_all("Classifier") or []
    names = [
        one.removeprefix(LICENCE_CLASSIFIER) for one in classifiers if LICENCE_CLASSIFIER in one
    ]
    stated = "".join(about.get_all("License") or []).strip()
    if not names and stated and "\n" not in stated and len(stated) <= LONGEST_NAME:
        names = [stated]
    return {"licenses": [{"license": {"name": name}} for name in sorted(names)]} if names else {}


def _moment() -> Fact:
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return {}
    return {"timestamp": datetime.fromtimestamp(int(epoch), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, indent=2, ensure_ascii=False)
    print()
