"""Source: reports that state promises, progress and figures (plain text or HTML)."""

from ingest.sources.reports.document import Claim, Document, Named, Number, Period, Problem, Section
from ingest.sources.reports.events import Reject, merge_citations, read_report, recognise
from ingest.sources.reports.reader import read_document
from ingest.sources.reports.registers import Registers, load_registers
from ingest.sources.reports.text import UnreadableReport

__all__ = [
    "Claim",
    "Document",
    "Named",
    "Number",
    "Period",
    "Problem",
    "Registers",
    "Reject",
    "Section",
    "UnreadableReport",
    "load_registers",
    "merge_citations",
    "read_document",
    "read_report",
    "recognise",
]
