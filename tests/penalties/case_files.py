"""A case in memory, and what happens in it to one parent after another."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from services.penalties.case_file.domain.facts import Agreement, CaseFile, CourtFile, Decision, Parent
from services.penalties.case_file.domain.notices import Contact, ImprovementNotice, PenaltyNotice

MOTHER, FATHER = UUID(int=1), UUID(int=2)
FIRST = date(2026, 9, 21)


def a_case_file(**changes: Any) -> CaseFile:
    """An open case about a mother and a father in which nothing has been done."""
    content: dict[str, Any] = {
        "id": UUID(int=9), "pupil_id": UUID(int=8), "urn": 100401, "la_code": "881", "status": "open", "opened_on": FIRST, "run_id": UUID(int=7),
        "policy": "essex", "threshold": "met", "met_on": FIRST, "met_session": "PM", "window_from": date(2026, 7, 13),
        "window_to": date(2026, 9, 20), "sessions": (), "counting": (), "counts": {}, "holiday": False, "holiday_from": None,
        "holiday_to": None, "earliest_time_bar": date(2027, 3, 14), "findings": (), "as_of": FIRST, "parents": (Parent(MOTHER, parent_by="birth"), Parent(FATHER, parent_by="birth")),
    }  # fmt: skip
    return CaseFile(**{**content, **changes})


@dataclass(frozen=True)
class Played:
    """A case, and what has happened in it so far; every step is a day after the one before."""

    case: CaseFile = field(default_factory=a_case_file)

    @property
    def today(self) -> date:
        return self.case.as_of

    def _now(self) -> datetime:
        return datetime.combine(self.today, time(12), UTC)

    def _with(self, **changes: Any) -> "Played":
        return Played(replace(self.case, **changes, as_of=self.today + timedelta(1)))

    def decide(self, decision: Any, *parents: UUID) -> "Played":
        names = parents or (MOTHER,)
        made = Decision(uuid4(), self.case.id, decision, names, "r", "r", self.today, self._now(), "A", "school", "s")
        return self._with(decisions=(*self.case.decisions, made))

    def answer(self, recommendation: Any, *parents: UUID, agreed: bool = True, days: int = 60) -> "Played":
        until = self.today + timedelta(days) if agreed else None
        made = Agreement(
            uuid4(), self.case.id, agreed, recommendation, parents or (MOTHER,), "r", self.today, self._now(), "A", "aco", "s",
            in_force_until=until,
        )  # fmt: skip
        return self._with(agreements=(*self.case.agreements, made))

    def warn(self, parent: UUID = MOTHER) -> "Played":
        notice = ImprovementNotice(
            **self._of_notice(parent), calendar_urn=100401, support_offered="", support_available="", contact=Contact("J"),
            expected_improvement="", early_grounds=None, planned_served_on=self.today, planned_starts_on=self.today,
            planned_ends_on=date(2026, 11, 13),
        )  # fmt: skip
        return self._with(improvement_notices=(*self.case.improvement_notices, notice))

    def end(self, outcome: str, parent: UUID = MOTHER) -> "Played":
        changed = (
            replace(n, status=outcome, ended_on=self.today) if n.running and n.parent_id == parent else n
            for n in self.case.improvement_notices
        )
        return self._with(improvement_notices=tuple(changed))

    def fine(self, parent: UUID = MOTHER) -> "Played":
        notice = PenaltyNotice(
            **self._of_notice(parent), kind="penalty-notice", reference="X", decision_id=uuid4(), agreement_id=uuid4(), offence_from=FIRST,
            offence_to=FIRST, main_reason="other", tier="first", early_pence=8000, full_pence=16000, planned_received_on=self.today,
            planned_early_deadline=self.today, planned_final_deadline=self.today + timedelta(29),
        )  # fmt: skip
        return self._with(penalty_notices=(*self.case.penalty_notices, notice))

    def change(self, parent: UUID = MOTHER, **changes: Any) -> "Played":
        """Change the parent's last penalty notice."""
        last = [n for n in self.case.penalty_notices if n.parent_id == parent][-1]
        return self._with(penalty_notices=tuple(replace(n, **changes) if n is last else n for n in self.case.penalty_notices))

    def pay(self, parent: UUID = MOTHER) -> "Played":
        return self.change(parent, status="paid", paid_on=self.today)

    def withdraw(self, parent: UUID = MOTHER, *, restores: bool = False) -> "Played":
        return self.change(parent, status="withdrawn", withdrawn_on=self.today, restores=restores)

    def open_file(self, parent: UUID = MOTHER) -> "Played":
        """Open a court file: on the parent's unpaid notice, or on the last agreement."""
        notices = tuple(n.id for n in self.case.penalty_notices if n.parent_id == parent and n.unsettled)
        agreement = None if notices else self.case.agreements[-1].id
        file = CourtFile(
            id=uuid4(), case_id=self.case.id, pupil_id=self.case.pupil_id, parent_id=parent, notice_ids=notices, agreement_id=agreement
        )
        return self._with(court_files=(*self.case.court_files, file))

    def file_becomes(self, status: str, parent: UUID = MOTHER, **changes: Any) -> "Played":
        last = [f for f in self.case.court_files if f.parent_id == parent][-1]
        ended_on = self.today if status in {"concluded", "withdrawn"} else None
        changed = replace(last, status=status, ended_on=ended_on, **changes)
        played = self._with(court_files=tuple(changed if f is last else f for f in self.case.court_files))
        verdict = ended_on if status == "concluded" else None
        notices = (replace(n, concluded_on=verdict) if n.id in last.notice_ids else n for n in played.case.penalty_notices)
        return Played(replace(played.case, penalty_notices=tuple(notices)))

    def _of_notice(self, parent: UUID) -> dict[str, Any]:
        return {
            "id": uuid4(), "case_id": self.case.id, "pupil_id": self.case.pupil_id, "parent_id": parent, "urn": 100401, "la_code": "881",
            "sessions": (), "issued_on": self.today, "issued_at": self._now(), "issued_by": "A", "issued_by_role": "aco", "findings": (),
        }  # fmt: skip
