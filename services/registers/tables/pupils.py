"""Pupils, as persons and as schools know them, with their rolls, their UPNs and the records that are of one child."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.registers.tables import INSTANT, METADATA, stored
from shared.database.columns import flags, optional, required

pupils = Table(
    "pupils",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("upn", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("0")),
    *optional(JSONB, "published_rolls", "published_parents"),
    *stored(),
    Column("forename", Text, nullable=False, server_default=text("''")),
    Column("surname", Text, nullable=False, server_default=text("''")),
    *flags("confirmed"),
)
Index("ix_pupils_upn", pupils.c.upn)
"""`upn` may be asserted, and then another pupil's too. Names and `date_of_birth` are what counts: what all schools agree on, what counted before they differed, or (`confirmed`) what an officer
decided. `published_…`: the state in the last event, so that only changes are published."""

pupils_at_schools = Table(
    "pupils_at_schools",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    *required(Text, "forename", "surname"),
    Column("date_of_birth", Date, nullable=False),
    *optional(Text, "year_group", "admission_number"),
    *required(JSONB, "spells", "parents"),
    *stored(),
    Column("claim", Text, nullable=False, server_default=text("'accepted'")),
    *flags("answered"),
    PrimaryKeyConstraint("urn", "pupil_id"),
    CheckConstraint("claim IN ('accepted', 'waiting', 'confirmed', 'refused')", name="claim"),
)
Index("ix_pupils_at_schools_pupil_id", pupils_at_schools.c.pupil_id)
Index("ix_pupils_at_schools_unconfirmed", pupils_at_schools.c.urn, postgresql_where=text("claim IN ('waiting', 'refused')"))
"""`claim`: what the roll entry is worth (`domain/differences.py`); by one that waits or was refused a school reaches nothing.
`answered`: an officer decided about the entry as it stands."""

pupil_differences = Table(
    "pupil_differences",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("opened_at", INSTANT, nullable=False, server_default=func.now()),
    Column("closed_at", INSTANT),
)
Index("uq_pupil_differences_open", pupil_differences.c.pupil_id, unique=True, postgresql_where=text("closed_at IS NULL"))
"""Pupils whom schools record differently, or whom a school claims by a UPN alone, until an officer decides or the schools agree."""

difference_decisions = Table(
    "difference_decisions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("difference_id", Uuid, ForeignKey("pupil_differences.id"), nullable=False),
    Column("urn", Integer, nullable=False),
    Column("claims", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", INSTANT, nullable=False),
    *required(Text, "decided_by", "role"),
)
Index("ix_difference_decisions_difference_id", difference_decisions.c.difference_id)
"""What officers decided: `urn` is the school whose details count; rows are only ever added."""

difference_confirmations = Table(
    "difference_confirmations",
    METADATA,
    Column("difference_id", Uuid, ForeignKey("pupil_differences.id"), nullable=False),
    Column("la_code", Text, nullable=False),
    Column("urn", Integer, nullable=False),
    Column("claims", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("confirmed_at", INSTANT, nullable=False),
    *required(Text, "confirmed_by", "role"),
    PrimaryKeyConstraint("difference_id", "la_code"),
)
"""What officers of some of a pupil's authorities decided, until those of all of them decided alike, or a school's record changes."""

roll_spells = Table(
    "roll_spells",
    METADATA,
    Column("urn", Integer, ForeignKey("schools.urn"), nullable=False),
    Column("upn", Text, nullable=False),
    Column("admitted_on", Date, nullable=False),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    *optional(Date, "left_on", "shared_from", "shared_to"),
    PrimaryKeyConstraint("urn", "upn", "admitted_on"),
    CheckConstraint("left_on >= admitted_on", name="order"),
)
Index("ix_roll_spells_pupil_id", roll_spells.c.pupil_id)
"""By UPN, so that a register finds its pupils in one index; `shared_from`: another school has the pupil too, until `shared_to`."""

recovered_pupils = Table(
    "recovered_pupils",
    METADATA,
    Column("pupil_id", Uuid, primary_key=True),
    Column("upn", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("published_rolls", JSONB, nullable=False),
    Column("published_parents", JSONB),
)
"""Pupils whom events name and no school has sent since the database went back to an old copy: they are made again under these ids."""

upns = Table(
    "upns",
    METADATA,
    Column("upn", Text, primary_key=True),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
)
Index("ix_upns_pupil_id", upns.c.pupil_id)
"""Whose a UPN is or was: the one place that decides it. The present one stands with the pupil."""

asserted_upns = Table(
    "asserted_upns",
    METADATA,
    Column("upn", Text, ForeignKey("upns.upn"), nullable=False),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    PrimaryKeyConstraint("upn", "pupil_id"),
)
Index("ix_asserted_upns_pupil_id", asserted_upns.c.pupil_id)
"""UPNs that were recorded for a pupil while they are another one's (`upns`), out of reach of who recorded them, until officers decide."""

upn_changes = Table(
    "upn_changes",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("pupil_id", Uuid, ForeignKey("pupils.id"), nullable=False),
    *required(Text, "was", "became", "reason", "changed_by", "role"),
    Column("changed_at", INSTANT, nullable=False, server_default=func.now()),
)
Index("ix_upn_changes_pupil_id", upn_changes.c.pupil_id)

pupil_mergers = Table(
    "pupil_mergers",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("survivor", Uuid, ForeignKey("pupils.id"), nullable=False),
    Column("absorbed", Uuid, ForeignKey("pupils.id"), nullable=False),
    *required(Text, "reason", "decided_by", "role"),
    Column("decided_at", INSTANT, nullable=False),
    Column("undone_at", INSTANT),
    Column("wrong_birth", Uuid),
    *optional(Text, "undone_by", "undone_role", "undoing_reason", "wrong_birth_reason"),
    CheckConstraint("survivor <> absorbed", name="two_records"),
    CheckConstraint(
        "(wrong_birth IS NULL) = (wrong_birth_reason IS NULL) AND coalesce(wrong_birth IN (survivor, absorbed), true)", name="wrong_birth"
    ),
)
Index("uq_pupil_mergers_standing", pupil_mergers.c.absorbed, unique=True, postgresql_where=text("undone_at IS NULL"))
Index(
    "ix_pupil_mergers_wrong_birth",
    pupil_mergers.c.wrong_birth,
    postgresql_where=text("undone_at IS NULL AND wrong_birth IS NOT NULL"),
)
Index("ix_pupil_mergers_survivor", pupil_mergers.c.survivor, postgresql_where=text("undone_at IS NULL"))
"""Two records that an officer put together as one child's: a child is known by `survivor`, which is absorbed by none.

`wrong_birth`: whose date of birth is wrong, where they differ; the child is of the age by the other one's."""

merger_proposals = Table(
    "merger_proposals",
    METADATA,
    Column("id", Uuid, primary_key=True),
    *required(Text, "own_upn", "other_upn", "la_code", "reason", "proposed_by", "proposed_role"),
    Column("proposed_at", INSTANT, nullable=False),
    Column("status", Text, nullable=False, server_default=text("'open'")),
    Column("decided_at", INSTANT),
    *optional(Text, "decided_by", "decided_role", "decision_reason"),
    Column("merger_id", Uuid, ForeignKey("pupil_mergers.id")),
    CheckConstraint("status IN ('open', 'confirmed', 'refused')", name="status"),
    CheckConstraint("(status = 'open') = (decided_at IS NULL)", name="decided"),
)
Index(
    "uq_merger_proposals_open",
    merger_proposals.c.own_upn,
    merger_proposals.c.other_upn,
    merger_proposals.c.la_code,
    unique=True,
    postgresql_where=text("status = 'open'"),
)
Index("ix_merger_proposals_merger_id", merger_proposals.c.merger_id)
"""That two records may be of one child, where one is out of reach of the authority that proposes it: `other_upn` need not exist."""
