"""The database of an installation: embedded by default, any PostgreSQL from 15 on by its address."""

from dayclear.foundation.postgres.backup import Backup, Restored, backup, drop_replaced, restore
from dayclear.foundation.postgres.database import Database, Login, data_home, resolve_database
from dayclear.foundation.postgres.errors import PostgresError
from dayclear.foundation.postgres.roles import grant_privileges
from dayclear.foundation.postgres.session import Server, running
from dayclear.foundation.postgres.supervisor import Phase, Progress

__all__ = [
    "Backup",
    "Database",
    "Login",
    "Phase",
    "PostgresError",
    "Progress",
    "Restored",
    "Server",
    "backup",
    "data_home",
    "drop_replaced",
    "grant_privileges",
    "resolve_database",
    "restore",
    "running",
]
