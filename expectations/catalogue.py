"""The suites of each gate: what contracts say of its tables, and what is written beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import msgspec
from blake3 import blake3

from expectations.contracts import published_contracts, read_yaml
from expectations.definitions import Gate, Suite, Written
from expectations.derived import Contract, derived
from expectations.windows import window_contract, window_suite
from ingest.log.columns import declared

SUITES = Path(__file__).parent / "suites"


def parse_written(text: str) -> Written:
    """What is written of a table, from its YAML text.

    Raises:
        msgspec.ValidationError: a field is missing, unknown, or of another type.
    """
    return msgspec.convert(read_yaml(text), Written)


@cache
def written() -> dict[str, Written]:
    """All that is written in `suites/*.yml` and `windows.yml`, by table."""
    found = [parse_written(path.read_text("utf-8")) for path in sorted(SUITES.glob("*.yml"))]
    return {one.table: one for one in (*found, window_suite())}


def log_contract() -> Contract:
    """The contract of the log's events, from the columns that ingest gives them."""
    return Contract(
        table="log_events",
        rows="accepted event that no gate has passed yet",
        columns={name: one.is_always_filled for name, one in declared("event").items()},
        show=("source", "id", "type", "file_hash", "position"),
    )


def pack_contracts() -> tuple[Contract, ...]:
    """The contracts of what the gate of a pack looks at besides the pack's own tables."""
    return (
        Contract(
            table="pack_files",
            rows="file of a pack, or that a pack says it has",
            columns=dict.fromkeys(
                (
                    "file stated_sha256 found_sha256 stated_rows found_rows stated_columns"
                    " found_columns is_described"
                ).split(),
                False,
            )
            | {"file": True},
            keys=(("file",),),
        ),
        Contract(
            table="pack_references",
            rows="file of a pack and value by which it refers to another",
            columns=dict.fromkeys(("file", "value", "is_there"), True),
        ),
        Contract(
            table="pack_channel_sums",
            rows="service and period of which a pack has every channel",
            columns=dict.fromkeys(
                ("service_id", "period_kind", "period_start", "basis", "channels_sum"), True
            )
            | {"total_count": False},
            keys=(("service_id", "period_kind", "period_start"),),
        ),
    )


@cache
def suites_of(gate: Gate) -> tuple[Suite, ...]:
    """The suites of one gate, by table: one for every table that has a contract.

    A pack's own tables have theirs when it is checked, by what it says of them.

    Raises:
        ValueError: something is written of a table that has no contract.
    """
    declarations: dict[Gate, Callable[[], tuple[Contract, ...]]] = {
        "log": lambda: (log_contract(),),
        "warehouse": lambda: (*published_contracts(), window_contract()),
        "pack": pack_contracts,
    }
    contracts = declarations[gate]()
    extra = {table: one for table, one in written().items() if one.gate == gate}
    strangers = sorted(set(extra) - {contract.table for contract in contracts})
    if strangers:
        raise ValueError(f"there is no contract of {strangers[0]}, of which a suite is written")
    return tuple(suite_of(contract, gate, extra.get(contract.table)) for contract in contracts)


def suite_of(contract: Contract, gate: Gate, extra: Written | None) -> Suite:
    """The suite of one table: first what follows from its contract."""
    return Suite(
        gate=gate,
        table=contract.table,
        rows=contract.rows,
        show=contract.shown,
        expectations=[*derived(contract, gate), *(extra.expectations if extra else ())],
    )


def digest_of_suites(suites: Sequence[Suite] | None = None) -> str:
    """Digest over suites, by default those of the warehouse gate: which expectations a file
    was checked by."""
    content = msgspec.json.encode(suites_of("warehouse") if suites is None else suites)
    return "blake3:" + blake3(content).hexdigest()
