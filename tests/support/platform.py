"""The platform's tables as they are after every migration, for services that exist in tests alone."""

from sqlalchemy import MetaData

from shared.database import platform

_METADATA = MetaData()
platform.platform_tables(_METADATA)
PLATFORM = frozenset(_METADATA.tables)
"""Their names."""


def create_platform() -> None:
    """Create them."""
    platform.create_platform_tables()
    platform.create_failed_work()
    platform.create_invariant_checks()
    platform.create_published_positions()
    platform.create_topic_readers()
    platform.create_due_work_pause()
