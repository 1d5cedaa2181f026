"""Events of other services that stop or hold a file; none takes a file further."""

from services.prosecutions import repository
from services.prosecutions.domain.chronology import Step
from services.prosecutions.domain.holds import NO_LONGER_COUNTS, Cause, changed_mark
from services.prosecutions.use_cases.holds import give_up, hold, hold_where_serving_changed
from shared import clock
from shared.attendance.identities import store_former_upns
from shared.attendance.money import pounds
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.penalties import NoticeChanged, NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdWithdrawn
from shared.database import Transaction


async def record_payment(tx: Transaction, event: PaymentReceived) -> None:
    """Stop a draft whose notice is paid in full (s.444A: never both paid and charged); hold a file that was charged or paid in part."""
    await repository.lock_pupil(tx, event.pupil_id)
    if not await repository.store_payment(tx, event.notice_id, event.revision, event.discharged):
        return
    file = await repository.lock_file_of_notice(tx, event.notice_id)
    if file is None or not file.is_open:
        return
    amount = f"{pounds(event.amount_pence)} received, {pounds(event.paid_pence)} in all"
    await repository.add_steps(tx, file.id, Step(event.counted_on, amount))
    if event.discharged and await give_up(tx, file, "stopped", "paid", Step(clock.today(), "Stopped: paid in full")):
        return
    text = "Paid in full after the charge" if event.discharged else "A part was paid after the last day"
    await repository.add_hold(tx, file.id, Cause(text, f"payment {event.payment_id} {event.revision}"), clock.today())


async def stop_on_withdrawn_notice(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Stop a draft whose notice is withdrawn; hold one that is charged already until an officer decides."""
    await repository.lock_pupil(tx, event.pupil_id)
    await repository.store_withdrawal(tx, event.notice_id, event.withdrawn_on)
    file = await repository.lock_file_of_notice(tx, event.notice_id)
    if file is None:
        return
    entry = Step(event.withdrawn_on, f"Stopped: the notice was withdrawn ({event.ground})")
    if not await give_up(tx, file, "stopped", "notice-withdrawn", entry) and file.status == "charged":
        cause = Cause("The notice was withdrawn after the charge", "notice withdrawn")
        await repository.add_hold(tx, file.id, cause, clock.today())


async def hold_on_changed_mark(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Hold every file that relies on a mark that changed, or on a session that does not count for the pupil any more."""
    await repository.lock_pupil(tx, event.pupil_id)
    if event.why_lost:
        await _hold_on_lost_session(tx, event)
        return
    change = repository.MarkChangeRow(event.pupil_id, event.urn, event.date, event.session, event.version)
    await repository.store_mark_change(tx, change)
    cause = changed_mark(event.urn, event.date, event.session, event.version)
    if event.loss_id:
        cause = Cause(cause.text, f"{cause.subject} {event.loss_id}")
    named = {each.id for each in event.relied_on_by}
    for file in await repository.lock_open_files(tx, event.pupil_id):
        if file.is_named_in(named) or file.relies_on_earlier(event.urn, event.date, event.session, event.version):
            await hold(tx, file.id, cause, f"{cause.text} from {event.previous_code} to {event.code}")


async def _hold_on_lost_session(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Hold the files that the event names; for a file that is opened later `thresholds` publishes an event of its own."""
    named = {each.id for each in event.relied_on_by}
    cause = Cause(
        f"The session of {event.date} {event.session} is relied on, but {NO_LONGER_COUNTS[event.why_lost or 'off-roll']}",
        f"mark {event.urn} {event.date} {event.session} {event.why_lost} {event.loss_id}",
    )
    for file in await repository.lock_open_files(tx, event.pupil_id):
        if file.is_named_in(named):
            await hold(tx, file.id, cause, cause.text)


async def hold_on_withdrawn_threshold(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Hold the files that rest on sessions of a run, because an amendment took the pupil below its threshold.

    Another file of the pupil, on a notice whose sessions were spent long before, has nothing to do with this run. An event that does not
    name the run's sessions holds every file: an officer looks at them.
    """
    await repository.lock_pupil(tx, event.pupil_id)
    run = {(each.urn, each.date, each.session) for each in event.sessions}
    cause = Cause("An amendment took the pupil below the threshold", f"threshold {event.run_id} {event.revision}")
    for file in await repository.lock_open_files(tx, event.pupil_id):
        if not run or file.relies_on_any(run):
            await hold(tx, file.id, cause, cause.text.lower())


async def hold_on_later_receipt(tx: Transaction, event: NoticeServed) -> None:
    """Hold the file of a notice that was received later than was known, until the lengthened time for paying is over."""
    await repository.lock_pupil(tx, event.pupil_id)
    if await repository.store_serving(tx, event.notice_id, event.revision, event.received_on):
        await hold_where_serving_changed(tx, event.notice_id)


async def hold_where_not_overdue(tx: Transaction, event: NoticeChanged) -> None:
    """Hold the file of a notice that was overdue too early, until it falls due again."""
    await repository.lock_pupil(tx, event.pupil_id)
    if event.status == "served" and await repository.store_payable(tx, event.notice_id, event.revision, event.final_deadline):
        await hold_where_serving_changed(tx, event.notice_id)


async def hold_on_returned_letter(tx: Transaction, event: LetterReturned) -> None:
    """Hold the file of a notice whose letter the post brought back."""
    await repository.lock_pupil(tx, event.pupil_id)
    await repository.store_return(tx, event.notice_id, event.returned_on)
    await hold_where_serving_changed(tx, event.notice_id)


async def store_pupil(tx: Transaction, event: RollChanged) -> None:
    """Store which UPNs are, or were, a pupil's, and which record is another one of the same child."""
    if await repository.store_pupil(tx, event.pupil_id, event.upn, event.same_as, event.revision):
        await store_former_upns(tx, [event])
