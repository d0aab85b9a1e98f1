"""docs/promises.md: which promises are on which list, from a few of them."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from core.errors import UsageError
from publish.pages import promises as promises_page
from tests.support.promised import Promise, promise, promises_in
from tests.support.warehouse import build_staging, make_settings

LATE = {"due_on": "2014-03-31", "evidence": "action-8-2015-01-16 line 90"}
PLANNED = {
    "section": "co:plan-2015",
    "section_year": 2015,
    "due_on": "2015-12-31",
}


@pytest.fixture
def staging(tmp_path: Path) -> Path:
    return build_staging(make_settings(tmp_path / "home"))


def sections(staging: Path, *told: Promise) -> dict[str, str]:
    """The text of each list of the page, by its heading."""
    with duckdb.connect(str(staging)) as connection:
        promises_in(connection, *told)
    head, *lists = promises_page.page(staging).split("\n## ")
    return {"": head} | {one.partition("\n")[0]: one.partition("\n")[2] for one in lists}


def listed(text: str) -> list[list[str]]:
    """The cells of a list's rows, its header and the line below left out."""
    rows = [line for line in text.splitlines() if line.startswith("| ")][2:]
    return [[part.strip() for part in row.strip("|").split(" | ")] for row in rows]


def whats(text: str) -> list[str]:
    return [row[1].strip() for row in listed(text)]


def test_each_word_has_its_list_and_what_has_no_test_is_on_none(staging: Path) -> None:
    found = sections(
        staging,
        promise("a", "not_reported"),
        promise("b", "kept_late", **LATE),
        promise("c", "not_kept"),
        promise("d", "replaced"),
        promise("e", "kept_undated"),
        promise("f", "unclear"),
        promise("g", "no_test"),
        promise("h", "kept"),
        promise("i", "open"),
        promise("j", "no_test", department_id=None, body="All departments"),
    )

    assert {heading: whats(text) for heading, text in found.items() if heading} == {
        "Due and silent": ["Does a."],
        "Kept late": ["Does b."],
        "Open and slipping": [],
        "Not kept": ["Does c."],
        "Replaced": ["Does d."],
        "Kept, without a day": ["Does e."],
        "Can't be tested": [],
        "Left to a person": ["Does f."],
    }
    assert found["Can't be tested"].splitlines()[-2:] == ["- co: 1", "- not one department: 1"]


def test_the_counts_add_up_to_all_promises(staging: Path) -> None:
    head = sections(
        staging,
        promise("a", "kept"),
        promise("b", "kept_late", **LATE),
        promise("c", "not_reported", department_id="dh"),
        promise("d", "no_test", department_id="dh"),
        promise("e", "unclear", department_id=None, body="Councils"),
    )[""]

    assert (
        "2 of 3 promises with a test were kept (1 by their day, 1 late, 0 without a day that would"
        " tell); of the others 0 kept in part, 0 replaced, 0 not kept, 1 due and silent, 0 open."
        " Counted apart: 1 without a test, 0 not applicable, 1 left to a person. Together 5."
    ) in head
    table = head[head.index("| who |") : head.index("| word |")]
    counts = {row[0].strip(): [int(one or 0) for one in row[1:]] for row in listed(table)}
    assert list(counts) == ["co", "dh", "not one department", "all"]
    assert counts["all"] == [
        sum(column) for column in zip(*(counts[who] for who in list(counts)[:-1]), strict=True)
    ]
    assert all(row[0] == sum(row[1:]) for row in counts.values())


@pytest.mark.parametrize(
    ("not_before", "by", "late_by"),
    [
        ("2014-07-01", "2014-07-31", "92 to 122 days"),
        ("2014-04-01", "2014-04-01", "1 day"),
        ("2014-04-01", None, "1 day or more"),
        (None, None, "not known"),
    ],
)
def test_how_late_it_was_is_said_where_the_day_is_known(
    staging: Path, not_before: str | None, by: str | None, late_by: str
) -> None:
    told = promise("a", "kept_late", **LATE, kept_not_before=not_before, kept_by=by)

    ((_, _, due, said, *_),) = listed(sections(staging, told)["Kept late"])
    assert (due, said) == ("2014-03-31", late_by)


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ({"progress": "delayed"}, "delayed"),
        ({"target_verdict": "attained", "latest_says": "dipped"}, "target dipped"),
        ({"target_verdict": "missed", "latest_says": "still_below"}, "target missed"),
        ({"target_verdict": "pending", "latest_says": "slipping"}, "target slipping"),
        ({"target_verdict": "pending", "latest_says": "still_below"}, None),
        ({"target_verdict": "attained", "latest_says": "holding"}, None),
        ({"progress": "under_way"}, None),
        ({"due_on": None}, None),
    ],
)
def test_an_open_promise_slips_by_what_is_said_or_measured_of_it(
    staging: Path, others: dict[str, object], why: str | None
) -> None:
    if "target_verdict" in others:
        others = {**others, "target_id": "licence-60"}
    found = sections(staging, promise("a", "open", **others), promise("b", "kept", **others))

    rows = listed(found["Open and slipping"])
    assert [(row[1], row[3]) for row in rows] == ([("Does a.", why)] if why else [])
    if "target_verdict" in others and why:
        verdict, latest = others["target_verdict"], str(others["latest_says"]).replace("_", " ")
        assert rows[0][-1].strip() == f"`licence-60`: {verdict}, latest {latest}"


def test_a_target_below_its_path_slips(staging: Path) -> None:
    with duckdb.connect(str(staging)) as connection:
        connection.execute("update target_attainment set planned_gap_pp = -2.5")
    on_target = {"target_id": "licence-60", "target_verdict": "pending", "latest_says": "unknown"}
    found = sections(staging, promise("a", "open", **on_target), promise("b", "open"))

    assert [row[3] for row in listed(found["Open and slipping"])] == ["target below its path"]


def test_a_promise_slips_where_it_plans_again_what_was_not_kept_not_by_its_line(
    staging: Path,
) -> None:
    found = sections(
        staging,
        promise("a", "not_kept", due_on="2014-03-31", planned_again_in="b"),
        promise("b", "open", **PLANNED),
        promise("c", "open", **PLANNED),
    )

    assert [(row[1], row[3]) for row in listed(found["Open and slipping"])] == [
        ("Does b.", "plans again what was due 2014-03-31")
    ]


def test_what_is_not_in_our_words_is_told_by_its_place(staging: Path) -> None:
    sentence = "The department will build a bandstand for the mayor."
    found = sections(
        staging, promise("a", "not_reported", promise=sentence, is_reviewed=False, basis="rule")
    )

    assert sentence not in "".join(found.values())
    assert whats(found["Due and silent"]) == ["not in our words yet: co:plan-2014, line 7"]


def test_a_promise_of_a_version_that_was_replaced_is_not_told(staging: Path) -> None:
    found = sections(
        staging,
        promise("a", "open", progress="delayed", known_to="2016-01-15 00:00:00+00"),
        promise("a", "kept_late", **LATE, known_at="2016-01-15 00:00:00+00"),
    )

    assert whats(found["Open and slipping"]) == []
    assert whats(found["Kept late"]) == ["Does a."]
    assert "Together 1." in found[""]


def test_a_row_cites_what_was_promised_and_what_is_said_of_it(staging: Path) -> None:
    told = promise(
        "a",
        "not_reported",
        due_on=None,
        evidence="action-8-2015-01-16 line 148",
        progress="under_way",
        reason="It is | named only",
    )

    assert sections(staging, told)["Due and silent"].splitlines()[-1] == (
        "| co | Does a. | no day | action-8-2015-01-16 line 1 "
        "| under way: action-8-2015-01-16 line 148. It is \\| named only. |  |"
    )


def test_a_home_that_published_nothing_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no published file"):
        promises_page.page(tmp_path / "published" / "takeup.duckdb")
