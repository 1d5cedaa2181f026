"""What comes back after the database went back to an old copy: facts by reading the events of others again, runs from the service's own events.

First every fact is read up to where the topics end, and nobody is judged: a run would be withdrawn that has only part of its marks. Then
the runs come back as they were published, with their ids and revisions, and last everybody is judged by all of it: what stands otherwise
than it was published is published now, as the next step of its run.
"""

from collections.abc import Iterable, Sequence
from functools import partial

from services.thresholds.consumers import consumers
from services.thresholds.domain.counting import HOLIDAY, CountingSession
from services.thresholds.domain.judgement import Crossing, Judgement
from services.thresholds.domain.runs import RunStep
from services.thresholds.domain.sessions import Session, Span
from services.thresholds.repository import runs, state
from services.thresholds.repository.pupils import lock_pupils
from services.thresholds.repository.reliances import pupils_without_kept
from services.thresholds.use_cases.judging import judging_deferred
from services.thresholds.use_cases.recomputation import judge_batch
from services.thresholds.use_cases.reliances import work_out_kept
from shared.contracts.event import RelianceSession
from shared.contracts.thresholds import ReliedOnMarkChanged, ThresholdApproaching, ThresholdMet, ThresholdWithdrawn
from shared.database import Database, Transaction
from shared.law import Finding
from shared.messaging import EventHandlers
from shared.messaging.consumers import ConsumerLoop
from shared.messaging.messages import Transport
from shared.messaging.recovery import Recovery

TOPICS = ("registers", "penalties", "prosecutions")
"""What is read again, in this order: what relies on marks is judged by where they, rolls and calendars have come to."""


def recovery(transport: Transport) -> Recovery:
    """Return what each of the service's events brings back."""
    handlers = EventHandlers("thresholds")
    handlers.on(ThresholdMet)(_meet)
    handlers.on(ThresholdWithdrawn)(_withdraw)
    handlers.on(ThresholdApproaching)(_approach)
    handlers.on(ReliedOnMarkChanged)(_change_mark)
    return Recovery(handlers, _judge_everybody, partial(_read_facts, transport), lacks=None)


async def _read_facts(transport: Transport, database: Database) -> None:
    with judging_deferred():
        await ConsumerLoop(database, consumers, transport).catch_up(TOPICS)


async def _meet(tx: Transaction, event: ThresholdMet) -> None:
    await lock_pupils(tx, [event.pupil_id])
    if await runs.has_step(tx, event.run_id, event.revision):
        return
    step = RunStep(event.run_id, event.revision, "met")
    await runs.add_run_steps(tx, [(event.pupil_id, step, judgement_of(event))])
    if event.separated:
        await runs.restore_end(tx, event.pupil_id, event.run_id)
    else:
        await runs.restore_open_run(tx, event.pupil_id, step)


async def _withdraw(tx: Transaction, event: ThresholdWithdrawn) -> None:
    await lock_pupils(tx, [event.pupil_id])
    if await runs.has_step(tx, event.run_id, event.revision):
        return
    la_code = event.own.la_code if event.own else ""
    judgement = Judgement("below", event.count, _sessions(event.counting, la_code))
    await runs.add_run_steps(tx, [(event.pupil_id, RunStep(event.run_id, event.revision, "withdrawn"), judgement)])
    await runs.restore_end(tx, event.pupil_id, event.run_id)


async def _approach(tx: Transaction, event: ThresholdApproaching) -> None:
    await lock_pupils(tx, [event.pupil_id])
    await runs.restore_approach(tx, event.pupil_id, event.revision)


async def _change_mark(tx: Transaction, event: ReliedOnMarkChanged) -> None:
    await lock_pupils(tx, [event.pupil_id])
    await state.add_missing_mark_change(tx, event.pupil_id, event.model_dump_json())


async def _judge_everybody(database: Database) -> Sequence[str]:
    """Judge everybody by what was brought back and publish what stands otherwise; return how many events, for a person."""
    async with database.begin() as tx:
        await work_out_kept(tx, await pupils_without_kept(tx))
    events, after = 0, None
    while True:
        async with database.begin() as tx:
            batch = await judge_batch(tx, after=after)
            events, after = events + await state.count_to_be_published(tx), batch.next
        if after is None:
            break
    return [f"{events} events are published now: what arrived meanwhile changes a threshold"] if events else []


def judgement_of(event: ThresholdMet) -> Judgement:
    """Return the judgement that an event was made of; the authority of every session is that of the crossing."""
    holiday = event.holiday_period
    return Judgement(
        status="met",
        count=len(event.sessions),
        counting=_sessions(event.counting, event.la_code),
        crossing=Crossing(_sessions(event.sessions, event.la_code), event.weeks),
        holiday=Span(holiday.start, holiday.end) if holiday else None,
        policy=event.policy,
        earliest_time_bar=event.earliest_time_bar,
        findings=tuple(Finding.from_json(each) for each in event.findings),
    )


def _sessions(sessions: Iterable[RelianceSession], la_code: str) -> tuple[CountingSession, ...]:
    return tuple(
        CountingSession(
            Session(each.date, each.session), each.urn, la_code, each.code, each.version, (each.urn,) if each.code == HOLIDAY else ()
        )
        for each in sessions
    )
