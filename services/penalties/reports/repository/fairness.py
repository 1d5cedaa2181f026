"""The cases of schools in a period, what was decided in them, and reasons that were used word for word more than once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from services.penalties.reports.domain.fairness import CaseFacts
from services.penalties.tables import row_of
from shared.database import Transaction
from shared.database.rows import fetch_all

SHOWN = 5
"""Reasons of a school that are shown: those used most."""

_IN_SCOPE = """
    opened_on BETWEEN :first AND :last
    AND (CAST(:la_code AS text) IS NULL OR la_code = :la_code)
    AND (CAST(:urns AS integer[]) IS NULL OR urn = ANY(CAST(:urns AS integer[])))
"""


def _words(column: str) -> str:
    """Return SQL for what two texts have in common that agree word for word: their letters, without capitals, punctuation and spaces."""
    return f"""md5(translate(lower({column}), E' \\t\\n\\r\\u00a0.,;:!?()"\\'', ''))"""


_OPENED = text(f"SELECT id FROM cases WHERE {_IN_SCOPE}")  # noqa: S608 -- every part stands in this module
_FACTS = text(f"""
    WITH opened AS (
        SELECT id, urn, la_code, opened_on, closed_on, threshold <> 'below' AS threshold_met FROM cases WHERE id = ANY(CAST(:ids AS uuid[]))
    ), answers AS (
        SELECT case_id, count(*) FILTER (WHERE agreed) AS agreed, count(*) FILTER (WHERE NOT agreed) AS declined,
            min(agreed_at) FILTER (WHERE NOT agreed) AS declined_at
        FROM agreements WHERE case_id = ANY(CAST(:ids AS uuid[])) GROUP BY case_id
    ), decided AS (
        SELECT case_id, min(decided_on) AS decided_on, count(*) AS decisions, array_agg(DISTINCT decision) AS kinds,
            array_agg(DISTINCT {_words("reason")}) AS reasons,
            bool_or(decision = ANY(CAST(:requests AS text[])) AND no_improvement_notice_reason IS NOT NULL) AS without_improvement_notice,
            count(*) FILTER (WHERE decision = ANY(CAST(:requests AS text[])) AND decided_at > declined_at) AS resubmitted
        FROM decisions LEFT JOIN answers USING (case_id) WHERE case_id = ANY(CAST(:ids AS uuid[])) GROUP BY case_id
    ), improving AS (
        SELECT DISTINCT case_id FROM improvement_notices WHERE status <> 'cancelled' AND case_id = ANY(CAST(:ids AS uuid[]))
    )
    SELECT urn, la_code, opened_on, closed_on, threshold_met, decided_on, coalesce(decisions, 0) AS decisions, coalesce(kinds, '{{}}') AS kinds,
        coalesce(reasons, '{{}}') AS reasons,
        improving.case_id IS NOT NULL AS improvement_notice, coalesce(without_improvement_notice, false) AS without_improvement_notice,
        coalesce(agreed, 0) AS agreed, coalesce(declined, 0) AS declined, coalesce(resubmitted, 0) AS resubmitted
    FROM opened
    LEFT JOIN decided ON decided.case_id = opened.id
    LEFT JOIN answers ON answers.case_id = opened.id
    LEFT JOIN improving ON improving.case_id = opened.id
""")  # noqa: S608 -- every part stands in this module


_REUSED = f"""
    SELECT urn, min(reason) AS reason, count(DISTINCT case_id) AS cases
    FROM decisions JOIN cases ON cases.id = decisions.case_id
    WHERE {_IN_SCOPE}
    GROUP BY urn, {_words("reason")} HAVING count(DISTINCT case_id) > 1
"""  # noqa: S608 -- every part stands in this module
_REUSED_TEXTS = text(f"SELECT reason, cases FROM ({_REUSED}) AS reused ORDER BY cases DESC, reason LIMIT {SHOWN}")  # noqa: S608 -- the same
_WITHOUT_NOTICE = text(f"""
    SELECT min(no_improvement_notice_reason) AS reason, count(DISTINCT case_id) AS cases
    FROM decisions JOIN cases ON cases.id = decisions.case_id
    WHERE {_IN_SCOPE} AND no_improvement_notice_reason IS NOT NULL AND decision = ANY(CAST(:requests AS text[]))
    GROUP BY {_words("no_improvement_notice_reason")} ORDER BY cases DESC, reason LIMIT {SHOWN}
""")  # noqa: S608 -- the same
_USES = text(f"""
    SELECT mine.id AS decision_id, mine.reason, count(DISTINCT other.case_id) AS cases
    FROM decisions AS mine
    JOIN cases AS own ON own.id = mine.case_id
    JOIN cases ON cases.urn = own.urn
    JOIN decisions AS other ON other.case_id = cases.id AND other.decided_on > :since AND {_words("other.reason")} = {_words("mine.reason")}
    WHERE mine.case_id = :case_id AND mine.decision = ANY(CAST(:requests AS text[]))
    GROUP BY mine.id, mine.reason ORDER BY mine.id
""")  # noqa: S608 -- the same


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose cases a report is about: None means every school, every authority."""

    urns: Sequence[int] | None
    la_code: str | None


@dataclass(frozen=True, slots=True)
class ReasonGiven:
    """A reason, and in how many cases it was given word for word."""

    reason: str
    cases: int


@dataclass(frozen=True, slots=True)
class RequestReason:
    """The reason of a request, and in how many of the school's cases it was given word for word, this one among them."""

    decision_id: UUID
    reason: str
    cases: int


async def cases_opened(tx: Transaction, scope: Scope, first: date, last: date) -> list[UUID]:
    """Return the cases that were opened in a period and that the caller may see."""
    return [*(await tx.execute(_OPENED, _in_scope(scope, first, last))).scalars()]


async def facts_of(tx: Transaction, ids: Sequence[UUID], requests: Sequence[str]) -> list[CaseFacts]:
    """Return what was decided in these cases, and what the authority answered."""
    return await fetch_all(tx, _FACTS, row_of(CaseFacts), {"ids": [*ids], "requests": [*requests]})


async def reused_reasons(tx: Transaction, scope: Scope, first: date, last: date) -> list[ReasonGiven]:
    """Return the reasons that were given word for word in several cases of the period, the most used first."""
    return await fetch_all(tx, _REUSED_TEXTS, ReasonGiven, _in_scope(scope, first, last))


async def reasons_without_improvement_notice(
    tx: Transaction, scope: Scope, first: date, last: date, requests: Sequence[str]
) -> list[ReasonGiven]:
    """Return why there was no Notice to Improve before a request, the most frequent reason first."""
    return await fetch_all(tx, _WITHOUT_NOTICE, ReasonGiven, {**_in_scope(scope, first, last), "requests": [*requests]})


async def uses_of_reasons(tx: Transaction, case_id: UUID, since: date, requests: Sequence[str]) -> list[RequestReason]:
    """Return the reasons of the requests in a case, and how often its school gave each word for word after a day."""
    return await fetch_all(tx, _USES, RequestReason, {"case_id": case_id, "since": since, "requests": [*requests]})


def _in_scope(scope: Scope, first: date, last: date) -> dict[str, object]:
    return {"first": first, "last": last, "la_code": scope.la_code, "urns": None if scope.urns is None else [*scope.urns]}
