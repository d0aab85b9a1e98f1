"""How input is refused: a file whole or one record, each with a reason from a closed list."""

from __future__ import annotations

RECORD_REASONS: dict[str, str] = {
    "torn_line": "the file ends inside this record",
    "too_large": "the record is larger than the limit",
    "too_deep": "the record is nested deeper than the limit",
    "control_character": "it holds a NUL or another control character",
    "not_json": "it is not JSON (NaN, Infinity and trailing commas are not JSON)",
    "not_an_object": "it is JSON, but not an object",
    "duplicate_key": "an object in it has the same key twice",
    "personal_data": "it has a field that the register forbids; its value is masked",
    "invalid_envelope": "specversion, id, source, type, time or data is missing, empty or wrong",
    "unknown_schema": "no schema for this type and version",
    "no_time_zone": "its time has no offset and the source declares none",
    "invalid_time": "its time is not an RFC 3339 moment",
    "in_the_future": "its time lies after the run, beyond the tolerance",
    "missing_field": "a field that the schema requires is not there",
    "invalid_field": "a field has a type, range or value that the schema does not allow",
    "inexact_number": "a number is too large to be held exactly",
    "unknown_service": "neither the register of services nor a publication has it",
    "unknown_channel": "the register of channels does not have it",
    "unknown_value": "another register does not have this value",
    "wrong_kind_of_log": "it is simulated and the log is real, or the other way round",
    "id_conflict": "source and id were used before with other content",
    "cell_twice": "the file gave this figure before, in another record",
    "wrong_width": "the row has another number of cells than the header",
    "unreadable_cell": "the cell holds a digit but not a clean number, or a spreadsheet's error",
    "undecided_figure": "the reader of reports can't tell what this number is: a person must",
    "unplaced_text": "the reader of reports can't place this heading or passage",
    "missing_key": "the row does not say which service it is about",
}

REASONS_OF_SOURCES = frozenset(
    {
        "torn_line",
        "unreadable_cell",
        "missing_key",
        "wrong_width",
        "undecided_figure",
        "unplaced_text",
        "cell_twice",
    }
)
"""What is said of the text itself, or of its file: no other register mends that."""

_SENT_AGAIN = "its sender mends it and sends it again with the same source and id"
_AT_THE_PUBLISHER = "ask who published it, and land the mended file or a newer one"
_IN_A_REGISTER = "`takeup registers suggest`; once it is in the register `takeup quarantine retry`"
_BY_A_PERSON = "a person reads it with `takeup quarantine show` and decides"

NEXT_STEPS: dict[str, str] = dict.fromkeys(RECORD_REASONS, _SENT_AGAIN) | {
    "personal_data": "its sender leaves the field out and sends it again",
    "unknown_schema": "once there is a schema for it, `takeup quarantine retry`",
    "in_the_future": "when its time has come, `takeup quarantine retry`",
    "unknown_service": _IN_A_REGISTER,
    "unknown_channel": _IN_A_REGISTER,
    "unknown_value": _IN_A_REGISTER,
    "wrong_kind_of_log": "land it in the home that is of its kind",
    "id_conflict": "its sender sends it under a new id, or as a correction",
    "cell_twice": _AT_THE_PUBLISHER,
    "wrong_width": _AT_THE_PUBLISHER,
    "unreadable_cell": _AT_THE_PUBLISHER,
    "missing_key": _AT_THE_PUBLISHER,
    "undecided_figure": _BY_A_PERSON,
    "unplaced_text": _BY_A_PERSON,
}
"""What to do about a record that was refused, by its reason."""

FILE_REASONS: dict[str, str] = {
    "unrecognised": "its content is of no source that is known",
    "content_disagrees": "its content is not what its extension says",
    "corrupt": "it can't be unpacked or read to its end",
    "file_too_large": "it is larger than the limit, or unpacks to more",
    "not_utf8": "it is not UTF-8",
    "line_ends": "its lines end with a carriage return alone",
    "bad_header": "a column that is needed is missing, appears twice or is unknown",
    "no_publication_time": "nothing says when it was published",
    "manifest_mismatch": "its bytes are not those that the manifest beside it names",
    "unreadable": "its source could not read it",
    "wrong_kind_of_log": "it is simulated and the log is real, or the other way round",
    "formulas": "a cell of its table is a formula: only stored values are taken",
    "several_tables": "more than one of its sheets looks like the table of a return",
    "macros": "it is a workbook with macros",
    "external_links": "it is a workbook that leads to other files or addresses",
    "encrypted": "it is a workbook that only a password opens",
    "archive_too_large": "it is a workbook with more parts, or that unpacks to more, than is taken",
    "unsafe_xml": "it is a workbook whose XML declares a document type",
}

_SAVED_AGAIN = "its sender saves it as an .xlsx of values, or as CSV in UTF-8, and sends it again"
_LAND_MENDED = "land the mended file"

FILE_NEXT_STEPS: dict[str, str] = dict.fromkeys(FILE_REASONS, _LAND_MENDED) | {
    "unrecognised": "take it out of the landing folder, or land it as a form that is known",
    "content_disagrees": "give it the extension of what it is",
    "file_too_large": "its sender parts it; else raise `TAKEUP_MAXIMUM_FILE_BYTES` and run again",
    "bad_header": "its sender puts the header of the template back and sends it again",
    "no_publication_time": "land a manifest beside it that says when it was published",
    "manifest_mismatch": "land the file again, and its manifest, from where they came",
    "wrong_kind_of_log": NEXT_STEPS["wrong_kind_of_log"],
    "formulas": "its sender pastes values over the formulas and sends it again",
    "several_tables": "its sender deletes the sheets that are copies and sends it again",
    "macros": _SAVED_AGAIN,
    "external_links": "its sender removes all links and hyperlinks and sends it again",
    "encrypted": "its sender saves it without a password and sends it again",
    "archive_too_large": _SAVED_AGAIN,
    "unsafe_xml": _SAVED_AGAIN,
}
"""What to do about a file that was refused, by its reason."""


class FileRejected(Exception):
    """A file is refused whole. `reason` is one of `FILE_REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class FileWaits(Exception):
    """A file is not taken yet: what lies beside it has to be mended first, as `reason` says."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RecordRefused(Exception):
    """A record, a row or a cell is refused. `reason` is one of `RECORD_REASONS`."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
