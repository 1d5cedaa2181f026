"""One PostgreSQL database per service: connections, transactions, the tables every service has, migrations."""

from shared.database.connection import ALL_ROWS, Database, RowVisibility, Transaction, all_rows_visible, driver
from shared.database.errors import is_cut_off, is_transient, unavailable
from shared.database.limits import JOB, REQUEST, Limits
from shared.database.platform import NAMING, platform_tables
