"""Two nights of inputs that are odd and not wrong: what is shown, and what is said beside it."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.settings import Settings
from takeup import nightly
from tests.support.publications import publication
from tests.support.source_runs import lay

CARERS = "dwp-carers-allowance-new-claims"
HONOURS = "co-honours-nominations"
VINTAGE = "services-2015-07-08.csv"
COLUMNS = (
    "Total transactions\nJan - Mar 2015",
    "Digital transactions\nJan - Mar 2015",
    "2015-Q1 CPT (£)",
    "Digital transactions in the second quarter",
)
VOLUMES = publication(
    {
        HONOURS: [100, 40, "2.50", 5],
        "a-b": [10, 4, "", ""],
        "A-B": [10, 4, "", ""],
        " a-b\u200b": [10, 5, "", ""],
        "Grand total": [130, 53, "", ""],
    },
    columns=COLUMNS,
)
RETURN = ",".join(
    (
        "department_id,service_id,service_name,period_kind,period_start,period_end,breakdown",
        "measure,count,status,cost_gbp,note,submitted_on,submitted_by_role,signed_off_by_role",
        "signed_off_on,assurance,commentary",
    )
)
ROW = f"hmrc,{CARERS},Tax returns,month,{{}},{{}},online,completed,{{}},,,,2015-08-20,,,,,\r\n"
RETURNED = (
    RETURN
    + "\r\n"
    + ROW.format("2015-06-01", "2015-06-30", "43")
    + ROW.format("2015-05-01", "2015-06-05", "40")
    + ROW.format("2015-05-01", "2015-05-31", "4*")
)
EVENTS = (
    "id,source,type,time,specversion,data.service_id,data.breakdown,data.measure,"
    "data.period.kind,data.period.start,data.period.end,data.count\n"
)


def sent(channel: str, day: str, count: int, period: str = "month", **own: Any) -> dict[str, Any]:
    """A record of the performance platform."""
    return {
        "_timestamp": f"{day}T00:00:00Z",
        "service": "carers-allowance",
        "channel": channel,
        "count": count,
        "dataType": "transactions-by-channel",
        "period": period,
    } | own


PLATFORM = [
    sent("digital", "2015-08-01", 70),
    sent("paper_form", "2015-08-01", 30),
    sent("digital", "2015-08-03", 16, "week"),
    sent("digital", "2015-08-10", 17, "week"),
    sent("digital", "2015-08-03", 2, "day"),
]
UPDATED = [sent("digital", "2015-08-01", 75, _updated_at="2015-09-10T10:00:00Z")]


def producer(name: str, count: int) -> str:
    """A producer's table of one cell."""
    return (
        EVENTS + f"v-1,urn:test:{name},uk.gov.takeup.volume.reported.v1,2015-04-20T10:00:00Z,1.0,"
        f"{CARERS},phone,completed,month,2015-03-01,2015-03-31,{count}\n"
    )


def saved_again(content: bytes) -> str:
    """A publication as a spreadsheet saves it: marked, quoted, columns turned round."""
    rows = list(csv.reader(io.StringIO(content.decode(), newline="")))
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([*row[::-1], ""] for row in rows)
    return "\ufeff" + stream.getvalue()


def night(settings: Settings, landing: Path) -> dict[str, nightly.StepFacts]:
    return dict(nightly.run_all(settings, landing=landing))


def answers(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(settings.published_file), read_only=True) as connection:
        return connection.execute(query).fetchall()


OTHER_FIGURES = """
    select * from take_up where service_id <> 'CARERS' or period_start <> '2015-08-01' order by all
""".replace("CARERS", CARERS)
"""All but what the platform's update restates."""


@pytest.mark.nights
def test_odd_inputs_are_shown_with_what_is_odd_and_copies_change_nothing(tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "home")
    first = night(
        settings,
        lay(
            tmp_path / "first",
            {
                VINTAGE: VOLUMES,
                "vintages.csv": f"file,published_at\n{VINTAGE},2015-07-08T09:30:00+01:00\n",
                "r.csv": RETURNED,
                "p.json": json.dumps(PLATFORM),
                "one.csv": producer("one", 600),
                "two.csv": producer("two", 700),
            },
        ),
    )
    assert first["publish"]["file"] == "published"
    said = answers(
        settings,
        "select check_id, service_id, quantity, what, value, input from data_quality"
        " where check_id not in ('no_manifest', 'channels_do_not_sum_to_total')"
        " and check_id not like 'jump%' order by all",
    )
    told = {
        (check, service): (measure, what, name) for check, service, measure, what, _, name in said
    }
    assert set(told) == {
        ("looks_like_total", "Grand total"),
        ("other_department", CARERS),
        ("other_name", CARERS),
        ("similar_slugs", "A-B"),
        ("similar_slugs", "a-b"),
        ("sources_disagree", CARERS),
        ("unread_column", None),
        ("unreadable_cell", CARERS),
        ("weekly_or_daily", CARERS),
    }
    assert "Grand total" in told["looks_like_total", "Grand total"][1]
    assert told["similar_slugs", "a-b"][1].endswith(": a-b in rows 3, 4, 5")
    assert told["other_name", CARERS][1].endswith(f": {CARERS} in rows 2, 3, 4")
    assert COLUMNS[3] in told["unread_column", None][1]
    assert told["weekly_or_daily", CARERS][1].startswith("weekly (2) and daily (1)")
    assert told["weekly_or_daily", CARERS][2] == "p.json"
    measure, what, _ = told["sources_disagree", CARERS]
    assert measure == "phone_count"
    ((shown,),) = answers(
        settings,
        "select transactions_count from reported_cells where breakdown = 'phone'",
    )
    other = {600: 700, 700: 600}[shown]
    names = {600: "urn:test:one", 700: "urn:test:two"}
    assert f"shown is {shown} of {names[shown]}" in what
    assert f"{names[other]} gives {other}" in what

    # The row that only what can't be seen tells from another: its cell that differs is refused.
    refused = answers(
        settings, "select name, quarantined_count from ingest_ledger where quarantined_count > 0"
    )
    assert sorted(refused) == [("r.csv", 2), (VINTAGE, 1)]
    returns = answers(
        settings, "select period_start, refused_count from mi_returns order by period_start"
    )
    assert returns == [(date(2015, 5, 1), 1), (date(2015, 6, 1), 0)]

    before = answers(settings, OTHER_FIGURES)
    again = night(
        settings,
        lay(
            tmp_path / "again",
            {
                f"{VINTAGE[:-4]} (1).csv": saved_again(VOLUMES),
                "r (1).csv": RETURNED.replace("\r\n", "\n").replace("2015-08-20", "20/08/2015"),
                "p (1).json": json.dumps({"data": PLATFORM}, indent=2),
                "update.json": json.dumps(UPDATED),
            },
        ),
    )
    assert again["publish"]["file"] == "published"
    assert again["ingest"]["accepted"] == 1, "the platform's update"
    assert again["ingest"]["quarantined"] == 3, "what was refused before is refused again"
    assert answers(settings, OTHER_FIGURES) == before

    assert answers(
        settings,
        "select old_value, new_value from revisions where period_start = '2015-08-01'"
        f" and service_id = '{CARERS}' and quantity = 'online_count'",
    ) == [(70, 75)]
    assert answers(
        settings,
        "select transactions_count from channel_volumes where period_start = '2015-08-01'"
        f" and service_id = '{CARERS}' and channel = 'online' and period_kind = 'month'",
    ) == [(75,)]
