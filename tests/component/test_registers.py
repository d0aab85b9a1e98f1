"""The registers hold together, and say what the publications and the documents say."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from core.errors import UsageError
from core.registers import (
    LINE,
    Row,
    alias_index,
    body_key,
    check_registers,
    check_targets,
    department_aliases,
    folded_name,
    id_of,
    known_departments,
    load_register,
    service_aliases,
    slug_of,
)
from core.settings import PROJECT_ROOT

SEEDS = PROJECT_ROOT / "seeds"
REGISTERS = sorted(path.stem for path in SEEDS.glob("*.csv"))
QUARTERS = ("Jan - Mar", "Apr - Jun", "Jul - Sep", "Oct - Dec")

# The rules of docs/registers.md.
SEASONAL_LEAST_YEARLY_VOLUME = 500
SEASONAL_PEAK_SHARE = 0.5
SEASONAL_LEAST_YEARS_FOR_A_PEAK = 5  # windows of four quarters, each a quarter on


@dataclass(frozen=True)
class Vintage:
    """One published file: its name and its rows by slug, first column of a name kept."""

    name: str
    rows: dict[str, Row]

    def total(self, slug: str, label: str) -> float | None:
        return number(self.rows[slug].get(f"Total transactions\n{label}", ""))


def number(cell: str) -> float | None:
    try:
        return float(cell.strip().replace(",", ""))
    except ValueError:
        return None


def read_vintage(path: Path) -> Vintage:
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.reader(stream)
        header = next(reader)
        rows = {}
        for cells in reader:
            row: Row = {}
            for column, cell in zip(header, cells, strict=True):
                row.setdefault(column, cell)
            if row["Slug"].strip():
                rows[row["Slug"].strip()] = row
    return Vintage(path.name, rows)


@pytest.fixture(scope="module")
def vintages(vintages_dir: Path) -> list[Vintage]:
    read = [read_vintage(path) for path in sorted(vintages_dir.glob("services-*.csv"))]
    assert len(read) == 15
    return read


@pytest.fixture(scope="module")
def latest_listing(vintages: list[Vintage]) -> dict[str, Vintage]:
    """The last vintage that lists each service."""
    return {slug: vintage for vintage in vintages for slug in vintage.rows}


@pytest.fixture(scope="module")
def documents(shared_dir: Path) -> list[list[str]]:
    """The five source documents, as lines without blanks."""
    paths = sorted((shared_dir / "seeds").glob("00*.txt"))
    assert len(paths) == 5
    return [
        [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for path in paths
    ]


@pytest.fixture(scope="module")
def services() -> dict[str, Row]:
    return {row["service_id"]: row for row in load_register("services", SEEDS)}


# Departments and organisations


def printed_departments(vintage: Vintage) -> Iterator[str]:
    for row in vintage.rows.values():
        for column, cell in row.items():
            name = " ".join(column.split())
            is_department = name in ("Abbr", "Department") or name.startswith(
                ("Previous dept", "Dept providing data", "previous agency")
            )
            if is_department and cell.strip():
                yield cell


def test_every_department_of_the_15_vintages_resolves(vintages: list[Vintage]) -> None:
    index = department_aliases(SEEDS)
    unknown = {
        (vintage.name, printed)
        for vintage in vintages
        for printed in printed_departments(vintage)
        if id_of(printed, index) is None
    }
    assert unknown == set()


def test_name_and_abbreviation_of_every_listing_are_one_department(
    vintages: list[Vintage],
) -> None:
    index = department_aliases(SEEDS)
    torn = {
        (row["Abbr"], row["Department"])
        for vintage in vintages
        for row in vintage.rows.values()
        if id_of(row["Abbr"], index) != id_of(row["Department"], index)
    }
    assert torn == set()


def test_every_department_heading_of_the_action_papers_resolves(
    documents: list[list[str]],
) -> None:
    index = department_aliases(SEEDS)
    section = re.compile(r"(Departmental digital strategy commitments|Progress (during|in) 2014)")
    by_paper = [
        [
            id_of(line, index) or line
            for line, following in pairwise(lines)
            if section.match(following) and len(line) < 80 and not line.endswith(".")
        ]
        for lines in documents[:3]
    ]
    departments = {row["department_id"] for row in load_register("departments", SEEDS)}
    assert [len(found) for found in by_paper] == [17, 17, 17]
    assert all(set(found) <= departments for found in by_paper)


@pytest.mark.parametrize(
    ("printed", "department_id"),
    [
        ("Department for Transportation", "dft"),
        ("The Attorney General’s Office", "ago"),
        ("THE  ATTORNEY GENERAL'S OFFICE", "ago"),
        ("Department for Environment, Food and Rural Affair’s", "defra"),
        ("HM Revenue & Customs", "hmrc"),
        ("DEFRA", "defra"),
        ("Department for Paperwork", None),
    ],
)
def test_departments_as_printed(printed: str, department_id: str | None) -> None:
    assert id_of(printed, department_aliases(SEEDS)) == department_id


def test_a_successor_took_over_every_service(
    vintages: list[Vintage], latest_listing: dict[str, Vintage]
) -> None:
    """A department has a successor only where one body clearly follows for all services."""
    index = department_aliases(SEEDS)
    last_departments = defaultdict(set)
    for vintage in vintages:
        for slug, row in vintage.rows.items():
            first = id_of(row["Department"], index)
            last = id_of(latest_listing[slug].rows[slug]["Department"], index)
            last_departments[first].add(last)
    for row in load_register("departments", SEEDS):
        if row["successor_id"]:
            assert last_departments[row["department_id"]] == {row["successor_id"]}
    assert {"beis", "dfe", "dit"} <= last_departments["bis"]


def test_departments_live_one_after_the_other() -> None:
    rows = {row["department_id"]: row for row in load_register("departments", SEEDS)}
    for row in rows.values():
        if row["valid_to"]:
            assert row["valid_from"] < row["valid_to"]
        if row["successor_id"]:
            day_after = date.fromisoformat(row["valid_to"]) + timedelta(days=1)
            assert rows[row["successor_id"]]["valid_from"] == day_after.isoformat()


def test_spellings_of_one_agency_share_one_identifier_and_name(vintages: list[Vintage]) -> None:
    aliases = {row["alias"]: row for row in load_register("organisation_aliases", SEEDS)}
    spellings = defaultdict(set)
    for vintage in vintages:
        for row in vintage.rows.values():
            printed = row["Agency/body"].strip()
            alias = aliases.get(printed)
            spellings[alias["organisation_id"] if alias else slug_of(printed)].add(printed)
    several = {key: names for key, names in spellings.items() if len(names) > 1}
    assert len(several) == 2  # the Queen's Harbour Master and Ofsted, by their apostrophes
    for organisation_id, names in several.items():
        assert {aliases[name]["organisation_id"] for name in names} == {organisation_id}
        assert len({aliases[name]["organisation_name"] for name in names}) == 1


def test_organisations_are_those_of_the_15_vintages(vintages: list[Vintage]) -> None:
    aliases = {
        body_key(row["alias"]): row["organisation_id"]
        for row in load_register("organisation_aliases", SEEDS)
    }
    printed = {
        aliases.get(body_key(name), slug_of(name))
        for vintage in vintages
        for row in vintage.rows.values()
        if (name := row["Agency/body"].strip() or row["Agency abbr"].strip())
    }
    assert {row["organisation_id"] for row in load_register("organisations", SEEDS)} == printed


@pytest.mark.parametrize(
    ("printed", "department_id", "name"),
    [
        ("Department of Health & Social Care", "dh", "Department of Health and Social Care"),
        ("DHSC", "dh", "Department of Health and Social Care"),
        ("Department of Health", "dh", ""),
        ("MHCLG", "dclg", "Ministry of Housing, Communities and Local Government"),
        ("Department for Digital Culture Media and Sport", "dcms",
         "Department for Digital, Culture, Media and Sport"),
        ("Department for Exiting the European Union", "dexeu", ""),
    ],
)  # fmt: skip
def test_a_renamed_department_is_the_same_under_another_name(
    printed: str, department_id: str, name: str
) -> None:
    rows = {body_key(row["alias"]): row for row in load_register("department_aliases", SEEDS)}
    found = rows[body_key(printed)]
    assert (found["department_id"], found["department_name"]) == (department_id, name)


def test_names_of_departments_that_compare_as_one_are_of_one_department() -> None:
    departments = load_register("departments", SEEDS)
    aliases = load_register("department_aliases", SEEDS)
    known = known_departments(departments, aliases)
    for row in aliases:
        assert known[body_key(row["alias"])] == row["department_id"]
    for row in departments:
        for column in ("department_id", "department_name", "abbreviation"):
            assert known[body_key(row[column])] == row["department_id"]


def test_an_organisation_is_identified_by_the_slug_of_its_name() -> None:
    for row in load_register("organisation_aliases", SEEDS):
        assert row["organisation_id"] == slug_of(row["organisation_name"]) or (
            row["organisation_name"] == "Department for Culture, Media and Sport"
        )


@pytest.mark.parametrize(
    ("printed", "slug"),
    [
        ("HM Courts & Tribunals Service", "hm-courts-and-tribunals-service"),
        ("Treasury Solicitor's Department", "treasury-solicitors-department"),
        ("Navy Command – Queen’s Harbour Master (QHM)", "navy-command-queens-harbour-master-qhm"),
        ("  Ofqual ", "ofqual"),
        ("UK Trade & Investment", "uk-trade-and-investment"),
        ("", ""),
    ],
)
def test_slug_rule(printed: str, slug: str) -> None:
    assert slug_of(printed) == slug


# Services


def test_services_with_a_slug_are_published_under_it(
    services: dict[str, Row], latest_listing: dict[str, Vintage]
) -> None:
    published = {row["slug"] for row in services.values() if row["slug"]}
    assert published <= latest_listing.keys()
    assert all(row["slug"] in ("", service_id) for service_id, row in services.items())
    unslugged = {service_id for service_id, row in services.items() if not row["slug"]}
    assert unslugged.isdisjoint(latest_listing)


def test_department_and_customers_of_published_services_are_as_listed(
    services: dict[str, Row], vintages: list[Vintage], latest_listing: dict[str, Vintage]
) -> None:
    index = department_aliases(SEEDS)
    listed_under = defaultdict(set)
    for vintage in vintages:
        for slug, row in vintage.rows.items():
            listed_under[slug].add(id_of(row["Department"], index))
    for slug in (row["slug"] for row in services.values() if row["slug"]):
        assert services[slug]["department_id"] in listed_under[slug], slug
        listing = latest_listing[slug].rows[slug]
        assert services[slug]["customer_type"] == listing["Customer type"].strip(), slug


def rolling_window(label: str) -> list[str]:
    """The four quarters that end before the quarter of the label starts."""
    year, quarter = int(label[:4]), int(label[6])
    before = [(year * 4 + quarter - 1 - back) for back in range(1, 5)]
    return [f"{QUARTERS[position % 4]} {position // 4}" for position in before]


def mean_and_sum_matches(vintages: list[Vintage]) -> dict[str, tuple[int, int, int]]:
    """Per service: published rolling years that are the mean of their quarters, their sum, all.

    2% either way, since publishers rounded; a rolling year that both would explain is left out.
    """
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for vintage in vintages:
        for slug, row in vintage.rows.items():
            for column, cell in row.items():
                label = column.removesuffix(" Vol.")
                if not re.fullmatch(r"20\d\d-Q\d", label) or label == "2012-Q4":
                    continue
                rolling = number(cell)
                quarters = [vintage.total(slug, quarter) for quarter in rolling_window(label)]
                known = [quarter for quarter in quarters if quarter is not None]
                if rolling is None or len(known) < 4 or sum(known) < 100:
                    continue
                counts[slug][2] += 1
                counts[slug][0] += abs(rolling - sum(known) / 4) <= 0.02 * sum(known) / 4
                counts[slug][1] += abs(rolling - sum(known)) <= 0.02 * sum(known)
    return {slug: (mean, whole, every) for slug, (mean, whole, every) in counts.items()}


def test_stocks_are_the_services_whose_rolling_year_is_a_mean_or_whose_notes_say_so(
    services: dict[str, Row], vintages: list[Vintage]
) -> None:
    matches = mean_and_sum_matches(vintages)
    averaged = {slug for slug, (mean, _, every) in matches.items() if mean > 0.9 * every}
    said = {
        slug
        for vintage in vintages
        for slug, row in vintage.rows.items()
        if "annual average" in row["Other notes"]
    }
    stocks = {row["slug"] for row in services.values() if row["volume_kind"] == "stock"}
    assert len(averaged) == 10
    assert all(matches[slug][1] == 0 for slug in averaged)
    assert averaged <= said
    assert stocks == said
    # The other three publish too few quarters for a rolling year.
    assert stocks - averaged == stocks - matches.keys()
    assert all(slug.startswith("dwp-") for slug in stocks)


def seasonal_by_rule(vintage: Vintage, slug: str) -> bool:
    quarters = [
        (name, vintage.total(slug, f"{name} {year}"))
        for year in range(2012, 2017)
        for name in QUARTERS
    ]
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, value in quarters:
        if value is not None:
            by_name[name].append(value)
    seen = sum(len(values) for values in by_name.values())
    if len(by_name) < 4 or seen < 6:
        return False
    if sum(sum(values) / len(values) for values in by_name.values()) < SEASONAL_LEAST_YEARLY_VOLUME:
        return False
    is_quiet = any(len(values) >= 2 and not any(values) for values in by_name.values())
    is_busy_again = any(sum(value > 0 for value in values) >= 2 for values in by_name.values())
    if is_quiet and is_busy_again:
        return True
    windows = [quarters[start : start + 4] for start in range(len(quarters) - 3)]
    years = [
        {name: value for name, value in window if value is not None}
        for window in windows
        if all(value is not None for _, value in window) and any(value for _, value in window)
    ]
    return len(years) >= SEASONAL_LEAST_YEARS_FOR_A_PEAK and any(
        min(year[name] / sum(year.values()) for year in years) >= SEASONAL_PEAK_SHARE
        for name in QUARTERS
    )


def test_seasonal_services_are_those_of_the_rule(
    services: dict[str, Row], latest_listing: dict[str, Vintage]
) -> None:
    by_rule = {slug for slug, vintage in latest_listing.items() if seasonal_by_rule(vintage, slug)}
    assert {key for key, row in services.items() if row["is_seasonal"] == "true"} == by_rule
    assert "defra-single-payment-scheme-sps-claims" in by_rule


def quarter_end(label: str) -> str:
    end = {"Jan - Mar": "03-31", "Apr - Jun": "06-30", "Jul - Sep": "09-30", "Oct - Dec": "12-31"}
    return f"{label[-4:]}-{end[label[:9]]}"


def test_rounded_services_are_rounded_to_their_unit_until_their_day(
    services: dict[str, Row], latest_listing: dict[str, Vintage]
) -> None:
    rounded = [row for row in services.values() if row["rounding_unit"]]
    assert len(rounded) == 27
    for row in rounded:
        vintage, unit = latest_listing[row["slug"]], int(row["rounding_unit"])
        figures = [
            (quarter_end(label), vintage.total(row["slug"], label))
            for year in range(2012, 2017)
            for label in (f"{name} {year}" for name in QUARTERS)
        ]
        until = row["rounding_until"] or "9999-12-31"
        early = [value for end, value in figures if value and end <= until]
        later = [value for end, value in figures if value and end > until]
        assert len(early) >= 2, row["service_id"]
        assert sum(value % unit == 0 for value in early) > len(early) / 2, row["service_id"]
        assert all(value % (unit / 10) == 0 for value in early), row["service_id"]
        assert all(value % unit for value in later[:1]), row["service_id"]


def test_every_assisted_route_cites_a_line_that_speaks_of_help(
    shared_dir: Path, services: dict[str, Row]
) -> None:
    papers = {
        action: next((shared_dir / "seeds").glob(f"{number}_*.txt")).read_text("utf-8").split("\n")
        for action, number in (("Action 15", "000"), ("Action 9", "001"))
    }
    cited = re.compile(r"Government Digital Strategy, (Action \d+) \(.*\), line (\d+)")
    routes = {key: row for key, row in services.items() if row["assisted_route"] != "none_reported"}
    assert len(routes) > 20
    for key, row in routes.items():
        found = cited.fullmatch(row["assisted_route_source"])
        assert found, key
        line = papers[found[1]][int(found[2]) - 1]
        assert re.search("assisted digital|assist|help|available offline", line, re.IGNORECASE), key


def test_registered_traveller_has_no_offline_route(services: dict[str, Row]) -> None:
    without = {key for key, row in services.items() if row["has_offline_route"] == "false"}
    assert without == {"home-office-registered-traveller"}
    channels = {
        row["channel"]: row["expectation"]
        for row in load_register("service_channels", SEEDS)
        if row["service_id"] == "home-office-registered-traveller"
    }
    assert channels["online"] == "expected"
    assert {channels[name] for name in ("phone", "paper", "face_to_face")} == {"not_applicable"}


def test_the_inclusion_level_that_a_report_gives(services: dict[str, Row]) -> None:
    levels = {
        key: row["inclusion_level"] for key, row in services.items() if row["inclusion_level"]
    }
    assert levels == {"dft-check-your-own-driver-details": "7"}


def test_all_25_exemplars_and_the_promised_ones_are_there(services: dict[str, Row]) -> None:
    exemplars = {key: row for key, row in services.items() if row["is_exemplar"] == "true"}
    by_gds = [row for row in exemplars.values() if "25 exemplar services" in row["source"]]
    assert len(by_gds) == 25
    assert len(exemplars) == 27  # and the two that the Cabinet Office promised besides


def test_service_aliases_are_printed_where_their_source_says(
    documents: list[list[str]], vintages: list[Vintage]
) -> None:
    texts = {
        "Action 15": documents[0],
        "Action 9": documents[1],
        "Action 8": documents[2],
        "Article": documents[4],
    }
    printed = {key: folded_name(" ".join(lines)) for key, lines in texts.items()}
    printed["GDS transaction volumes"] = folded_name(
        " ".join(
            row["Name of service"] + " " + row["Description of service"]
            for vintage in vintages
            for row in vintage.rows.values()
        )
    )
    checked = 0
    for row in load_register("service_aliases", SEEDS):
        for key, text in printed.items():
            if row["source"].startswith(("Government Digital Strategy, " + key + " ", key)):
                checked += 1
                assert folded_name(row["alias"]) in text, row["alias"]
    assert checked > 100


def test_every_named_thing_has_a_name_to_find_it_by(services: dict[str, Row]) -> None:
    documents_named = ("Action", "Article")
    aliased = set(service_aliases(SEEDS).values())
    named = {
        key
        for key, row in services.items()
        if any(word in row["source"] for word in documents_named)
    }
    assert named <= aliased


# Channels and definitions


def test_every_definition_classes_every_channel_once() -> None:
    definitions = {row["definition_id"] for row in load_register("definitions", SEEDS)}
    channels = {row["channel"] for row in load_register("channels", SEEDS)}
    pairs = [
        (row["definition_id"], row["channel"]) for row in load_register("channel_classes", SEEDS)
    ]
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == {
        (definition, channel) for definition in definitions for channel in channels
    }


def test_channels_are_those_of_the_vocabulary() -> None:
    assert [row["channel"] for row in load_register("channels", SEEDS)] == [
        "online",
        "phone",
        "paper",
        "face_to_face",
        "email",
        "webchat",
        "api",
        "ivr",
        "other",
    ]


def test_bulk_exchange_is_digital_under_every_definition() -> None:
    classes = {
        row["class"] for row in load_register("channel_classes", SEEDS) if row["channel"] == "api"
    }
    assert classes == {"digital"}


def test_exactly_one_definition_can_be_the_default_on_any_day() -> None:
    eligible = sorted(
        (
            row
            for row in load_register("definitions", SEEDS)
            if row["is_default_eligible"] == "true"
        ),
        key=lambda row: row["valid_from"],
    )
    assert eligible[0]["valid_from"] == ""
    assert eligible[-1]["valid_to"] == ""
    for earlier, later in pairwise(eligible):
        day_after = date.fromisoformat(earlier["valid_to"]) + timedelta(days=1)
        assert later["valid_from"] == day_after.isoformat()
    assert {row["service_id"] for row in eligible} == {""}


def test_an_open_point_has_two_readings_with_the_same_life() -> None:
    readings = [row for row in load_register("definitions", SEEDS) if row["reading"]]
    assert [row["definition_id"] for row in readings] == [
        "gds-manual-2013-10",
        "gds-manual-2013-10-assisted-excluded",
    ]
    assert len({(row["valid_from"], row["valid_to"]) for row in readings}) == 1
    assert [row["on_behalf_class"] for row in readings] == ["digital", "assisted_digital"]


def test_no_channel_of_a_service_is_expected_and_not_applicable_at_once() -> None:
    keys = [
        (row["service_id"], row["channel"], row["valid_from"])
        for row in load_register("service_channels", SEEDS)
    ]
    assert len(keys) == len(set(keys))


def test_forbidden_names_come_in_snake_and_camel_case() -> None:
    names = {row["field_name"] for row in load_register("forbidden_fields", SEEDS)}
    assert {"national_insurance_number", "nationalInsuranceNumber", "email", "dateOfBirth"} <= names
    for name in names:
        if "_" in name:
            first, *others = name.split("_")
            assert first + "".join(part.capitalize() for part in others) in names


# Targets


def test_the_register_of_targets_is_accepted() -> None:
    rows = load_register("targets", SEEDS)
    check_targets(rows)
    assert {row["target_id"]: (row["target_ratio"], row["due_on"]) for row in rows} == {
        "defra-waste-carriers-90": ("0.9", ""),
        "dwp-jsa-80": ("0.8", "2013-09-30"),
        "dwp-jsa-85": ("0.85", ""),
    }


def target(line: int, **changes: str) -> Row:
    row = {
        "target_id": f"t{line}",
        "service_id": "s",
        "department_id": "d",
        "metric": "digital_take_up",
        "target_ratio": "0.8",
        "set_on": "2013-01-01",
        "due_on": "",
        "period_kind": "rolling_year",
        "definition_id": "transactions-explorer",
        "scope": "all",
        LINE: str(line),
    }
    return row | changes


@pytest.mark.parametrize(
    ("other", "complaint"),
    [
        (target(3, target_ratio="0.9"), "contradict each other: 0.8 and 0.9"),
        (target(3, target_ratio="0.9", scope="ALL "), "contradict each other"),
        (target(3, target_ratio="0.80"), "overlap: both ask for 0.8"),
        (target(3, set_on="2016-01-01", due_on="2017-01-01"), "overlap"),
        (target(3, target_id="t2", service_id="another"), "have the same target_id"),
    ],
)
def test_contradictory_and_overlapping_targets_are_refused_by_name(
    other: Row, complaint: str
) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        check_targets([target(2), other])
    assert "t2 (line 2)" in str(refused.value)
    assert "(line 3)" in str(refused.value)


@pytest.mark.parametrize(
    "other",
    [
        target(3, target_ratio="0.9", due_on="2014-01-01"),
        target(3, service_id="another"),
        target(3, period_kind="quarter"),
        target(3, definition_id="as-reported"),
        target(3, scope="new claims", target_ratio="0.9"),
        target(3, set_on="2010-01-01", due_on="2012-12-31"),
    ],
)
def test_targets_that_can_stand_beside_each_other(other: Row) -> None:
    check_targets([target(2), other])


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"target_ratio": "80"}, "between 0 and 1"),
        ({"target_ratio": "most"}, "is not a ratio"),
        ({"target_ratio": "NaN"}, "is not a ratio"),
        ({"set_on": ""}, "has no set_on"),
        ({"set_on": "soon"}, "is not a day"),
        ({"due_on": "2012-12-31"}, "before it was set"),
        ({"service_id": "", "department_id": ""}, "neither"),
    ],
)
def test_a_target_that_cannot_be_judged_is_refused(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint) as refused:
        check_targets([target(7, **changes)])
    assert "line 7" in str(refused.value)


def test_targets_are_about_things_that_are_registered(services: dict[str, Row]) -> None:
    definitions = {row["definition_id"] for row in load_register("definitions", SEEDS)}
    for row in load_register("targets", SEEDS):
        assert row["service_id"] in services
        assert row["definition_id"] in definitions


# The reader


def test_rows_carry_the_line_that_they_begin_on(tmp_path: Path) -> None:
    (tmp_path / "things.csv").write_text('\ufeffname,note\n\none,"two\nlines"\nlast, x \n')
    assert load_register("things", tmp_path) == [
        {"name": "one", "note": "two\nlines", LINE: "3"},
        {"name": "last", "note": "x", LINE: "5"},
    ]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty, without a header"),
        (b"a,b\n1\n", "line 2: 1 cells under 2 columns"),
        (b"a,a\n1,2\n", "column a appears twice"),
        (b"a\n\xff\n", "not UTF-8 at byte 2"),
        (b'a\n"open\n', "unexpected end of data"),
    ],
)
def test_a_broken_register_is_refused(tmp_path: Path, content: bytes, complaint: str) -> None:
    (tmp_path / "things.csv").write_bytes(content)
    with pytest.raises(UsageError, match=complaint):
        load_register("things", tmp_path)


def test_a_missing_register_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"register things.csv: No such file"):
        load_register("things", tmp_path)


def test_aliases_that_compare_as_one_name_must_agree() -> None:
    rows = [
        {"alias": "The Office’s", "department_id": "a", LINE: "2"},
        {"alias": "the office's", "department_id": "b", LINE: "3"},
    ]
    with pytest.raises(UsageError, match=r"a \(line 2\) and for b \(line 3\)"):
        alias_index(rows, "department_id", register="department_aliases")


@pytest.mark.parametrize("name", REGISTERS)
def test_every_row_says_where_it_stands(name: str) -> None:
    rows = load_register(name, SEEDS)
    if rows and "source" in rows[0]:
        assert [row[LINE] for row in rows if not row["source"]] == []
    else:
        without = ("channels", "channel_classes", "forbidden_fields")
        empty = ("feeds", "report_versions", "return_calendar", "target_paths")
        assert name in (*without, *empty)


def test_published_names_are_those_of_the_15_vintages(vintages: list[Vintage]) -> None:
    printed = {
        (slug, folded_name(row["Name of service"]))
        for vintage in vintages
        for slug, row in vintage.rows.items()
    }
    register = load_register("published_names", SEEDS)
    assert {(row["service_id"], folded_name(row["service_name"])) for row in register} == printed
    newest = {row["service_id"]: folded_name(row["service_name"]) for row in register}
    latest = {
        slug: folded_name(row["Name of service"])
        for vintage in vintages
        for slug, row in vintage.rows.items()
    }
    assert newest == latest


def test_lines_may_end_in_two_ways_and_nothing_stands_behind_a_closing_quote(
    tmp_path: Path,
) -> None:
    register = tmp_path / "places.csv"
    register.write_bytes(b'a,b\n1,"x"\r\n2,y\n')
    check_registers(tmp_path)
    assert [row["b"] for row in load_register("places", tmp_path)] == ["x", "y"]
    register.write_bytes(b'a,b\n1,"x"lost\n')
    with pytest.raises(UsageError, match=r"register places.csv: .* expected after"):
        check_registers(tmp_path)
