"""Where pupils stand, for those who may know."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.thresholds.domain.explanation import Sentence, explain
from services.thresholds.domain.pupils import history_of, judgement_of, losses_between, set_aside_of
from services.thresholds.domain.reasons import count_with_unresolved
from services.thresholds.repository import identities, reading
from services.thresholds.use_cases import children
from services.thresholds.use_cases.judging import policies, schools_of
from shared import clock
from shared.attendance.successions import continued
from shared.database import Transaction
from shared.http import CallerInfo
from shared.problems import Forbidden, Invalid, NotFound


class PupilNotFound(NotFound):
    """No pupil has this number."""


class PlaceUnknown(Invalid):
    """`after` is not a place in this list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which standings are asked for."""

    status: str | None
    urn: int | None
    la_code: str | None
    after: str | None
    limit: int


async def may_see_pupil(tx: Transaction, caller: CallerInfo, path: Mapping[str, Any]) -> None:
    """Refuse a pupil who is not the caller's own: now or formerly on the roll of their schools, or of one that these continue, or in their area.

    A school is not told whether such a pupil exists; an officer of the authority is.
    """
    pupil_id = await identities.pupil_of(tx, str(path["upn"]))
    if caller.bound:
        if pupil_id is None or not await reading.ever_at(tx, pupil_id, schools=await continued(tx, caller.schools)):
            raise Forbidden("This token is not for that pupil.")
    elif caller.la_code and pupil_id and not await reading.ever_at(tx, pupil_id, la_code=caller.la_code):
        raise Forbidden("This token is not for that pupil.")


async def read_threshold(tx: Transaction, upn: str) -> dict[str, Any]:
    """Return a pupil's threshold as it was last judged, or is judged now where it is below, and its count if reasons never established were entered as O.

    Any UPN that the pupil has or had will do; the answer names the present one.
    """
    pupil_id = await identities.pupil_of(tx, upn)
    if pupil_id is None:
        raise PupilNotFound
    (pupil,) = await children.load(tx, [pupil_id], await identities.absorbed(tx, [pupil_id]), everything=True)
    schools, unresolved = await schools_of(tx, [pupil]), None
    if pupil.roll:
        unresolved = count_with_unresolved(history_of(pupil, pupil.roll, schools), policies(), clock.today())
    return {
        **judgement_of(pupil, schools, policies()),
        "pupil_id": pupil_id,
        "upn": await identities.present_upn(tx, pupil_id),
        "run_id": pupil.standing.run_id,
        "count_with_unresolved_n": unresolved,
    }


async def read_judged(tx: Transaction, upn: str, first: date, last: date) -> dict[str, Any]:
    """Return the marks of a period that have been judged, which of its sessions are set aside or lost, and the last revision said of each run.

    Raise PupilNotFound.
    """
    pupil_id = await identities.pupil_of(tx, upn)
    if pupil_id is None:
        raise PupilNotFound
    (pupil,) = await children.load(tx, [pupil_id], await identities.absorbed(tx, [pupil_id]), everything=True)
    schools = await schools_of(tx, [pupil])
    return {
        "pupil_id": pupil_id,
        "set_aside": [
            {"date": each.session.date, "session": each.session.half, "urn": each.urn, "code": each.code, "version": each.version}
            for each in set_aside_of(pupil, schools, policies())
            if first <= each.session.date <= last
        ],
        "lost": [
            {"date": mark.session.date, "session": mark.session.half, "urn": mark.urn, "why": why}
            for mark, why in losses_between(pupil, schools.years, first, last)
        ],
        "marks": await reading.marks_between(tx, await identities.records_of(tx, pupil_id), first, last),
        "runs": await reading.runs_said(tx, pupil_id),
    }


async def explain_threshold(tx: Transaction, upn: str) -> tuple[dict[str, Any], tuple[Sentence, ...]]:
    """Return a pupil's threshold as `read_threshold` does, and in plain sentences."""
    found = await read_threshold(tx, upn)
    unresolved, more = found["count_with_unresolved_n"], []
    if unresolved is not None:
        law = policies()(found["la_code"] or "")
        more.append(law.at("reason_school_days", clock.today()).finding("shown as if entered", count=unresolved).as_json())
    return found, explain(found, more)


async def list_standings(tx: Transaction, caller: CallerInfo, asked: Asked) -> list[dict[str, Any]]:
    """Return where pupils stand who are on a roll that the caller may see: one more than asked for, if there are more."""
    own = await continued(tx, caller.schools) if caller.bound else None
    if asked.urn is not None and own is not None and asked.urn not in own:
        raise Forbidden("This token is not for that school.")
    rows = await reading.standings(
        tx,
        status=asked.status,
        schools=own if asked.urn is None else [asked.urn],
        la_code=area(caller, asked.la_code),
        today=clock.today(),
        after=_place(asked.after),
        limit=asked.limit + 1,
    )
    judged = await judgements(tx, [row.id for row in rows])
    return [{**judged[row.id], "pupil_id": row.id, "upn": row.upn, "run_id": row.run_id} for row in rows]


async def judgements(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Mapping[str, Any]]:
    """Return what the facts of these pupils come to: as it is kept, or judged now for those who are below."""
    pupils = await children.load(tx, ids, await identities.absorbed(tx, ids), everything=True)
    schools, packs = await schools_of(tx, pupils), policies()
    return {pupil.id: judgement_of(pupil, schools, packs) for pupil in pupils}


def area(caller: CallerInfo, la_code: str | None) -> str | None:
    """Return the authority to look at: the one asked for, within the caller's own."""
    if caller.la_code and la_code not in {None, caller.la_code}:
        raise Forbidden("This token is not for that authority.")
    return la_code or caller.la_code


def _place(after: str | None) -> UUID | None:
    try:
        return UUID(after) if after else None
    except ValueError as wrong:
        raise PlaceUnknown from wrong
