"""A notice or a referral rests on the register as it stands when it is issued or agreed to."""

import asyncio
import time
from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
import pytest_asyncio

from services.penalties.evidence import clients, use_cases
from services.penalties.evidence.domain import ThresholdView
from shared.contracts.penalties import CaseDecided
from shared.ids import new_id
from shared.problems import Unavailable
from tests.penalties.chain import both_sessions, judged, marked, missing

AGREED = {"agreed": True, "recommendation": "prosecution", "reason": "Evidence complete."}


async def to_be_prosecuted(chain):
    """Return a case in which the prosecution of one parent is asked for."""
    case_id = await chain.opened()
    await chain.decide(case_id, "prosecution", 0, no_improvement_notice_reason="A third notice is not possible.")
    return case_id


@pytest_asyncio.fixture(autouse=True)
async def _no_question_outlives_its_test():
    yield
    asking = [question.asking for question in use_cases._questions.values()]
    for each in asking:
        each.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_a_notice_waits_for_marks_of_the_register_that_have_not_been_judged_yet(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "N", "O")]
    on_its_way, arrived = (judged([marked("2026-09-18", "PM", *codes)]) for codes in (["N"], ["N", "O"]))
    registers.judged = [judged(), on_its_way, on_its_way, arrived]

    await chain.fine(case_id, 0)

    assert registers.judged == [arrived]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))
    registers.judged = [on_its_way]
    refused = await chain.fine(case_id, 1, expect=503)
    assert (refused["type"], refused["sessions"]) == ("/problems/evidence-on-its-way", ["2026-09-18 PM"])


async def test_a_notice_waits_for_a_judgement_that_has_not_arrived_here(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.judged = [judged(runs=[{"run_id": str(chain.run), "revision": chain.revision + 1}])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    assert (await chain.fine(case_id, expect=503))["sessions"] == []

    await chain.deliver(chain.met(both_sessions("2026-09-14", "2026-09-21")))
    assert {
        len((await chain.get(f"/v1/penalty-notices/{each['id']}"))["sessions"]) for each in await chain.fine(case_id, last="2026-09-21")
    } == {12}


async def test_a_present_mark_that_was_never_amended_has_nothing_to_be_judged(chain, registers):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "\\")]

    assert len(await chain.fine(case_id)) == 2


async def test_a_notice_does_not_wait_for_a_judgement_of_other_minutes_late(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-17", "AM", "L", "L"), marked("2026-09-18", "PM", "N", "U", "U")]
    registers.judged = [judged([marked("2026-09-18", "PM", "N", "U")])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    assert len(await chain.fine(case_id)) == 2


@pytest.mark.parametrize(
    ("held", "judged_of_it"),
    [(("O", "I"), ("O",)), (("O",), ()), (("\\",), ())],
    ids=["amended", "absent", "present"],
)
async def test_a_notice_waits_for_the_mark_on_the_other_record_that_the_school_has_of_the_child(
    chain, registers, monkeypatch, held, judged_of_it
):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    own, other = marked("2026-09-18", "PM", "O"), marked("2026-09-18", "PM", *held, record=new_id())
    answered = [own, *([marked("2026-09-18", "PM", *judged_of_it, record=UUID(other["pupil_id"]))] if judged_of_it else [])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    for marks in ([own, other], [other, own]):
        registers.marks = marks
        for answer in (answered, answered[::-1]):
            registers.judged = [judged(answer)]
            assert (await chain.fine(case_id, expect=503))["sessions"] == ["2026-09-18 PM"]

    registers.judged = [judged([own, other])]
    assert len(await chain.fine(case_id)) == 2


async def test_a_present_mark_of_a_record_that_was_not_on_the_roll_is_not_waited_for(chain, registers, monkeypatch):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    own, outside = marked("2026-09-18", "PM", "O"), marked("2026-09-18", "PM", "\\", record=new_id(), flags=["off-roll"])
    registers.marks, registers.judged = [own, outside], [judged([own])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    assert len(await chain.fine(case_id)) == 2


@pytest.mark.parametrize(
    ("mark", "before"),
    [(marked("2026-09-14", "AM", "O", "I"), [marked("2026-09-14", "AM", "O")]), (marked("2026-09-21", "AM", "O"), [])],
    ids=["a session relied on was amended", "a new session today"],
)
async def test_an_agreement_to_a_prosecution_waits_for_the_register(chain, registers, monkeypatch, mark, before):
    case_id = await to_be_prosecuted(chain)
    registers.marks = [marked("2026-09-13", "AM", "O"), mark]  # a Sunday before the first session is no concern of the referral
    registers.judged = [judged(before), judged(before), judged([mark])]

    await chain.agree(case_id, "prosecution")

    assert registers.judged == [judged([mark])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))
    registers.judged = [judged(before)]
    refused = await chain.agree(case_id, "prosecution", expect=503)
    assert (refused["type"], refused["sessions"]) == ("/problems/evidence-on-its-way", [f"{mark['date']} AM"])


async def test_marks_that_arrive_while_an_agreement_waits_are_referred(chain, registers, monkeypatch):
    case_id = await to_be_prosecuted(chain)
    registers.judged = [judged(runs=[{"run_id": str(chain.run), "revision": chain.revision + 1}])]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))
    assert (await chain.agree(case_id, "prosecution", expect=503))["sessions"] == []

    await chain.deliver(chain.met(both_sessions("2026-09-14", "2026-09-21")))
    await chain.agree(case_id, "prosecution")

    answers = [event for event in await chain.published() if isinstance(event, CaseDecided) and event.stage == "agreement"]
    assert [len(event.sessions) for event in answers] == [12]


async def test_an_agreement_to_anything_else_does_not_wait(chain, registers, monkeypatch):
    case_id = await to_be_prosecuted(chain)
    registers.marks = [marked("2026-09-14", "AM", "O", "I")]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    await chain.agree(case_id, "prosecution", agreed=False)
    await chain.agree(case_id, "neither")
    await chain.agree(case_id, "penalty-notice")


async def test_an_agreement_that_is_refused_anyway_does_not_wait(chain, registers, api, monkeypatch):
    case_id = await chain.opened()
    registers.marks = [marked("2026-09-14", "AM", "O", "I")]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))

    assert missing(await chain.agree(case_id, "prosecution", expect=409)) == ["decision"]
    assert (await api.as_("school", schools=[chain.met().urn]).post(f"/v1/cases/{case_id}/agreement", {})).status_code == 403
    assert (await api.as_("aco", la_code="935").post(f"/v1/cases/{case_id}/agreement", {})).status_code == 403
    assert (await api.as_("aco").post(f"/v1/cases/{new_id()}/agreement", {})).status_code == 422
    assert (await api.as_("aco").post(f"/v1/cases/{new_id()}/agreement", AGREED)).status_code == 404
    await chain.decide(case_id, "no-action")
    assert missing(await chain.agree(case_id, "prosecution", expect=409)) == ["case-closed"]


async def test_the_same_agreement_sent_again_gets_the_first_answer_and_a_late_one_is_not_stored(chain, registers, api, monkeypatch):
    case_id = await to_be_prosecuted(chain)
    late = marked("2026-09-14", "AM", "O", "I")
    registers.marks = [late]
    monkeypatch.setattr(use_cases, "LONGEST_WAIT", timedelta(0))
    officer, key = api.as_("aco", name="Ann Officer"), {"Idempotency-Key": "agreed-1"}

    waiting = await officer.post(f"/v1/cases/{case_id}/agreement", AGREED, headers=key)
    registers.judged = [judged([late])]
    first, again = [await officer.post(f"/v1/cases/{case_id}/agreement", AGREED, headers=key) for _ in range(2)]

    assert (waiting.status_code, first.status_code, again.status_code) == (503, 201, 201)
    assert (first.json(), again.headers["Idempotent-Replayed"]) == (again.json(), "true")
    assert len((await chain.get(f"/v1/cases/{case_id}"))["agreements"]) == 1


async def issue_at_once(chain, api, case_id, count):
    """Issue the same notice so many times at once; return the answers."""
    body = {"parents": chain.ids(0), "offence": {"from": "2026-09-14", "to": "2026-09-18"}, "main_reason": "other"}
    officer = api.as_("aco", name="Ann Officer")
    return await asyncio.gather(*(officer.post(f"/v1/cases/{case_id}/penalty-notices", body) for _ in range(count)))


async def test_forty_issues_of_one_notice_at_once_end_as_one_notice_and_share_the_questions(chain, registers, api):
    case_id = await chain.opened()
    await chain.ask_for_notices(case_id)
    registers.marks = [marked("2026-09-18", "PM", "O")]
    registers.judged = [judged(), judged(registers.marks)]

    began = time.process_time()
    async with asyncio.timeout(60):
        answers = await issue_at_once(chain, api, case_id, 40)

    assert (
        time.process_time() - began < 5
    )  # of work, not by the wall: other work on the machine is no fault; what waits is bounded by the questions
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 39}
    assert len([path for path in registers.asked if "/judged" in path]) <= 4


class Asked:
    """Questions to thresholds, each answered when the test lets it be."""

    def __init__(self, monkeypatch):
        self.periods, self.answers, self.asked = [], [], asyncio.Condition()
        monkeypatch.setattr(clients, "threshold_view", self.threshold_view)
        monkeypatch.setattr(clients, "marks_of", self.marks_of)

    async def threshold_view(self, upn, first, last):
        self.periods.append((upn, first, last))
        self.answers.append(answer := asyncio.get_running_loop().create_future())
        async with self.asked:
            self.asked.notify_all()
        return await answer

    async def marks_of(self, upn, first, last):
        return {}

    async def until(self, count):
        async with self.asked:
            await self.asked.wait_for(lambda: len(self.answers) >= count)


DAYS = [date(2026, 9, day) for day in (14, 18, 21)]


async def wait(database, first=DAYS[0], last=DAYS[1], upn="A881400020401"):
    return asyncio.create_task(use_cases.wait_for_period(database, upn, first, last))


async def test_two_who_wait_for_one_pupil_share_a_question_about_the_days_of_both(database, monkeypatch):
    asked = Asked(monkeypatch)
    first, second = await wait(database), await wait(database, DAYS[1], DAYS[2])
    await asked.until(1)
    asked.answers[0].set_result(ThresholdView({}, {}))

    await asyncio.gather(first, second)

    assert asked.periods == [("A881400020401", DAYS[0], DAYS[2])]


async def test_one_who_comes_while_a_question_is_asked_waits_for_the_next(database, monkeypatch):
    monkeypatch.setattr(use_cases, "BETWEEN_QUESTIONS", 0)
    asked = Asked(monkeypatch)
    first = await wait(database)
    await asked.until(1)
    late = await wait(database)
    asked.answers[0].set_result(ThresholdView({}, {}))
    await first

    await asked.until(2)
    assert not late.done()
    asked.answers[1].set_result(ThresholdView({}, {}))
    await late


async def test_one_who_gives_up_takes_the_answer_from_no_other(database, monkeypatch):
    asked = Asked(monkeypatch)
    gone, waiting = await wait(database), await wait(database)
    await asked.until(1)
    gone.cancel()
    asked.answers[0].set_result(ThresholdView({}, {}))

    assert await waiting == ThresholdView({}, {})
    assert len(asked.periods) == 1


async def test_a_failed_question_fails_for_all_who_wait_and_is_asked_anew_for_the_next(database, monkeypatch):
    monkeypatch.setattr(use_cases, "BETWEEN_QUESTIONS", 0)
    asked = Asked(monkeypatch)
    both = [await wait(database), await wait(database)]
    await asked.until(1)
    asked.answers[0].set_exception(Unavailable("thresholds does not answer."))

    assert [type(each) for each in await asyncio.gather(*both, return_exceptions=True)] == [Unavailable] * 2
    again = await wait(database)
    await asked.until(2)
    asked.answers[1].set_result(ThresholdView({}, {}))
    await again


async def test_a_judgement_that_arrives_ends_the_wait_without_another_question(chain, monkeypatch):
    await chain.opened()
    monkeypatch.setattr(use_cases, "BETWEEN_QUESTIONS", 60)
    monkeypatch.setattr(use_cases, "BETWEEN_LOOKS", 60)
    asked = Asked(monkeypatch)
    waiting = await wait(chain.database)
    await asked.until(1)
    asked.answers[0].set_result(ThresholdView({}, {chain.run: chain.revision + 1}))

    await chain.deliver(chain.met(both_sessions("2026-09-14", "2026-09-21")))

    async with asyncio.timeout(30):
        assert (await waiting).runs == {chain.run: chain.revision}
    assert len(asked.periods) == 1
