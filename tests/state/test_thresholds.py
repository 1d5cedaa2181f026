"""What thresholds holds, published again: runs and approaches as they were published last, changes of marks as they were published."""

from services.notifications.app import SERVICE as NOTIFICATIONS
from services.penalties.app import SERVICE as PENALTIES
from services.prosecutions.app import SERVICE as PROSECUTIONS
from services.thresholds.app import SERVICE as THRESHOLDS
from shared.ids import new_id
from tests.state.carrying import Outbox, carry, content, publish_state
from tests.thresholds.builders import full_days
from tests.thresholds.events import OTHER, absences, calendars_a, enrolled, issued, recorded

TEN, SIX = full_days("2026-09-14", "2026-09-18"), full_days("2026-09-21", "2026-09-23")
READERS = (NOTIFICATIONS, PENALTIES, PROSECUTIONS)


async def story(thresholds):
    """One pupil whose run was withdrawn and another run met, whose notices rely on a mark that changed; another one who approaches."""
    outbox, third = Outbox(thresholds), new_id()
    await carry([enrolled(), enrolled(pupil=OTHER, upn="A881200024002"), *calendars_a()], thresholds, THRESHOLDS)
    await carry(absences(TEN), thresholds, THRESHOLDS)
    await carry([issued(TEN[:3], "notice-to-improve")], thresholds, THRESHOLDS)
    await carry([recorded(TEN[0], "I", version=2, before="O")], thresholds, THRESHOLDS)
    await carry([recorded(each, "O", pupil=OTHER) for each in SIX], thresholds, THRESHOLDS)
    await carry([enrolled(pupil=third, upn="B881200024003")], thresholds, THRESHOLDS)
    await carry([recorded(each, "G", pupil=third) for each in TEN], thresholds, THRESHOLDS)
    return outbox, await outbox.take()


async def test_the_state_of_thresholds_is_what_it_published(thresholds, thresholds_api):
    outbox, events = await story(thresholds)

    await publish_state(thresholds_api)

    state = await outbox.take()
    approaches = [event for event in state if event.name == "threshold-approaching"]
    assert [event for event in state if event not in events and event not in approaches] == []
    assert {(event.pupil_id, event.revision) for event in approaches} <= {
        (event.pupil_id, event.revision) for event in events if event.name == "threshold-approaching"
    }
    assert {event.name for event in state} == {event.name for event in events}


async def test_readers_who_have_the_state_of_thresholds_change_nothing_by_it(thresholds, thresholds_api, databases):
    outbox, events = await story(thresholds)
    await publish_state(thresholds_api)
    state = await outbox.take()

    for service in READERS:
        reader = databases[service.name]
        published = Outbox(reader)
        await carry(events, reader, service)
        before = await content(reader, service)
        await published.take()
        await carry(state, reader, service)

        assert await content(reader, service) == before
        assert await published.take() == []


async def test_a_reader_who_missed_that_a_threshold_was_met_opens_the_case_once_the_state_is_published_again(
    thresholds, thresholds_api, penalties
):
    outbox, _lost = await story(thresholds)
    await publish_state(thresholds_api)
    state = await outbox.take()

    await carry(state, penalties, PENALTIES)
    opened = await Outbox(penalties).take()
    await carry(state, penalties, PENALTIES)

    assert [event.name for event in opened] == ["case-opened", "case-opened"]
    assert await Outbox(penalties).take() == opened


async def test_earlier_revisions_of_a_run_that_were_missed_replace_nothing_of_a_later_one(thresholds, thresholds_api, penalties):
    outbox, events = await story(thresholds)
    await carry([recorded(TEN[0], "O", version=3, before="I")], thresholds, THRESHOLDS)
    (later,) = [event for event in await outbox.take() if event.name == "threshold-met"]
    await carry([later], penalties, PENALTIES)
    before = (await content(penalties, PENALTIES))["cases"]
    earlier = [event for event in events if event.name in ("threshold-met", "threshold-withdrawn") and event.pupil_id == later.pupil_id]

    await carry(earlier, penalties, PENALTIES)

    assert {each.run_id for each in earlier} == {later.run_id}
    assert all(each.revision < later.revision for each in earlier)
    assert (await content(penalties, PENALTIES))["cases"] == before
