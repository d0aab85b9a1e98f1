"""What the registers allow: the values that validation checks events against."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from core.registers import load_register
from ingest.validation.masking import folded_field_name

NO_SERVICES = ("programme", "platform")
REASON_OF_REGISTER = {"services": "unknown_service", "channels": "unknown_channel"}


@dataclass(frozen=True)
class Vocabulary:
    """Allowed values by register, and the field names that may not occur, folded."""

    registers: dict[str, frozenset[str]]
    forbidden_fields: frozenset[str]

    @classmethod
    def load(cls, seeds: Path) -> Vocabulary:
        """Read the registers in `seeds`.

        Raises:
            UsageError: a register is missing or broken.
        """

        def column(register: str, name: str) -> frozenset[str]:
            return frozenset(row[name] for row in load_register(register, seeds) if row[name])

        services = load_register("services", seeds)
        channels = column("channels", "channel")
        return cls(
            registers={
                # Programmes and platforms are there because reports name them: nobody uses them.
                "services": frozenset(
                    row["service_id"] for row in services if row["kind"] not in NO_SERVICES
                ),
                "channels": channels,
                "breakdowns": channels | {"total", "digital", "assisted_digital", "non_digital"},
                "departments": column("departments", "department_id"),
                "barriers": column("barriers", "barrier"),
                "contact_reasons": column("contact_reasons", "reason"),
            },
            forbidden_fields=frozenset(
                folded_field_name(name) for name in column("forbidden_fields", "field_name")
            ),
        )

    def with_services(self, listed: frozenset[str]) -> Vocabulary:
        """The same with services that no register but a publication knows."""
        services = self.registers["services"] | listed
        return replace(self, registers=self.registers | {"services": services})
