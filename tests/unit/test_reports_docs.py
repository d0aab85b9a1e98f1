from __future__ import annotations

from core.settings import PROJECT_ROOT
from ingest.sources.reports.vocabulary import KIND_RULES, NUMBER_KINDS
from ingest.sources.reports.wording import QUALIFIERS

PAGE = (PROJECT_ROOT / "docs" / "reports.md").read_text(encoding="utf-8")


def test_every_class_of_number_is_documented_with_its_meaning() -> None:
    rows = [f"| `{kind}` | {meaning} |" for kind, meaning in NUMBER_KINDS.items()]
    assert [row for row in rows if row not in PAGE] == []


def test_every_rule_gives_a_class_that_is_documented() -> None:
    assert {rule.kind for rule in KIND_RULES} <= set(NUMBER_KINDS)


def test_every_qualifier_is_documented() -> None:
    assert [name for name, _ in QUALIFIERS if f"`{name}`" not in PAGE] == []
