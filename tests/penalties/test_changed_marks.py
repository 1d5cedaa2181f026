"""What a case shows once a mark behind it has changed: that the threshold is being judged again, for as long as that is so."""

from typing import Any

from tests.penalties.chain import Chain, both_sessions

DAY = "2026-09-14"
AGAIN = "the threshold is being judged again"


async def why_not(chain: Chain, case: str) -> str:
    """Return why no Notice to Improve can be issued."""
    shown: dict[str, Any] = await chain.get(f"/v1/cases/{case}")
    return next(each["why_not"] or "" for each in shown["actions"] if each["action"] == "issue-notice-to-improve")


async def test_a_mark_that_has_just_changed_is_judged_again_until_the_judgement_arrives(chain: Chain) -> None:
    case = await chain.opened()
    await chain.deliver(chain.register(DAY, "AM", "G", 2))
    before = await why_not(chain, case)

    judged = both_sessions(DAY, "2026-09-18")
    await chain.deliver(chain.met([judged[0].model_copy(update={"code": "G", "version": 2}), *judged[1:]]))

    assert AGAIN in before
    assert AGAIN not in await why_not(chain, case)


async def test_a_mark_that_changes_after_its_session_was_spent_is_not_shown_as_being_judged_again(chain: Chain) -> None:
    case = await chain.opened()
    await chain.ask_for_notices(case, 0)
    (notice,) = await chain.fine(case, 0)

    await chain.deliver(chain.register(DAY, "AM", "I", 2), chain.changed(notice["id"], DAY, "AM"))
    await chain.post(f"/v1/cases/{case}/clearances", {"about": notice["id"], "reason": "The other nine stand."})

    shown = await why_not(chain, case)
    assert AGAIN not in shown
    assert "a penalty notice or a charge has used these sessions" in shown


async def test_a_withdrawn_threshold_is_not_shown_as_being_judged_again(chain: Chain) -> None:
    case = await chain.opened()
    await chain.deliver(chain.register(DAY, "AM", "I", 2))

    await chain.deliver(chain.withdrawn(both_sessions(DAY, "2026-09-18")[1:]))

    shown = await why_not(chain, case)
    assert AGAIN not in shown
    assert "the threshold is no longer met" in shown
