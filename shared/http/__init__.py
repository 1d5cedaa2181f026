"""The web side that every service shares: routes with access rules, problems, idempotency, paging, health."""

from shared.http.access import OUT_OF_REACH, Caller, CallerInfo, absent, allow, id_in
from shared.http.client import HttpClient, ServiceClient
from shared.http.fast_path import FastPath, fast_path_of
from shared.http.idempotency import keep_answer
from shared.http.paging import Page, Paging
from shared.http.routing import MAX_STRANGERS_BODY, Db, Router, Stopping, Tx
from shared.http.types import LaCode, SchoolYear, Upn, Urn
from shared.http.uploads import Upload, Uploaded
