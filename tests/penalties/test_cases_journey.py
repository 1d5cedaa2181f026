"""One pupil from the threshold to both penalty notices, by the paths of the acceptance journey."""

from datetime import date

from shared.contracts.penalties import CaseDecided, CaseOpened, ImprovementEnded, NoticeIssued
from tests.penalties.chain import UPN, URN, both_sessions


async def test_from_the_threshold_to_a_notice_for_each_parent(chain, today):
    case_id = await chain.opened()
    case = await chain.get(f"/v1/cases/{case_id}", role="school")
    assert (len(case["parents"]), len(case["sessions"]), case["upn"]) == (2, 10, UPN)

    warned = await chain.warn(case_id)
    for notice in warned:
        await chain.deliver(chain.served(notice, "2026-09-21"))
        shown = await chain.get(f"/v1/notices-to-improve/{notice}", role="school")
        assert (shown["served_on"], shown["starts_on"], shown["ends_on"]) == ("2026-09-23", "2026-09-28", "2026-11-13")
        assert (shown["planned_starts_on"], shown["planned_ends_on"]) == ("2026-09-28", "2026-11-13")

    today("2026-10-07")
    more = [*both_sessions("2026-09-14", "2026-09-18"), *both_sessions("2026-10-05", "2026-10-06")]
    await chain.deliver(chain.met(more, met_at={"date": "2026-09-18", "session": "PM"}))
    today("2026-11-16")
    for notice in warned:
        await chain.end(notice)
    await chain.decide(case_id, "penalty-notice")
    await chain.fine(case_id, last="2026-10-06", expect=409)
    await chain.agree(case_id)
    issued = await chain.fine(case_id, last="2026-10-06")

    assert [(n["tier"], n["early_pence"], n["full_pence"], n["status"]) for n in issued] == [("first", 8000, 16000, "issued")] * 2
    assert {n["parent_id"] for n in issued} == set(chain.ids())
    for notice in issued:
        await chain.deliver(chain.served(notice["id"], "2026-11-16"))
        shown = await chain.get(f"/v1/penalty-notices/{notice['id']}")
        assert (shown["received_on"], shown["early_deadline"], shown["final_deadline"]) == ("2026-11-18", "2026-12-08", "2026-12-15")
        assert (shown["due_pence"], shown["status"], len(shown["sessions"])) == (8000, "served", 14)
        assert {finding["provision"] for finding in shown["findings"]} >= {
            "threshold_sessions", "cap_notices", "first_early_amount", "lower_rate_days", "payment_days",
        }  # fmt: skip

    published = await chain.published()
    assert [type(event) for event in published] == [
        CaseOpened, CaseDecided, NoticeIssued, NoticeIssued, ImprovementEnded, ImprovementEnded, CaseDecided, CaseDecided, NoticeIssued,
        NoticeIssued,
    ]  # fmt: skip
    notice = published[-1]
    assert (notice.kind, notice.urn, notice.la_code, len(notice.sessions), notice.issued_on) == (
        "penalty-notice", URN, "881", 14, date(2026, 11, 16),
    )  # fmt: skip
    assert (notice.offence.start, notice.offence.end, notice.main_reason) == (date(2026, 9, 14), date(2026, 10, 6), "other")
    assert {session.version for session in notice.sessions} == {1}
