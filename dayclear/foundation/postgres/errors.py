"""What can go wrong between Dayclear and its database, in words an administrator can act on.

This package runs before Django does, so it cannot translate. Every message is a template with
named parameters: the command line shows ``gettext(error.template) % error.params``.
"""

from __future__ import annotations


def gettext_noop(text: str) -> str:
    """Mark a message for the translation catalogue without importing Django."""
    return text


class PostgresError(Exception):
    """A refusal with a translatable ``template`` and its ``params``; ``str()`` is English."""

    def __init__(self, template: str, **params: object) -> None:
        self.template = template
        self.params: dict[str, object] = params
        super().__init__(template % params)


class BinariesError(PostgresError):
    """No usable PostgreSQL programs."""


class KeysError(PostgresError):
    """The key file is missing, unreadable or does not fit the data."""


class ServerError(PostgresError):
    """The embedded server cannot start, or the external one cannot be used."""


class RolesError(PostgresError):
    """A role is missing or would get round row-level security."""


class BackupError(PostgresError):
    """A backup or a restore stopped; nothing was changed unless the message says so."""
