"""A school's attendance policies by day, and which schools it continues."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.registers.schools.domain.schools import Policy, Succession
from services.registers.schools.repository import policies, schools
from services.registers.schools.use_cases.access import require_area
from services.registers.schools.use_cases.schools import Stored, read_school
from shared.contracts.registers import Predecessor, SuccessionChanged
from shared.database import Transaction
from shared.http import CallerInfo
from shared.messaging import publish
from shared.problems import Conflict, NotFound


class PolicyNotFound(NotFound):
    """The school had sent no attendance policy for that day."""


class PredecessorUnknown(Conflict):
    """The predecessor has not been sent yet."""


class PredecessorImpossible(Conflict):
    """A school cannot continue itself."""


@dataclass(frozen=True, slots=True)
class Successions:
    """The schools that a school continues, and those that continue it."""

    predecessors: list[Succession]
    successors: list[Succession]


async def put_policy(tx: Transaction, urn: int, policy: Policy, by: str) -> Stored[Policy]:
    """Store a school's policy from a day on, in place of that of the same day; raise SchoolNotFound."""
    await read_school(tx, urn)
    before = await policies.policy_on(tx, urn, policy.since)
    if policy != before:
        await policies.store_policy(tx, urn, policy, by)
    return Stored(policy, before is None or before.since != policy.since)


async def read_policy(tx: Transaction, urn: int, day: date) -> Policy:
    """Return the policy that a school had on a day; raise SchoolNotFound or PolicyNotFound."""
    await read_school(tx, urn)
    policy = await policies.policy_on(tx, urn, day)
    if policy is None:
        raise PolicyNotFound
    return policy


async def read_policies(tx: Transaction, urn: int) -> list[Policy]:
    """Return every policy of a school, the newest first; raise SchoolNotFound."""
    await read_school(tx, urn)
    return await policies.policies(tx, urn)


async def put_predecessor(tx: Transaction, urn: int, predecessor: int, since: date, caller: CallerInfo) -> Stored[Successions]:
    """Store that a school continues another one, with its pupils' history, from a day on.

    It comes to see that one's pupils: an officer who is narrowed to an authority decides that for two schools of it alone.
    Raise Forbidden, SchoolNotFound, PredecessorUnknown or, where the other one continues this one already, PredecessorImpossible.
    """
    await require_area(tx, caller, predecessor)
    await read_school(tx, urn)
    await schools.lock_schools(tx, [urn, predecessor])
    if await schools.school(tx, predecessor) is None:
        raise PredecessorUnknown(f"Send school {predecessor} first.")
    if urn in await schools.continued(tx, [predecessor]):
        raise PredecessorImpossible
    before = {each.urn: each.on for each in await schools.predecessors(tx, urn)}
    if before.get(predecessor) != since:
        await schools.store_predecessor(tx, urn, predecessor, since, caller.label)
        await publish(tx, succession_changed(urn, await schools.predecessors(tx, urn), await schools.raise_revision(tx, urn)))
    return Stored(await read_successions(tx, urn), predecessor not in before)


def succession_changed(urn: int, predecessors: Sequence[Succession], revision: int) -> SuccessionChanged:
    """Return the event of which schools a school continues."""
    continued = tuple(Predecessor(urn=each.urn, since=each.on) for each in predecessors)
    return SuccessionChanged(school=urn, predecessors=continued, revision=revision)


async def read_successions(tx: Transaction, urn: int) -> Successions:
    """Return the schools before and after this one; raise SchoolNotFound."""
    await read_school(tx, urn)
    return Successions(await schools.predecessors(tx, urn), await schools.successors(tx, urn))
