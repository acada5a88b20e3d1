"""The one way to a supplier: what sources and runs import is listed here."""

from sync.documents.answers import Answer, Document, Wanted, request_of
from sync.documents.documents import Documents, open_documents
from sync.documents.items import Streamed
from sync.documents.limits import Limits, limits_of
from sync.documents.recorded import Recorded, Recording, listed
from sync.documents.transport import Addresses, Recorder, Transport
from sync.politeness.rates import Rate
from sync.politeness.retries import clock
from sync.webhooks.pushes import Push

__all__ = [
    "Addresses",
    "Answer",
    "Document",
    "Documents",
    "Limits",
    "Push",
    "Rate",
    "Recorded",
    "Recorder",
    "Recording",
    "Streamed",
    "Transport",
    "Wanted",
    "clock",
    "limits_of",
    "listed",
    "open_documents",
    "request_of",
]
