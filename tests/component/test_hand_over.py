"""Packs on their way to recipients: approved, whole, once each, and with a receipt."""

from __future__ import annotations

import io
import json
import shutil
import signal
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import LeaseHeld, TakeupError, UsageError
from core.files import sole_writer
from core.settings import PROJECT_ROOT, Settings
from expectations.results import GateResult, StoppedByGate
from publish import delivery
from publish.export import export_quarter
from publish.hand_over import hand_over, hand_over_all, waiting
from publish.receipts import Receipt
from publish.recipients import recipients_of
from publish.swap import publish as swap
from takeup.first_homes import mark_example
from takeup.status import status_of
from takeup.status_screen import told_of
from tests.support.receivers import Mailbox, mail_server
from tests.support.warehouse import build_staging, gate_passed, make_settings

HEADER = "recipient_id,recipient_name,role,department_id,way,mailbox,source\n"
OFFICE = "office,The Office,reads them,,folder,,a test\n"
PRESS = "press,The Press,prints them,,email,press@example.org,a test\n"
ANGLERS = "anglers,The Anglers,fishes,defra,folder,,a test\n"


def passes(settings: Settings, pack: Path) -> GateResult:
    """Stands in for the gate, which has tests of its own."""
    return GateResult(gate="pack", run_id=pack.name, outcome="passed")


def register(tmp_path: Path, *rows: str) -> Path:
    folder = tmp_path / "seeds"
    folder.mkdir(exist_ok=True)
    (folder / "recipients.csv").write_text(HEADER + "".join(rows))
    (folder / "departments.csv").write_text("department_id,department_name\ndefra,Environment\n")
    return folder


def published(settings: Settings, run: str = "run", **options: object) -> Settings:
    build_staging(settings, **options)  # type: ignore[arg-type]
    swap(settings, run_id=run, require_pass=gate_passed)
    return settings


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the packs of a quarter, of government and of a department."""
    settings = published(make_settings(tmp_path_factory.mktemp("made") / "home"))
    export_quarter(settings, quarter="2014-Q4")
    export_quarter(settings, quarter="2014-Q4", department="defra")
    return settings.home


@pytest.fixture
def settings(made: Path, tmp_path: Path) -> Settings:
    shutil.copytree(made, tmp_path / "home")
    return make_settings(tmp_path / "home")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mail_server() as found:
        yield found


def mailing(settings: Settings, box: Mailbox, **more: object) -> Settings:
    return settings.model_copy(update=server_at(box.port) | more)


def server_at(port: int) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_starttls": False,
        "mail_from": "mi@example.org",
    }


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def whose(settings: Settings, registers: Path) -> list[tuple[str, str, bool]]:
    found = waiting(settings, registers=registers)
    return [(one.pack, one.recipient_id, one.is_approved) for one in found]


def test_an_approved_pack_is_put_into_the_recipients_folder_with_a_receipt(
    settings: Settings, tmp_path: Path
) -> None:
    registers = register(tmp_path, OFFICE)
    assert whose(settings, registers) == [("mi-2014-Q4", "office", False)]
    with pytest.raises(UsageError, match="waits for approval"):
        hand_over(settings, "mi-2014-Q4", registers=registers, check=passes)
    assert not settings.handed_over.exists()

    (receipt,) = hand_over(
        settings, "mi-2014-Q4", role="head of MI", registers=registers, check=passes
    )

    there = settings.home / "handed-over" / "office" / "mi-2014-Q4"
    assert receipt.place == str(there)
    assert bytes_of(there) == bytes_of(settings.exports / "mi-2014-Q4")
    assert (receipt.approved_by_role, receipt.edition, receipt.way) == ("head of MI", 1, "folder")
    assert receipt.checked["gate"] == "passed"
    kept = json.loads((settings.receipts / f"{receipt.key}.receipt.json").read_text())
    assert Receipt(**kept) == receipt
    assert [path.name for path in settings.receipts.iterdir()] == [f"{receipt.key}.receipt.json"]
    assert whose(settings, registers) == []


def test_a_second_time_nothing_is_handed_over(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE)
    first = hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    place = Path(first[0].place)
    place.rename(place.with_name("fetched"))
    again = hand_over(settings, "mi-2014-Q4", role="others", registers=registers, check=passes)
    assert again == first
    assert not place.exists()


def test_editions_wait_for_whoever_had_the_one_before(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE, ANGLERS)
    export_quarter(settings, quarter="2014-Q3")
    assert whose(settings, registers) == [
        ("mi-2014-Q4", "office", False),
        ("mi-2014-Q4-defra", "anglers", False),
    ]
    hand_over(settings, "mi-2014-Q3", to="anglers", role="MI", registers=registers, check=passes)
    hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    published(settings, "run-2", log_version=9, digital_count=601)
    for quarter in ("2014-Q3", "2014-Q4"):
        export_quarter(settings, quarter=quarter)
    assert whose(settings, registers) == [
        ("mi-2014-Q4-edition-2", "office", False),
        ("mi-2014-Q3-edition-2", "anglers", False),
        ("mi-2014-Q4-defra", "anglers", False),
    ]


def test_where_the_settings_say_auto_nobody_is_asked(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE)
    settings = settings.model_copy(update={"handover": "auto"})
    assert whose(settings, registers) == [("mi-2014-Q4", "office", True)]
    (receipt,) = hand_over_all(settings, registers=registers, check=passes)
    assert receipt.approved_by_role is None
    assert list(hand_over_all(settings, registers=registers, check=passes)) == []


def test_only_what_was_asked_is_approved_with_it(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE, ANGLERS)
    asked = {("mi-2014-Q4-defra", "anglers"), ("mi-2010-Q1", "office")}
    found = list(hand_over_all(settings, role="MI", asked=asked, registers=registers, check=passes))
    assert [(one.pack, one.recipient_id) for one in found] == [("mi-2014-Q4-defra", "anglers")]
    assert whose(settings, registers) == [("mi-2014-Q4", "office", False)]


def test_nothing_leaves_a_home_that_is_simulated_or_the_example(
    settings: Settings, tmp_path: Path
) -> None:
    registers = register(tmp_path, OFFICE)
    mark_example(settings)
    assert waiting(settings, registers=registers) == []
    with pytest.raises(UsageError, match="example: nothing of it is handed over"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    simulated = published(make_settings(tmp_path / "other"), is_simulated=True)
    simulated = simulated.model_copy(update={"handover": "auto"})
    pack = export_quarter(simulated, quarter="2014-Q4").path
    assert waiting(simulated, registers=registers) == []
    with pytest.raises(UsageError, match="simulated: nothing of it is handed over"):
        hand_over(simulated, pack.name, role="MI", registers=registers, check=passes)
    for home in (settings, simulated):
        assert not home.handed_over.exists()
        assert not home.receipts.exists()


def test_a_pack_that_fails_its_gate_stays(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE)
    (settings.exports / "mi-2014-Q4" / "services.csv").write_text("service_id\nmine\n")
    with pytest.raises(StoppedByGate, match=r"services\.csv"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers)
    assert not settings.handed_over.exists()
    # What changes after the gate has looked stays too.
    with pytest.raises(TakeupError, match=r"services\.csv has changed"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    assert not list(settings.handed_over.rglob("*.csv"))
    assert not list(settings.receipts.glob("*.receipt.json"))


@pytest.mark.parametrize("role", ["", "  ", "me@example.org", "x" * 101])
def test_a_role_is_a_few_words(settings: Settings, tmp_path: Path, role: str) -> None:
    registers = register(tmp_path, OFFICE)
    with pytest.raises(UsageError, match="role"):
        hand_over(settings, "mi-2014-Q4", role=role, registers=registers, check=passes)
    assert whose(settings, registers) == [("mi-2014-Q4", "office", False)]


@pytest.mark.parametrize(
    ("pack", "to", "said"),
    [
        ("mi-2010-Q1", None, "there is no pack"),
        ("../exports/mi-2014-Q4", None, "there is no pack"),
        ("mi-2014-Q4", "nobody", "no recipient 'nobody'"),
        ("mi-2014-Q4-defra", None, "nobody in recipients.csv gets packs of defra"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    settings: Settings, tmp_path: Path, pack: str, to: str | None, said: str
) -> None:
    registers = register(tmp_path, OFFICE)
    with pytest.raises(UsageError, match=said):
        hand_over(settings, pack, to=to, role="MI", registers=registers, check=passes)


def test_two_at_once_do_not_hand_over_twice(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE)
    with sole_writer(settings.receipts), pytest.raises(LeaseHeld):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)


def test_something_else_in_its_place_is_not_touched(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, OFFICE)
    theirs = settings.handed_over / "office" / "mi-2014-Q4"
    theirs.mkdir(parents=True)
    (theirs / "notes.txt").write_text("theirs")
    with pytest.raises(TakeupError, match="something else than the pack"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    assert bytes_of(theirs) == {"notes.txt": b"theirs"}


# Killed before the folder has its name, and after it has, before there is a receipt.
@pytest.mark.parametrize("moment", ["publish.delivery.flush", "publish.receipts.Receipts.keep"])
def test_what_died_half_way_is_finished_without_a_second_approval(
    settings: Settings, tmp_path: Path, moment: str
) -> None:
    registers = register(tmp_path, OFFICE)
    program = f"""
        import os, signal
        from pathlib import Path
        from unittest import mock
        from core.settings import Settings
        from expectations.results import GateResult
        from publish.hand_over import hand_over

        def dies(*arguments):
            os.kill(os.getpid(), signal.SIGKILL)

        def passes(settings, pack):
            return GateResult(gate="pack", run_id=pack.name, outcome="passed")

        import publish.delivery, publish.receipts
        with mock.patch("{moment}", dies):
            hand_over(
                Settings(home=Path({str(settings.home)!r})), "mi-2014-Q4", role="MI",
                registers=Path({str(registers)!r}), check=passes,
            )
    """
    died = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], cwd=PROJECT_ROOT, check=False
    )
    assert died.returncode == -signal.SIGKILL
    assert whose(settings, registers) == [("mi-2014-Q4", "office", True)]

    (receipt,) = hand_over(settings, "mi-2014-Q4", registers=registers, check=passes)

    assert receipt.approved_by_role == "MI"
    assert [path.name for path in (settings.handed_over / "office").iterdir()] == ["mi-2014-Q4"]
    assert bytes_of(Path(receipt.place)) == bytes_of(settings.exports / "mi-2014-Q4")


def test_a_mail_has_the_summary_the_digest_and_the_pack(
    settings: Settings, tmp_path: Path, box: Mailbox
) -> None:
    registers = register(tmp_path, PRESS)
    (receipt,) = hand_over(
        mailing(settings, box), "mi-2014-Q4", role="MI", registers=registers, check=passes
    )
    (mail,) = box.mails
    assert (mail["To"], mail["From"]) == ("press@example.org", "mi@example.org")
    assert mail["Message-ID"] == f"<{receipt.key}@takeup>"
    assert "mi-2014-Q4" in mail["Subject"]
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        text = part.get_content()
        assert receipt.manifest_sha256 in text
        assert "not official statistics" in text
        assert ("<" in text) == (kind == "html")
    (attached,) = mail.iter_attachments()
    with zipfile.ZipFile(io.BytesIO(attached.get_content())) as archive:
        found = {name.rpartition("/")[2]: archive.read(name) for name in archive.namelist()}
    assert found == bytes_of(settings.exports / "mi-2014-Q4")
    assert receipt.place == "press@example.org"


def test_a_large_pack_is_named_and_not_attached(
    settings: Settings, tmp_path: Path, box: Mailbox
) -> None:
    registers = register(tmp_path, PRESS)
    small = mailing(settings, box, mail_attachment_bytes=1000, contact="the MI team")
    hand_over(small, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    (mail,) = box.mails
    assert list(mail.iter_attachments()) == []
    body = mail.get_body(("plain",))
    assert body is not None
    assert "too large to be attached: ask for it (the MI team)" in body.get_content()


def test_a_mail_that_the_server_refuses_can_be_sent_again(
    settings: Settings, tmp_path: Path, box: Mailbox
) -> None:
    registers = register(tmp_path, PRESS, OFFICE)
    settings = mailing(settings, box)
    box.mood = "refuses"
    with pytest.raises(TakeupError, match="refused the mail"):
        hand_over(settings, "mi-2014-Q4", to="press", role="MI", registers=registers, check=passes)
    assert whose(settings, registers) == [
        ("mi-2014-Q4", "press", True),
        ("mi-2014-Q4", "office", False),
    ]
    box.mood = "takes"
    hand_over(settings, "mi-2014-Q4", to="press", registers=registers, check=passes)
    assert len(box.mails) == 1


@pytest.mark.parametrize("mood", ["breaks_off", "takes_and_breaks_off"])
def test_a_mail_of_which_nobody_knows_whether_it_went_is_not_sent_twice(
    settings: Settings, tmp_path: Path, box: Mailbox, mood: str
) -> None:
    registers = register(tmp_path, PRESS)
    settings = mailing(settings, box)
    box.mood = mood  # type: ignore[assignment]
    with pytest.raises(TakeupError, match="broke off"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    box.mood = "takes"
    with pytest.raises(TakeupError, match="may have gone out"):
        hand_over(settings, "mi-2014-Q4", registers=registers, check=passes)
    went = mood == "takes_and_breaks_off"
    hand_over(settings, "mi-2014-Q4", was_sent=went, registers=registers, check=passes)
    assert len(box.mails) == 1
    assert whose(settings, registers) == []


def test_without_a_mail_server_it_says_what_to_set(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, PRESS)
    with pytest.raises(UsageError, match="TAKEUP_SMTP_HOST"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    away = settings.model_copy(update=server_at(1))
    with pytest.raises(delivery.NotSent, match=r"127\.0\.0\.1:1"):
        hand_over(away, "mi-2014-Q4", registers=registers, check=passes)


def test_one_that_fails_keeps_no_other_from_going(settings: Settings, tmp_path: Path) -> None:
    registers = register(tmp_path, PRESS, OFFICE)
    settings = settings.model_copy(update={"handover": "auto"})
    went = []
    with pytest.raises(TakeupError, match="mi-2014-Q4 to press: packs go by e-mail"):
        went += hand_over_all(settings, registers=registers, check=passes)
    assert (settings.handed_over / "office" / "mi-2014-Q4").is_dir()
    assert whose(settings, registers) == [("mi-2014-Q4", "press", True)]


def test_a_receipt_that_can_not_be_read_is_not_taken_for_none(
    settings: Settings, tmp_path: Path
) -> None:
    registers = register(tmp_path, OFFICE)
    (receipt,) = hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)
    (settings.receipts / f"{receipt.key}.receipt.json").write_text("{")
    with pytest.raises(TakeupError, match="can't be read"):
        hand_over(settings, "mi-2014-Q4", role="MI", registers=registers, check=passes)


def test_status_names_what_waits_and_the_next_step(settings: Settings) -> None:
    found = status_of(settings)
    assert [one["pack"] for one in found["hand_over"]] == ["mi-2014-Q4"]
    (said,) = (one.text for one in told_of(found) if one.label == "hand-over")
    assert said.startswith("mi-2014-Q4 for Cabinet Office WAITS FOR APPROVAL: look at it, then")
    assert said.endswith("`takeup hand-over mi-2014-Q4 --role ROLE`")
    auto = status_of(settings.model_copy(update={"handover": "auto"}))
    assert "is approved, not handed over" in str([one.text for one in told_of(auto)])


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("office,The Office,reads them,atlantis,folder,,x\n", "'atlantis' is not a department_id"),
        ("office,The Office,reads them,,post,,x\n", "not 'post'"),
        ("office,The Office,reads them,,email,,x\n", "not the address of one mailbox"),
        ('office,The Office,r,,email,"a@b.uk, c@d.uk",x\n', "not the address of one mailbox"),
        ("office,The Office,reads them,,folder,a@b.uk,x\n", "a mailbox is for the way email"),
        ("../office,The Office,reads them,,folder,,x\n", "is not an identifier"),
        ("office,The Office,,,folder,,x\n", "no role"),
        (OFFICE + OFFICE, "office appears twice"),
    ],
)
def test_a_register_that_can_not_be_right_is_refused_with_its_line(
    tmp_path: Path, row: str, said: str
) -> None:
    line = 1 + row.count("\n")
    with pytest.raises(UsageError, match=rf"recipients\.csv, line {line}: .*{said}"):
        recipients_of(register(tmp_path, row))


def test_the_register_that_comes_with_the_project_holds_and_names_no_mailbox() -> None:
    found = recipients_of()
    assert [one.recipient_id for one in found] == ["cabinet-office"]
    assert all(one.mailbox is None for one in found)
