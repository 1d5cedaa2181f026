"""One PostgreSQL database per service: connections, transactions, the tables every service has, migrations."""

from shared.database.connection import EVERYTHING, Database, Reach, Transaction, beyond_reach
from shared.database.platform import NAMING, platform_tables
from shared.database.trouble import passing

__all__ = ["EVERYTHING", "NAMING", "Database", "Reach", "Transaction", "beyond_reach", "passing", "platform_tables"]
