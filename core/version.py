"""Which code made something: the package's version and a digest of what decides results."""

from __future__ import annotations

from functools import cache

from core.settings import PROJECT_ROOT

VERSION = "0.1.0"
DECIDING = {
    "ingest": ("*.py", "*.json", "*.csv"),
    "seeds": ("*.csv",),
    "dbt_project/models": ("*.sql", "*.py"),
    "dbt_project/macros": ("*.sql",),
    "projections": ("*.py",),
    "takeup": ("log_declaration.py",),
}


@cache
def code_version() -> str:
    """Version and short digest of sources, schemas, registers and models: `0.1.0+1a2b3c4d5e6f`."""
    from blake3 import blake3

    hasher = blake3()
    for folder, patterns in DECIDING.items():
        root = PROJECT_ROOT / folder
        for path in sorted(path for pattern in patterns for path in root.rglob(pattern)):
            name = path.relative_to(PROJECT_ROOT).as_posix()
            hasher.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"{VERSION}+{hasher.hexdigest()[:12]}"
