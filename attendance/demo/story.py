"""One pupil and two parents: the steps that a school, an officer, a parent and a provider take through the public API.

Each step first asks the product whether it has been taken, so an interrupted demo goes on where it stopped.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from pydantic import JsonValue

from attendance import synthetic
from attendance.demo.support import CARELESS_LOG, Entry, careful_log
from attendance.http import Product, eventually
from services.console.responses.cases import Case, CaseSummary, File, FileSummary, ImprovementNotice, PenaltyNotice
from services.console.responses.support import EntrySummary
from services.console.responses.values import ListResponse
from services.penalties.payments.schemas import PaymentOut
from shared.settings import settings

HEAD_OF_YEAR = "Jo Hale"
OFFICER = "Ann Officer"
MANAGER = "Mo Lead"

ABSENT = ("2026-04-13", "2026-04-14", "2026-04-15", "2026-04-16", "2026-04-17", "2026-05-05", "2026-05-06")
"""The days on which the pupil is absent without leave, morning and afternoon."""

N = TypeVar("N", ImprovementNotice, PenaltyNotice)


@dataclass
class Story:
    """The steps by the day on which they are taken; what has happened is read from the product, never remembered."""

    product: Product
    school: synthetic.School
    pupil: synthetic.Pupil
    steps: Mapping[str, Callable[[], Awaitable[None]]] = field(init=False)

    def __post_init__(self) -> None:
        self.steps = {
            "2026-04-20": self.try_support_and_warn,
            "2026-06-15": self.issue_penalty_notices,
            "2026-07-06": self.first_parent_pays,
            "2026-07-15": self.second_parent_is_overdue,
            "2026-07-16": self.record_careless_log,
        }

    async def case(self) -> Case:
        """Return the pupil's case."""

        async def find() -> Sequence[CaseSummary]:
            return (await self.product.get("penalties", f"/v1/cases?upn={self.pupil.upn}", ListResponse[CaseSummary])).items

        found = await eventually("a case for the story's pupil", find)
        return await self.product.get("penalties", f"/v1/cases/{found[0].id}", Case)

    async def improvement_notices(self) -> list[ImprovementNotice]:
        """Return the Notices to Improve, in a fixed order."""
        return await self._notices("notice-to-improve", "notices-to-improve", ImprovementNotice)

    async def penalty_notices(self) -> list[PenaltyNotice]:
        """Return the penalty notices, in a fixed order."""
        return await self._notices("penalty-notice", "penalty-notices", PenaltyNotice)

    async def files(self) -> list[File]:
        """Return the pupil's court files."""
        found = await self.product.get("prosecutions", f"/v1/files?upn={self.pupil.upn}", ListResponse[FileSummary])
        return [await self.product.get("prosecutions", f"/v1/files/{each.id}", File) for each in found.items]

    async def try_support_and_warn(self) -> None:
        """The school records what it tried, then issues Notices to Improve."""
        parents = await self._both_parents()
        recorded = await self._record((await self.case()).id, careful_log(parents))
        for entry in recorded:
            if entry.state == "asked":
                step: dict[str, JsonValue] = {
                    "step": "waiting",
                    "taken_on": "2026-04-20",
                    "notes": "The hub has a waiting list of four weeks.",
                }
                await self._as_school(f"/v1/support-entries/{entry.id}/steps", step)
        await self.issue_improvement_notices()

    async def record_careless_log(self) -> None:
        """The school records, about another pupil, the same letter twice and the same hour twice."""
        found = await self.product.get("penalties", f"/v1/cases?urn={self.school.urn}&status=open", ListResponse[CaseSummary])
        other = next((case for case in found.items if case.upn != self.pupil.upn), None)
        if other is not None:
            await self._record(other.id, CARELESS_LOG)

    async def issue_improvement_notices(self) -> None:
        """The school decides, and issues a Notice to Improve to each parent."""
        parents: list[JsonValue] = [*await self._both_parents()]
        if not await self.improvement_notices():
            await self._school("decisions", decision="notice-to-improve", parents=parents, reason="Two meetings offered, none attended.")
            await self._school(
                "notices-to-improve",
                parents=parents,
                support_offered="Two meetings with the head of year; a place at the breakfast club.",
                support_available="The family hub's drop-in on Tuesdays; a later start agreed for two weeks.",
                contact={"name": HEAD_OF_YEAR, "phone": "01245 000000"},
                expected_improvement="No further unauthorised absence.",
            )

        async def all_served() -> bool:
            return all(notice.served_on for notice in await self.improvement_notices())

        await eventually("Notices to Improve are served", all_served)

    async def issue_penalty_notices(self) -> None:
        """The period has failed: the school asks, the authority agrees, an officer issues penalty notices."""
        for notice in await self.improvement_notices():
            if notice.status not in {"failed", "met", "failed-early", "cancelled"}:
                await self.product.request(
                    "POST", "penalties", f"/v1/notices-to-improve/{notice.id}/outcome", {"outcome": "failed", "reason": "Four further sessions, no engagement."},
                    role="school", schools=[self.school.urn], name=HEAD_OF_YEAR,
                )  # fmt: skip
        if not await self.penalty_notices():
            parents: list[JsonValue] = [str(parent.id) for parent in (await self.case()).parents]
            await self._school("decisions", decision="penalty-notice", parents=parents, reason="Support did not work.")
            await self._authority(
                "agreement",
                "manager",
                MANAGER,
                agreed=True,
                recommendation="penalty-notice",
                reason="Evidence complete; would be prosecuted if unpaid.",
            )
            offence = {"from": ABSENT[0], "to": ABSENT[-1]}
            await self._authority("penalty-notices", "aco", OFFICER, parents=parents, offence={**offence}, main_reason="other")

        async def all_received() -> bool:
            return all(notice.received_on for notice in await self.penalty_notices())

        await eventually("penalty notices are received", all_received)

    async def first_parent_pays(self) -> None:
        """One parent pays at the lower rate, online."""
        payer, _ = await self.penalty_notices()
        if payer.status == "served":
            return_url = f"{settings().service_url('console')}/"
            path = f"/v1/penalty-notices/{payer.id}/payments"
            started = await self.product.request("POST", "penalties", path, {"return_url": return_url}, role="aco", name=OFFICER)
            payment = PaymentOut.model_validate_json(started)
            await self.product.post_to_pay_stand_in(f"/stand-in/payments/{payment.payment_id}/success")

        async def paid() -> bool:
            return (await self.penalty_notices())[0].status == "paid"

        await eventually("the payment is counted", paid)

    async def second_parent_is_overdue(self) -> None:
        """The other parent does not pay, and a court file is opened the day after the last day."""
        await eventually("a court file", self.files)

    async def _notices(self, kind: str, path: str, model: type[N]) -> list[N]:
        ids = sorted(str(each.id) for each in (await self.case()).notices if each.kind == kind)
        return [await self.product.get("penalties", f"/v1/{path}/{each}", model) for each in ids]

    async def _both_parents(self) -> list[str]:
        """Return the ids of the two parents, once both are stored."""

        async def find() -> list[str]:
            parents = (await self.case()).parents
            return [str(parent.id) for parent in parents] if len(parents) == 2 else []

        return await eventually("both parents are stored", find)

    async def _record(self, case_id: UUID, entries: Sequence[Entry]) -> Sequence[EntrySummary]:
        """Record those entries that the log does not hold yet; return the log."""
        path = f"/v1/cases/{case_id}/support-entries"
        recorded = {each.content.notes for each in (await self.product.get("penalties", path, ListResponse[EntrySummary])).items}
        for entry in entries:
            if str(entry["notes"]).strip() not in recorded:
                await self._as_school(path, entry)
        return (await self.product.get("penalties", path, ListResponse[EntrySummary])).items

    async def _as_school(self, path: str, body: Mapping[str, JsonValue]) -> None:
        await self.product.request("POST", "penalties", path, body, role="school", schools=[self.school.urn], name=HEAD_OF_YEAR)

    async def _school(self, what: str, **body: JsonValue) -> None:
        await self._as_school(f"/v1/cases/{(await self.case()).id}/{what}", body)

    async def _authority(self, what: str, role: str, name: str, **body: JsonValue) -> None:
        await self.product.request("POST", "penalties", f"/v1/cases/{(await self.case()).id}/{what}", body, role=role, name=name)
