"""What `thresholds` publishes: approaching, met, withdrawn, and marks that changed under something that rests on them."""

from datetime import date
from typing import Literal
from uuid import UUID

from shared.attendance.sessions import Half
from shared.contracts.event import Event, Findings, Part, Period, RelianceSession, SessionRef


class CountingSession(RelianceSession):
    """A counting session that no notice has spent."""

    set_aside: bool = False
    """Set aside for alerts by a closed case: a notice may still rely on it, with a reason."""


class ThresholdApproaching(Event):
    """The count of a pupil's current window reached the approaching level."""

    topic, name, key_field = "thresholds", "threshold-approaching", "pupil_id"

    pupil_id: UUID
    urn: int
    la_code: str
    count: int
    latest: SessionRef
    revision: int


class ThresholdMet(Event):
    """Ten counting sessions in ten school weeks. Opens a run; published again with the next revision while the run's content changes.

    `sessions` are the ten counted at the crossing; `counting` every unspent counting session of the pupil as it now stands
    (the ten, those set aside and those after the crossing), so that nobody else has to judge what counts.
    """

    topic, name, key_field = "thresholds", "threshold-met", "pupil_id"

    run_id: UUID
    revision: int
    pupil_id: UUID
    urn: int
    """School of the crossing session."""
    la_code: str
    policy: str
    """Policy pack by which it was judged."""
    met_at: SessionRef
    window: Period
    weeks: tuple[date, ...]
    """Mondays of the (at most ten) school weeks judged."""
    sessions: tuple[RelianceSession, ...]
    counting: tuple[CountingSession, ...]
    counts: dict[str, int]
    holiday: bool
    holiday_period: Period | None = None
    earliest_time_bar: date
    """Six calendar months after the earliest of `sessions`."""
    findings: Findings
    separated: bool = False
    """The run has ended, and is again what it was by the pupil's own sessions: another record turned out to be another child's."""


class OwnCrossing(Part):
    """What of a run is a pupil's own, once another record turned out to be another child's: the school, and those of its sessions.

    `met_at`, `window` and `earliest_time_bar`, where the pupil's own sessions alone once met the threshold.
    """

    urn: int
    la_code: str
    sessions: tuple[RelianceSession, ...]
    met_at: SessionRef | None = None
    window: Period | None = None
    earliest_time_bar: date | None = None


class ThresholdWithdrawn(Event):
    """An amendment (of a mark, a roll or a calendar) took an open run below the threshold."""

    topic, name, key_field = "thresholds", "threshold-withdrawn", "pupil_id"

    run_id: UUID
    revision: int
    pupil_id: UUID
    count: int
    counting: tuple[CountingSession, ...] = ()
    """Every unspent counting session as it now stands."""
    sessions: tuple[RelianceSession, ...] = ()
    """Every counting session of the run as it was last published: what rests on one of them rests on this run. Older events have none."""
    own: OwnCrossing | None = None
    """Where two records were separated: the case on this run is the pupil's own again."""


class Reliance(Part):
    """Something that rests on a session."""

    kind: Literal["notice-to-improve", "penalty-notice", "excluded-pupil-notice", "prosecution-file"]
    id: UUID


class ReliedOnMarkChanged(Event):
    """The mark of a session behind a Notice to Improve, a notice or a file changed: what rests on it stops until cleared.

    Or the mark is as it was relied on, and `lost` is why its session is none of the pupil's any more, since a roll or a calendar
    changed: it lies off the school's roll, was not held, or falls outside compulsory school age. `loss_id` distinguishes a loss from an
    earlier one of the same session, which was made good meanwhile; it stands too where the mark is gone (`-`), because it was another child's.
    """

    topic, name, key_field = "thresholds", "relied-on-mark-changed", "pupil_id"

    pupil_id: UUID
    urn: int
    date: date
    session: Half
    previous_code: str
    code: str
    previous_version: int
    version: int
    relied_on_by: tuple[Reliance, ...]
    lost: Literal["off-roll", "not-held", "not-of-age"] | None = None
    loss_id: UUID | None = None
    leave_granted: bool = False
    """The mark is as it was relied on, and the school granted leave for its day since: it counts for nothing until the school confirms it."""

    @property
    def why_lost(self) -> Literal["off-roll", "not-held", "not-of-age", "leave-granted"] | None:
        """Why the session counts for nothing although its mark is as it was relied on."""
        return "leave-granted" if self.leave_granted else self.lost
