from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import GateFailed
from core.settings import Settings
from expectations import approval
from expectations.approval import (
    approval_path,
    content_of,
    is_approved,
    record_approval,
    require_approval,
    why_not_approved,
    withdraw_approval,
)
from tests.support.gate_tables import settings_of


@pytest.fixture
def passed(tmp_path: Path) -> Settings:
    settings = settings_of(tmp_path)
    settings.warehouse.mkdir(parents=True)
    settings.staging_file.write_bytes(b"a warehouse")
    record_approval(settings, run_id="r", file=content_of(settings.staging_file))
    return settings


def test_the_file_that_passed_may_be_published(passed: Settings) -> None:
    assert is_approved(passed)
    require_approval(passed)


def test_nothing_has_passed_in_a_new_home(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    assert why_not_approved(settings) == "no warehouse gate has passed"
    with pytest.raises(GateFailed, match=r"may not be published: no warehouse gate has passed"):
        require_approval(settings)


def test_a_withdrawn_approval_is_gone(passed: Settings) -> None:
    withdraw_approval(passed)
    withdraw_approval(passed)
    assert not is_approved(passed)


def test_other_bytes_of_the_same_size_and_time_are_refused(passed: Settings) -> None:
    before = passed.staging_file.stat()
    passed.staging_file.write_bytes(b"b warehouse")
    os.utime(passed.staging_file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = passed.staging_file.stat()
    assert (after.st_size, after.st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert why_not_approved(passed) == "it is not the file that passed in run r"


def test_the_same_bytes_written_again_are_refused(passed: Settings) -> None:
    before = passed.staging_file.stat()
    os.utime(passed.staging_file, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert not is_approved(passed)


def test_other_expectations_ask_for_another_gate(
    passed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(approval, "digest_of_suites", lambda: "blake3:other")
    assert why_not_approved(passed) == "the expectations have changed since run r passed"


def test_a_write_ahead_log_is_content_that_was_not_checked(passed: Settings) -> None:
    passed.staging_file.with_name("takeup.duckdb.wal").write_bytes(b"x")
    assert "the build did not close it" in str(why_not_approved(passed))


def test_a_missing_file_has_not_passed(passed: Settings) -> None:
    passed.staging_file.unlink()
    assert "build the warehouse first" in str(why_not_approved(passed))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"run_id": 1}', b"\xff\xfe"])
def test_an_approval_that_can_not_be_read_is_none(passed: Settings, content: bytes) -> None:
    approval_path(passed).write_bytes(content)
    assert not is_approved(passed)
    assert "can't be read" in str(why_not_approved(passed))
