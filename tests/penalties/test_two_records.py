"""Two records of one child (an officer decided so): cap, spent sessions, parents and sight are the child's, cases and notices stay as issued."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from shared.contracts.penalties import CaseClosed
from shared.ids import new_id
from tests.penalties.chain import UPN, URN, Chain, both_sessions, judged, missing

TEMPORARY, THERE = "X88140002040A", 100402
LATER = ("2026-10-05", "2026-10-12")
LATER_DAYS: dict[str, Any] = {"first": LATER[0], "last": LATER[1]}


class TwoRecords:
    """The child as events bring it to penalties: `child` at a new school, `other` at the old one, under a temporary UPN."""

    def __init__(self, chain: Chain, registers: Any) -> None:
        self.child, self.other = chain, Chain(chain.database, chain.api)
        self.other.parents = [*chain.parents]
        registers.judged[:] = [judged()]

    def record(self, same_as: UUID | None, revision: int) -> Any:
        roll = self.other.roll((URN, "2025-09-01", "2026-09-30"), upn=TEMPORARY, revision=revision)
        return roll.model_copy(update={"same_as": same_as})

    async def begin(self) -> str:
        """Open a case on the other record; return its id."""
        other = self.other
        calendars = [other.calendar("2025-26"), other.calendar(), other.calendar(urn=THERE)]
        await other.deliver(self.record(None, 1), other.parents_changed(), *calendars, other.met())
        await self.child.deliver(self.child.roll((THERE, "2026-10-01", None)), self.child.parents_changed())
        return await self.case_of(other)

    async def merge(self) -> None:
        await self.other.deliver(self.record(self.child.pupil, 2))

    async def part(self) -> None:
        await self.other.deliver(self.record(None, 3))

    async def case_of(self, chain: Chain) -> str:
        found = (await chain.get("/v1/cases?status=open"))["items"]
        return next(str(case["id"]) for case in found if case["pupil_id"] == str(chain.pupil))

    async def ask_for_notices(self, case: str) -> None:
        """As officers do, of whatever school the case is."""
        asked = {"decision": "penalty-notice", "reason": "Considered.", "no_improvement_notice_reason": "A holiday."}
        await self.child.post(f"/v1/cases/{case}/decisions", {**asked, "parents": self.child.ids()})
        await self.child.agree(case)

    async def meets(self, first: str, last: str) -> str:
        """Let the child meet the threshold by these days; return the case."""
        await self.child.deliver(self.child.met(both_sessions(first, last, urn=THERE), urn=THERE))
        return await self.case_of(self.child)


@pytest.fixture
def two(chain: Chain, registers: Any, today: Any) -> TwoRecords:
    made = TwoRecords(chain, registers)
    today("2026-10-13")
    return made


async def test_a_notice_about_either_record_counts_towards_the_cap_of_the_child(two: TwoRecords):
    case = await two.begin()
    await two.ask_for_notices(case)
    (first,) = await two.other.fine(case, 0)
    await two.merge()
    later = await two.meets(*LATER)
    await two.ask_for_notices(later)

    (second,) = await two.child.fine(later, 0, **LATER_DAYS)
    (others_first,) = await two.child.fine(later, 1, **LATER_DAYS)

    assert (first["tier"], second["tier"], others_first["tier"]) == ("first", "second", "first")


async def test_two_notices_about_one_record_refuse_a_third_about_the_other(two: TwoRecords):
    case = await two.begin()
    await two.ask_for_notices(case)
    await two.other.fine(case, 0)
    await two.other.deliver(two.other.met(both_sessions("2026-09-14", "2026-09-25")))
    await two.ask_for_notices(case)
    await two.other.fine(case, 0, first="2026-09-21", last="2026-09-25")
    await two.merge()
    later = await two.meets(*LATER)
    await two.ask_for_notices(later)

    assert missing(await two.child.fine(later, 0, **LATER_DAYS, expect=409)) == ["cap"]

    await two.part()

    assert (await two.child.fine(later, 0, **LATER_DAYS))[0]["tier"] == "first"


async def test_sessions_that_a_notice_about_one_record_spent_are_relied_on_no_more(two: TwoRecords):
    case = await two.begin()
    await two.ask_for_notices(case)
    await two.other.fine(case, 0)
    await two.merge()
    await two.child.deliver(two.child.met(both_sessions("2026-09-14", "2026-09-18"), urn=THERE))
    later = await two.case_of(two.child)
    await two.ask_for_notices(later)

    assert missing(await two.child.fine(later, 0, expect=409)) == ["no-sessions"]
    assert len(await two.child.fine(later, 1)) == 1


async def test_a_notice_issued_while_two_records_were_one_counts_for_its_record_alone_once_they_are_two(two: TwoRecords):
    old = await two.begin()
    await two.merge()
    later = await two.meets(*LATER)
    await two.ask_for_notices(later)
    await two.child.fine(later, 0, **LATER_DAYS)
    await two.ask_for_notices(old)
    await two.part()

    (first,) = await two.other.fine(old, 0)
    await two.other.deliver(two.other.met(both_sessions(*LATER)))
    await two.ask_for_notices(old)
    (second,) = await two.other.fine(old, 0, **LATER_DAYS)

    assert (first["tier"], second["tier"]) == ("first", "second")
    listed = (await two.child.get("/v1/penalty-notices"))["items"]
    assert [each["case_id"] for each in listed] == [later, old, old]


async def test_the_parents_are_those_of_both_records(two: TwoRecords):
    await two.begin()
    stepfather = new_id()
    await two.other.deliver(two.other.parents_changed(ids=[two.child.parents[0], stepfather], revision=2))
    case = await two.meets(*LATER)
    before = {parent["id"] for parent in (await two.child.get(f"/v1/cases/{case}"))["parents"]}

    await two.merge()

    after = {parent["id"] for parent in (await two.child.get(f"/v1/cases/{case}"))["parents"]}
    assert (before, after - before) == ({*two.child.ids()}, {str(stepfather)})


async def test_either_upn_finds_the_cases_of_both_records_under_the_childs_one_upn(two: TwoRecords):
    cases = {await two.begin(), await two.meets(*LATER)}
    await two.merge()

    for upn in (UPN, TEMPORARY):
        found = (await two.child.get(f"/v1/cases?upn={upn}"))["items"]
        assert ({case["id"] for case in found}, {case["upn"] for case in found}) == (cases, {UPN})

    await two.part()

    assert [len((await two.child.get(f"/v1/cases?upn={upn}"))["items"]) for upn in (UPN, TEMPORARY)] == [1, 1]


async def test_the_present_school_of_either_record_sees_the_case(two: TwoRecords):
    case = await two.begin()
    present = two.child.api.as_("school", schools=[THERE])
    before = (await present.get(f"/v1/cases/{case}")).status_code

    await two.merge()

    assert (before, (await present.get(f"/v1/cases/{case}")).status_code) == (403, 200)
    assert case in [each["id"] for each in (await present.get("/v1/cases")).json()["items"]]


async def test_either_case_of_two_records_sets_aside_but_for_what_the_others_run_holds(two: TwoRecords):
    old, new = await two.begin(), await two.meets(*LATER)
    await two.merge()

    await two.child.decide(old, "no-action")
    await two.child.post(f"/v1/cases/{new}/decisions", {"decision": "no-action", "reason": "Moved abroad.", "parents": two.child.ids()})

    closed = [event for event in await two.child.published() if isinstance(event, CaseClosed)]
    assert [(str(each.case_id), each.set_aside_to) for each in closed] == [(old, date(2026, 10, 13)), (new, date(2026, 10, 13))]


async def test_an_amendment_on_the_other_record_keeps_a_notice_from_relying_on_the_mark(two: TwoRecords):
    await two.begin()
    await two.merge()
    await two.child.deliver(two.child.met(both_sessions("2026-09-14", "2026-09-18")))
    case = await two.case_of(two.child)
    await two.ask_for_notices(case)

    await two.other.deliver(two.other.register("2026-09-14", "AM", "I", 2))

    (issued,) = await two.child.fine(case, 0)
    assert len((await two.child.get(f"/v1/penalty-notices/{issued['id']}"))["sessions"]) == 9


async def test_an_older_event_about_two_records_changes_nothing(two: TwoRecords):
    await two.begin()
    await two.meets(*LATER)
    await two.part()
    await two.merge()

    assert len((await two.child.get(f"/v1/cases?upn={UPN}"))["items"]) == 1
