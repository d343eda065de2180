"""The embedded server's configuration files, written anew at every start."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

from dayclear.foundation.postgres.accounts import ROOT, Account, user_name
from dayclear.foundation.postgres.database import SUPERUSER

CUSTOM_FILE = "custom.conf"

_MEGABYTE = 1024 * 1024
_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))

_SETTINGS = """\
# Written by Dayclear at every start. Put settings of your own into custom.conf in this folder.
listen_addresses = ''
unix_socket_permissions = 0700
max_connections = 100
password_encryption = 'scram-sha-256'
timezone = 'UTC'
log_timezone = 'UTC'

# What is committed survives a power cut.
fsync = on
synchronous_commit = on
full_page_writes = on

shared_buffers = {shared_buffers}MB
effective_cache_size = {effective_cache_size}MB
maintenance_work_mem = {maintenance_work_mem}MB
work_mem = 16MB
max_wal_size = 2GB
min_wal_size = 128MB
checkpoint_timeout = 15min
wal_compression = on
random_page_cost = 1.1
jit = off

# One file per weekday, overwritten after a week. Statements and row values stay out of the log: they
# carry names and numbers of persons. To look for slow statements, set log_min_duration_statement
# in custom.conf for as long as it takes.
logging_collector = on
log_directory = 'log'
log_filename = 'postgresql-%a.log'
log_rotation_age = 1d
log_rotation_size = 0
log_truncate_on_rotation = on
log_line_prefix = '%m [%p] %u@%d '
log_lock_waits = on
log_min_duration_statement = -1
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0

include_if_exists = '{custom}'
"""

# The superuser only by who you are on this machine; every other role only by its password.
_ACCESS = """\
# Written by Dayclear at every start.
local all {superuser} peer map=dayclear
local all all scram-sha-256
"""


def write_configuration(data: Path, account: Account) -> None:
    """Put the three files into ``data``; the administrator's ``custom.conf`` stays as it is."""
    memory_mb = _memory_bytes() // _MEGABYTE
    settings = _SETTINGS.format(
        shared_buffers=_between(128, memory_mb // 16, 2048),
        effective_cache_size=_between(256, memory_mb // 2, 65536),
        maintenance_work_mem=_between(64, memory_mb // 64, 512),
        custom=CUSTOM_FILE,
    )
    # Root may always come in; so may the user the server runs as, unless that is the shared "nobody".
    names = {user_name(os.geteuid()), user_name(ROOT)}
    if account.name != "nobody":
        names.add(account.name)
    identities = "".join(f'dayclear "{name}" {SUPERUSER}\n' for name in sorted(names))
    _write(data / "postgresql.conf", settings, account)
    _write(data / "pg_hba.conf", _ACCESS.format(superuser=SUPERUSER), account)
    _write(data / "pg_ident.conf", "# Written by Dayclear at every start.\n" + identities, account)


def _write(path: Path, text: str, account: Account) -> None:
    draft = path.with_name(f"{path.name}.new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o600)
    if account.is_other:
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)


def _memory_bytes() -> int:
    """What this machine, or the container's limit, allows."""
    memory = psutil.virtual_memory().total
    for path in _CGROUP_LIMITS:
        if path.exists():
            text = path.read_text(encoding="ascii").strip()
            if text.isdecimal():
                memory = min(memory, int(text))
    return memory


def _between(low: int, value: int, high: int) -> int:
    return max(low, min(value, high))
