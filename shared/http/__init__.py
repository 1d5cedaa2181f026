"""The web side that every service shares: routes with access rules, problems, idempotency, paging, health."""

from shared.http.access import Caller, CallerInfo, allow, of_officers_with_an_area
from shared.http.client import ServiceClient
from shared.http.idempotency import keep_answer
from shared.http.paging import Page, Paging
from shared.http.routing import Db, Router, Stopping, Tx
from shared.http.shortcuts import Shortcut, shortcut
from shared.http.types import LaCode, SchoolYear, Upn, Urn
from shared.http.uploads import Upload, Uploaded

__all__ = [
    "Caller",
    "CallerInfo",
    "Db",
    "LaCode",
    "Page",
    "Paging",
    "Router",
    "SchoolYear",
    "ServiceClient",
    "Shortcut",
    "Stopping",
    "Tx",
    "Upload",
    "Uploaded",
    "Upn",
    "Urn",
    "allow",
    "keep_answer",
    "of_officers_with_an_area",
    "shortcut",
]
