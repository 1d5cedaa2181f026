"""One PostgreSQL database per service: connections, transactions, the tables every service has, migrations."""

from shared.database.connection import Database, Transaction
from shared.database.platform import NAMING, platform_tables

__all__ = ["NAMING", "Database", "Transaction", "platform_tables"]
