"""A pupil's attendance and engagement."""

from datetime import date
from typing import Annotated, Self

from pydantic import Field

from services.registers.engagement.domain import AbsenceMark
from services.registers.engagement.use_cases import Figures, PupilEngagement
from services.registers.fields import Answer


class EngagementFigures(Answer):
    """Sessions by class, and the shares in per cent: null where no session is counted.

    `expected`: the possible sessions less those that leave (C, C1, C2), illness (I) and appointments (M) excused. `absence_mark`: persistent
    where a tenth or more of the possible sessions was missed, severe where half or more.
    """

    possible: int
    attended: int
    authorised: int
    unauthorised: int
    not_possible: int
    missed: int
    excused: int
    expected: int
    attendance: float | None
    absence: float | None
    engagement: float | None
    absence_mark: AbsenceMark | None

    @classmethod
    def of(cls, figures: Figures) -> Self:
        """Return figures as the API shows them."""
        counted = {name: getattr(figures.counts, name) for name in cls.model_fields if name != "absence_mark"}
        return cls(**counted, absence_mark=figures.absence_mark)


class SchoolEngagement(EngagementFigures):
    """The figures at one school."""

    urn: int


class EngagementOut(Answer):
    """A pupil's figures of a period: in all, each session once, and at each school that the caller may see."""

    upn: str
    start: Annotated[date, Field(alias="from")]
    end: Annotated[date, Field(alias="to")]
    total: EngagementFigures
    schools: list[SchoolEngagement]
    findings: list[dict[str, object]]

    @classmethod
    def of(cls, found: PupilEngagement) -> Self:
        """Return a pupil's figures as the API shows them."""
        return cls(
            upn=found.upn,
            start=found.start,
            end=found.end,
            total=EngagementFigures.of(found.total),
            schools=[SchoolEngagement(**dict(EngagementFigures.of(each)), urn=urn) for urn, each in found.schools.items()],
            findings=[each.as_json() for each in found.findings],
        )
