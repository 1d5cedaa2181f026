"""What happens elsewhere stops or holds a file; it never takes one further."""

from services.prosecutions import repository
from services.prosecutions.domain import pounds
from services.prosecutions.use_cases.ending import say_withdrawn
from services.prosecutions.use_cases.opening import hold_on_outdated_service, mark_changed
from shared import clock
from shared.attendance.identities import store_former_upns
from shared.contracts.notifications import LetterReturned, NoticeServed
from shared.contracts.penalties import NoticeWithdrawn, PaymentReceived
from shared.contracts.registers import RollChanged
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdWithdrawn
from shared.database import Transaction

LOST = {
    "off-roll": "the pupil was not on the school's roll",
    "not-held": "the school's calendar says that it was not held",
    "not-of-age": "the pupil was not of compulsory school age",
}
"""Why a session is none of the pupil's any more, in words."""


async def note_payment(tx: Transaction, event: PaymentReceived) -> None:
    """Stop a draft whose notice is paid in full (s.444A: never both paid and charged); hold what a payment leaves open."""
    await repository.lock_pupil(tx, event.pupil_id)
    if not await repository.store_payment(tx, event.notice_id, event.revision, event.paid_pence, event.discharged):
        return
    file = await repository.file_of_notice(tx, event.notice_id)
    if file is None or file.status not in ("draft", "charged"):
        return
    amount = f"{pounds(event.amount_pence)} received, {pounds(event.paid_pence)} in all"
    await repository.add_entries(tx, file.id, [(event.counted_on, amount, None)])
    if event.discharged and await repository.move(tx, file.id, "stopped", ended_on=clock.today(), outcome="paid"):
        await repository.add_entries(tx, file.id, [(clock.today(), "Stopped: paid in full", None)])
        await say_withdrawn(tx, file, "paid")
        return
    cause = "Paid in full after the charge" if event.discharged else "A part was paid after the last day"
    await repository.hold(tx, file.id, cause, f"payment {event.payment_id} {event.revision}", clock.today())


async def stop_on_withdrawn_notice(tx: Transaction, event: NoticeWithdrawn) -> None:
    """Stop a draft whose notice is withdrawn; a charge that rests on it waits for an officer."""
    await repository.lock_pupil(tx, event.pupil_id)
    await repository.store_withdrawal(tx, event.notice_id, event.withdrawn_on)
    file = await repository.file_of_notice(tx, event.notice_id)
    if file is None:
        return
    if await repository.move(tx, file.id, "stopped", ended_on=clock.today(), outcome="notice-withdrawn"):
        await repository.add_entries(tx, file.id, [(event.withdrawn_on, f"Stopped: the notice was withdrawn ({event.ground})", None)])
        await say_withdrawn(tx, file, "notice-withdrawn")
    elif file.status == "charged":
        await repository.hold(tx, file.id, "The notice was withdrawn after the charge", "notice withdrawn", clock.today())


async def hold_on_changed_mark(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """Hold every file that rests on a mark that changed, or on a session that is none of the pupil's any more, until an officer clears it."""
    await repository.lock_pupil(tx, event.pupil_id)
    if event.lost:
        await _hold_on_lost_session(tx, event)
        return
    await repository.store_mark_change(
        tx, pupil_id=event.pupil_id, urn=event.urn, date=event.date, session=event.session, version=event.version, code=event.code
    )
    named = {each.id for each in event.relied_on_by}
    cause, subject = mark_changed(event.urn, event.date, event.session, event.version)
    if event.loss_id:
        subject = f"{subject} {event.loss_id}"
    for file in await repository.running_files(tx, event.pupil_id):
        older = any(
            (each["urn"], each["date"], each["session"]) == (event.urn, event.date.isoformat(), event.session)
            and each["version"] < event.version
            for each in file.sessions
        )
        if (older or not named.isdisjoint({file.id, file.notice_id})) and await repository.hold(tx, file.id, cause, subject, clock.today()):
            await repository.add_entries(tx, file.id, [(clock.today(), f"Held: {cause} from {event.previous_code} to {event.code}", None)])


async def _hold_on_lost_session(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    """A file that is opened later is named by what is said of itself."""
    named = {each.id for each in event.relied_on_by}
    cause = f"The session of {event.date} {event.session} is relied on, but {LOST[event.lost or 'off-roll']}"
    for file in await repository.running_files(tx, event.pupil_id):
        subject = f"mark {event.urn} {event.date} {event.session} {event.lost} {event.loss_id}"
        if not named.isdisjoint({file.id, file.notice_id}) and await repository.hold(tx, file.id, cause, subject, clock.today()):
            await repository.add_entries(tx, file.id, [(clock.today(), f"Held: {cause}", None)])


async def hold_on_withdrawn_threshold(tx: Transaction, event: ThresholdWithdrawn) -> None:
    """Hold the pupil's files: an amendment took the threshold back."""
    await repository.lock_pupil(tx, event.pupil_id)
    cause = "An amendment took the pupil below the threshold"
    for file in await repository.running_files(tx, event.pupil_id):
        if await repository.hold(tx, file.id, cause, f"threshold {event.run_id} {event.revision}", clock.today()):
            await repository.add_entries(tx, file.id, [(clock.today(), f"Held: {cause.lower()}", None)])


async def note_service(tx: Transaction, event: NoticeServed) -> None:
    """Hold the file of a notice that was received later than was known: it waits until the lengthened time for paying is over."""
    await repository.lock_pupil(tx, event.pupil_id)
    if await repository.store_service(tx, event.notice_id, event.revision, event.received_on):
        await hold_on_outdated_service(tx, event.notice_id)


async def hold_on_returned_letter(tx: Transaction, event: LetterReturned) -> None:
    """Hold the file of a notice whose letter the post brought back."""
    await repository.lock_pupil(tx, event.pupil_id)
    await repository.store_return(tx, event.notice_id, event.returned_on)
    await hold_on_outdated_service(tx, event.notice_id)


async def note_pupil(tx: Transaction, event: RollChanged) -> None:
    """Keep which UPN is, or was, whose, and which record is another one of the same child."""
    if await repository.store_pupil(tx, event.pupil_id, event.upn, event.same_as, event.revision):
        await store_former_upns(tx, {event.pupil_id: event.former_upns})
