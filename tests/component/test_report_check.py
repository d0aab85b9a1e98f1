from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from core.errors import UsageError
from core.settings import PROJECT_ROOT
from ingest.sources.reports import load_registers, read_document
from ingest.sources.reports.digest import load_digests
from takeup.report_check import check_reports, print_check
from tests.support.html_copies import html_copy
from tests.support.shared import seed_documents, seed_paths, shared_folder

DIGESTS = PROJECT_ROOT / "seeds" / "reports"


def document_of(action: int) -> Path:
    start = f"Action {action}:"
    return next(path for path in seed_documents() if start in path.read_text(encoding="utf-8"))


def test_all_five_digests_agree_with_their_documents() -> None:
    result = check_reports(seed_documents(), digests=DIGESTS)
    assert [checked.differences for checked in result.documents] == [()] * 5
    assert result.is_clean
    assert result.is_clean
    assert sum(checked.undecided_count for checked in result.documents) == 0


def test_each_digest_has_its_document() -> None:
    result = check_reports(seed_documents(), digests=DIGESTS)
    assert {checked.document for checked in result.documents} == {
        digest.document for digest in load_digests(DIGESTS)
    }


def test_a_folder_stands_for_the_reports_in_it() -> None:
    result = check_reports([shared_folder() / "seeds"], digests=DIGESTS)
    assert [checked.path for checked in result.documents] == seed_documents()


def test_a_copy_with_three_figures_changed_has_exactly_three_differences(tmp_path: Path) -> None:
    text = document_of(8).read_text(encoding="utf-8")
    for old, new in (("to 68%", "to 78%"), ("over half", "over a third"), ("28,100", "28,200")):
        assert text.count(old) == 1
        text = text.replace(old, new)
    copy = tmp_path / "any name.txt"
    copy.write_text(text, encoding="utf-8")
    result = check_reports([copy], digests=DIGESTS)
    assert not result.is_clean
    assert list(result.documents[0].differences) == [
        "line 73 (defra:progress-2014): 78% in the document, 68% in the digest",
        "line 111 (dwp:progress-2014): a third in the document, half in the digest",
        "line 183 (home-office:progress-2014): 28,200 in the document, 28,100 in the digest",
    ]
    assert len(result.lines()) == 4


def test_a_document_without_a_digest_says_so(tmp_path: Path) -> None:
    path = tmp_path / "other.txt"
    path.write_text("Action 4: boats\nProgress during 2013\nBoats.\n", encoding="utf-8")
    (checked,) = check_reports([path], digests=DIGESTS).documents
    assert checked.differences == ("no digest in reports/ is of action-4",)


def test_printed_as_lines_and_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "other.txt"
    path.write_text("Action 4: boats\nProgress during 2013\nBoats.\n", encoding="utf-8")
    result = check_reports([path], digests=DIGESTS)
    print_check(result)
    assert capsys.readouterr().out.splitlines()[1] == (
        "other.txt: no digest in reports/ is of action-4"
    )
    print_check(result, as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["is_clean"] is False
    assert told["documents"][0]["document"] == "action-4"


@pytest.mark.parametrize("name", ["missing.txt", "empty"])
def test_paths_that_hold_no_report_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match=name):
        check_reports([tmp_path / name], digests=DIGESTS)


def test_a_file_that_is_not_utf8_is_refused_with_its_offset(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("Action 4: £".encode("latin-1"))
    with pytest.raises(UsageError, match="not UTF-8 at byte 10"):
        check_reports([path], digests=DIGESTS)


def test_registers_may_lie_elsewhere(tmp_path: Path) -> None:
    copied = tmp_path / "digests"
    shutil.copytree(DIGESTS, copied)
    result = check_reports(seed_documents(), digests=copied, registers=PROJECT_ROOT / "seeds")
    assert result.is_clean


@pytest.mark.parametrize("path", seed_paths(), ids=lambda path: path.name[:3])
def test_a_faithful_copy_as_a_web_page_agrees(path: Path, tmp_path: Path) -> None:
    registers = load_registers(PROJECT_ROOT / "seeds")
    plain = read_document(path.read_bytes(), registers=registers)
    page = tmp_path / "page.html"
    page.write_text(html_copy(path.read_text(encoding="utf-8"), plain), encoding="utf-8")
    (checked,) = check_reports([page], digests=DIGESTS).documents
    assert checked.differences == ()
    assert checked.claim_count == len(plain.claims)


def test_a_changed_figure_of_a_web_page_is_a_difference(tmp_path: Path) -> None:
    path = document_of(8)
    text = path.read_text(encoding="utf-8")
    plain = read_document(path.read_bytes(), registers=load_registers(PROJECT_ROOT / "seeds"))
    page = tmp_path / "page.html"
    page.write_text(html_copy(text.replace("to 68%", "to 78%"), plain), encoding="utf-8")
    (checked,) = check_reports([page], digests=DIGESTS).documents
    assert len(checked.differences) == 1
    assert "78% in the document, 68% in the digest" in checked.differences[0]
