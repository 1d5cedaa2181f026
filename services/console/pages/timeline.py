"""Everything that happened in a case, as one list: on which day, what, by whom and why."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

from services.console.rendering import cause_of_hold, label, pounds
from services.console.responses.cases import Case, Decision, Hold, ImprovementNotice, Letter, PenaltyNotice
from services.console.responses.support import EntrySummary


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened; `who` is empty where nobody's word was needed, `address` leads to more about it."""

    on: date
    at: datetime
    what: str
    who: str = ""
    why: str = ""
    address: str = ""


def timeline(
    case: Case,
    improvement_notices: Iterable[ImprovementNotice],
    penalty_notices: Iterable[PenaltyNotice],
    letters: Mapping[UUID, Sequence[Letter]],
    support: Iterable[EntrySummary],
) -> list[Happened]:
    """Return what happened in a case and what was tried for its child, the latest first."""
    found = [
        _on(case.met_at.date, "The threshold was met"),
        _on(case.opened_on, "The case was opened"),
        *_rulings(case),
        *(each for notice in improvement_notices for each in _improvement(case, notice)),
        *(each for notice in penalty_notices for each in _penalty(case, notice)),
        *(each for sent in letters.values() for letter in sent for each in _letter(case, letter)),
        *(each for hold in case.holds for each in _hold(hold)),
        *(_tried(case, entry) for entry in support),
    ]
    if case.closed_on:
        found.append(_on(case.closed_on, f"The case was closed: {label(case.outcome or 'closed').lower()}"))
    return sorted(found, key=lambda each: (each.on, each.at), reverse=True)


def _on(day: date, what: str, who: str = "", why: str | None = None, address: str = "", at: datetime | None = None) -> Happened:
    return Happened(day, at or datetime.combine(day, time(), UTC), what, who, why or "", address)


def _rulings(case: Case) -> Iterator[Happened]:
    for each in case.rulings:
        who = f"{each.by} ({label(each.role)})"
        if isinstance(each, Decision):
            about = _parties(case, each.parent_ids)
            why = each.reason + (
                f" Why no Notice to Improve: {each.no_improvement_notice_reason}" if each.no_improvement_notice_reason else ""
            )
            yield _on(each.on, f"Decision. {label(each.decision)}{about}", who, why, at=each.at)
        else:
            agrees = "agrees" if each.agreed else "does not agree"
            yield _on(each.on, f"The authority {agrees}: {label(each.recommendation).lower()}", who, each.reason, at=each.at)


def _improvement(case: Case, notice: ImprovementNotice) -> Iterator[Happened]:
    to, here = f"Notice to Improve to {_name(case, notice.parent_id)}", f"#notice-{notice.id}"
    yield _on(notice.issued_on, f"{to} issued", notice.issued_by or "", address=here)
    if notice.served_on:
        yield _on(notice.served_on, f"{to} received", address=here)
    if notice.ended_on:
        yield _on(notice.ended_on, f"{to}: {label(notice.status).lower()}", notice.ended_by or "", notice.outcome_reason, here)


def _penalty(case: Case, notice: PenaltyNotice) -> Iterator[Happened]:
    to, here = f"Penalty notice {notice.reference} to {_name(case, notice.parent_id)}", f"#notice-{notice.id}"
    yield _on(notice.issued_on, f"{to} issued", notice.issued_by, address=here)
    if notice.received_on:
        yield _on(notice.received_on, f"{to} received", address=here)
    if notice.paid_on:
        yield _on(notice.paid_on, f"{to} paid: {pounds(notice.paid_pence)}", address=here)
    if notice.withdrawn_on:
        ground = f": {label(notice.withdrawal_ground).lower()}" if notice.withdrawal_ground else ""
        yield _on(notice.withdrawn_on, f"{to} withdrawn{ground}", address=here)


def _letter(case: Case, letter: Letter) -> Iterator[Happened]:
    if letter.posted_on:
        what = f"Letter posted to {_name(case, letter.parent_id)}: {label(letter.kind)}"
        yield _on(letter.posted_on, what, address=f"/letters/{letter.id}.pdf")


def _hold(hold: Hold) -> Iterator[Happened]:
    if hold.held_on:
        yield _on(hold.held_on, "Stopped until an officer clears it", why=cause_of_hold(hold))
    if hold.cleared_on:
        yield _on(hold.cleared_on, "Cleared, so that it may go on", hold.cleared_by or "", hold.cleared_reason)


def _tried(case: Case, entry: EntrySummary) -> Happened:
    content = entry.content
    what = f"Support: {label(content.kind)}{', not done' if content.not_done_because else ''}"
    address = f"/cases/{case.id}/support/{entry.id}"
    return _on(content.made_on, what, entry.written_by, content.not_done_because or content.outcome or content.notes, address)


def _name(case: Case, parent_id: UUID) -> str:
    return case.names.get(parent_id, "a parent")


def _parties(case: Case, parent_ids: Sequence[UUID]) -> str:
    names = " and ".join(_name(case, each) for each in parent_ids)
    return f": {names}" if names else ""
