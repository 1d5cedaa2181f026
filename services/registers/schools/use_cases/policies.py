"""A school's attendance policies by day, and which schools it continues."""

from datetime import date

from services.registers.schools.repository import policies, schools, successions
from services.registers.schools.schemas.policies import PolicyIn, PolicyOut, PredecessorIn, Succession, Successions
from services.registers.schools.use_cases.schools import read_school
from shared.contracts.registers import Predecessor, SuccessionChanged
from shared.database import Transaction
from shared.messaging import publish
from shared.problems import Conflict, NotFound


class PolicyNotFound(NotFound):
    """The school had sent no attendance policy for that day."""


class PredecessorUnknown(Conflict):
    """The predecessor has not been sent yet."""


class PredecessorImpossible(Conflict):
    """A school cannot continue itself."""


async def put_policy(tx: Transaction, urn: int, since: date, body: PolicyIn, by: str) -> tuple[PolicyOut, bool]:
    """Store a school's policy from a day on, in place of what was said for the same day; return it and whether it is new."""
    await read_school(tx, urn)
    before = await policies.policy_on(tx, urn, since)
    values = body.model_dump(mode="json")
    new = before is None or before.since != since
    if before is None or new or any(getattr(before, name) != value for name, value in values.items()):
        await policies.store_policy(tx, urn, since, values, by)
    return await read_policy(tx, urn, since), new


async def read_policy(tx: Transaction, urn: int, day: date) -> PolicyOut:
    """Return the policy that a school had on a day; raise SchoolNotFound or PolicyNotFound."""
    await read_school(tx, urn)
    policy = await policies.policy_on(tx, urn, day)
    if policy is None:
        raise PolicyNotFound
    return PolicyOut.model_validate(policy)


async def read_policies(tx: Transaction, urn: int) -> list[PolicyOut]:
    """Return every policy of a school, the newest first; raise SchoolNotFound."""
    await read_school(tx, urn)
    return [PolicyOut.model_validate(row) for row in await policies.policies(tx, urn)]


async def put_predecessor(tx: Transaction, urn: int, body: PredecessorIn, by: str) -> tuple[Successions, bool]:
    """Store that a school continues another one, with its pupils' history, from a day on; return what is known and whether it is new.

    Raise SchoolNotFound, PredecessorUnknown or, where the other one continues this one already, PredecessorImpossible.
    """
    await read_school(tx, urn)
    await schools.hold(tx, [urn, body.urn])
    if await schools.school(tx, body.urn) is None:
        raise PredecessorUnknown(f"Send school {body.urn} first.")
    if urn in await successions.continued(tx, [body.urn]):
        raise PredecessorImpossible
    known = {row.urn: row.on for row in await successions.predecessors(tx, urn)}
    if known.get(body.urn) != body.on:
        await successions.store_predecessor(tx, urn, body.urn, body.on, by)
        await _say_succession(tx, urn)
    return await read_successions(tx, urn), body.urn not in known


async def read_successions(tx: Transaction, urn: int) -> Successions:
    """Return the schools before and after this one; raise SchoolNotFound."""
    await read_school(tx, urn)
    return Successions(
        predecessors=[Succession.model_validate(row) for row in await successions.predecessors(tx, urn)],
        successors=[Succession.model_validate(row) for row in await successions.successors(tx, urn)],
    )


async def _say_succession(tx: Transaction, urn: int) -> None:
    continued = tuple(Predecessor(urn=row.urn, since=row.on) for row in await successions.predecessors(tx, urn))
    revision = await schools.raise_revision(tx, urn)
    await publish(tx, SuccessionChanged(school=urn, predecessors=continued, revision=revision))
