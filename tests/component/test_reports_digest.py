"""Digests held against documents: every difference one line, nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from core.errors import UsageError
from ingest.sources.reports import Document
from ingest.sources.reports.comparison import differences
from ingest.sources.reports.digest import (
    Digest,
    load_digest,
    load_digests,
    names_in,
    number_fields,
    numbers_by_section,
    partners_in,
)
from tests.support.report_texts import FRONT, read

PARTNERS = ("Guild of String", "Society of Knots")
LINES = [
    *FRONT.splitlines(),
    "Department for Kites",
    "Departmental digital strategy commitments (December 2012)",
    "DfK will sell Kite licences online with the Guild of String.",
    "Progress during 2013",
    "Take-up of Kite licences rose to 54% (up from 40% in 2012).",
    "It helped 300 people by March 2013, with £2 million in 2012 to 2013.",
    "Over half of users of KLO chose digital channels.",
    "Lighthouse Office",
    "Progress during 2013",
    "All its 3 services have an exit survey.",
]
SAYS: dict[str, dict[str, Any]] = {
    "about": {"says": "Kites."},
    "kites:commitment-2012": {"says": "To sell online."},
    "kites:progress-2013": {"says": "Sold.", "status": "done"},
    "lights:progress-2013": {"says": "Asked."},
}


def text_of(lines: list[str]) -> str:
    return "\n".join(lines) + "\n"


def drafted(document: Document) -> dict[str, Any]:
    """A digest's content as the reader sees the document, with sentences of ours."""
    inside = numbers_by_section(document)
    return {
        "document": document.short_name,
        "about": SAYS["about"]["says"],
        "publisher": document.publisher,
        "series": document.series,
        "action": document.action,
        "published_on": document.published_on,
        "updated_on": document.updated_on,
        "date_precision": document.date_precision,
        "outside": [number_fields(number) for number in inside[None]],
        "entries": [
            {
                "section": section.key,
                "line": section.heading_line,
                "last_line": section.last_line,
                "says": "",
                **SAYS.get(section.key, {}),
                "names": list(names_in(document, section)),
                "partners": list(partners_in(section.text, PARTNERS)),
                "numbers": [number_fields(number) for number in inside[index]],
            }
            for index, section in enumerate(document.sections)
        ],
    }


DIGEST = Digest.model_validate(drafted(read(text_of(LINES))))


def found(lines: list[str]) -> list[str]:
    return differences(read(text_of(lines)), DIGEST, partners=PARTNERS)


def with_line(index: int, old: str, new: str) -> list[str]:
    assert old in LINES[index]
    return [*LINES[:index], LINES[index].replace(old, new), *LINES[index + 1 :]]


def test_a_document_agrees_with_its_own_draft() -> None:
    assert found(LINES) == []
    assert DIGEST.entries[0].partners == ("Guild of String",)
    assert DIGEST.entries[1].names == ("kites-licences",)
    assert [n.text for n in DIGEST.outside] == ["12", "3", "2014"]


@pytest.mark.parametrize(
    ("index", "old", "new", "difference"),
    [
        (6, "54%", "57%", "line 7 (kites:progress-2013): 57% in the document, 54% in the digest"),
        (6, "40%", "4%", "line 7 (kites:progress-2013): 4% in the document, 40% in the digest"),
        (6, "2012", "2011", "line 7 (kites:progress-2013): 2011 in the document, 2012 in the"),
        (7, "2013,", "2012,", "line 8 (kites:progress-2013): 2012 in the document, 2013 in the"),
        (7, "£2 m", "£3 m", "£3 million in the document, £2 million in the digest"),
        (7, "2012 to", "2011 to", "2011 in the document, 2012 in the digest"),
        (8, "half", "a third", "a third in the document, half in the digest"),
        (8, "Over half", "Half", "half: qualifier exact (digest: over)"),
        (11, "3", "4", "line 12 (lights:progress-2013): 4 in the document, 3 in the digest"),
        (11, "All its 3", "Its 3", "line 12 (lights:progress-2013): All is in the digest, not in"),
        (11, "survey.", "survey since 2012.", "2012 is in the document, not in the digest"),
        (4, "the Guild of String", "others", "Guild of String is in the digest's partners, not"),
        (4, "String", "String and the Society of Knots", "Society of Knots is named in the"),
        (4, "Kite licences", "licences", "kites-licences is in the digest's names, not named in"),
        (1, "3 March", "4 March", "line 2 (outside the sections): 4 in the document, 3 in the"),
    ],
)
def test_one_change_is_one_difference(index: int, old: str, new: str, difference: str) -> None:
    (line,) = found(with_line(index, old, new))
    assert difference.casefold() in line.casefold()


def test_three_changed_figures_are_three_differences() -> None:
    text = text_of(LINES).replace("54%", "57%").replace("300", "301").replace("£2 m", "£4 m")
    lines = differences(read(text), DIGEST, partners=PARTNERS)
    assert [line.split(":")[-1].split()[0] for line in lines] == ["57%", "301", "£4"]


def test_a_line_added_is_one_difference_wherever_it_stands() -> None:
    for at in range(2, len(LINES)):
        assert len(found([*LINES[:at], "", *LINES[at:]])) == 1, at


def test_a_section_left_out_is_one_difference() -> None:
    (line,) = found([*LINES[:5], *LINES[9:]])
    assert line == "line 6: kites:progress-2013 is in the digest, not in the document"


def test_a_section_added_is_one_difference() -> None:
    (line,) = found([*LINES, "Plans for 2014", "It will ask 40% of them again."])
    assert line == "line 13: lights:plan-2014 is in the document, not in the digest"


def test_a_number_decided_by_hand_may_stay_undecided_in_the_document() -> None:
    document = read(text_of([*LINES, "It was 7 up."]))
    content = drafted(document)
    number = content["entries"][-1]["numbers"][-1]
    assert number == {"line": 13, "text": "7", "kind": "undecided"}
    number |= {"kind": "name", "is_by_hand": True}
    assert differences(document, Digest.model_validate(content), partners=PARTNERS) == []
    number |= {"is_by_hand": False}
    (line,) = differences(document, Digest.model_validate(content), partners=PARTNERS)
    assert line.endswith("7 is undecided in the document, name in the digest")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"surprise": 1}, "surprise: Extra inputs"),
        ({"about": ""}, "about: String should have"),
        ({"entries": [{"section": "x", "line": 1, "last_line": 1, "says": ""}]}, "entries.0.says"),
    ],
)
def test_a_digest_with_unknown_or_empty_fields_is_refused(
    tmp_path: Path, change: dict[str, Any], message: str
) -> None:
    path = tmp_path / "a.yml"
    path.write_text(yaml.safe_dump(drafted(read(text_of(LINES))) | change), encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        load_digest(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "not YAML: .*, line 2"),
        ("a: 1\nb: 2\na: 3", "not YAML: a appears twice, line 1"),
        ("- &all [1]\n- *all", "a list or mapping may not stand for another"),
        ("a: !!python/name:os.system", "not YAML: .*constructor"),
        ("[" * 60_000 + "]" * 60_000, "nested more than 20 deep"),
        (f"a: {'9' * 5_000}", "not YAML"),
    ],
)
def test_a_digest_that_is_not_plain_yaml_is_refused(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "a.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        load_digest(path)


def test_a_folder_without_digests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no digests"):
        load_digests(tmp_path)
