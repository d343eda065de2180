"""The same write sent twice — a double click, a retry after a lost line — has one effect and one answer.

The sender names the request by a key of its own. The first request inserts the key's row and holds its lock until it
commits; the second waits for that, and gets the answer that was kept. A request that is refused keeps nothing: its row
is undone with everything else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from dayclear.foundation.actors import Actor
from dayclear.foundation.decisions import Refused, refuse
from dayclear.foundation.events import canonical
from dayclear.foundation.models import KeptAnswer

KEPT_FOR = timedelta(hours=24)
_KEY_LENGTH = 128

Answer = tuple[int, Mapping[str, Any]]


def answer_once(key: str, request: Any, work: Callable[[], Answer], *, by: Actor, now: datetime) -> tuple[Answer, bool]:
    """Run `work` unless this key was answered before; returns the answer, and whether it is a repeated one.

    Shape: `request` is any JSON value that holds all of what was asked. An empty key means no promise: `work` runs.
    Raises: Refused (`key_used_otherwise`, `key_too_long`), and whatever `work` refuses.
    """
    if not key:
        return work(), False
    if len(key) > _KEY_LENGTH:
        raise Refused(refuse("key_too_long", most=_KEY_LENGTH))
    user = by.user_id or 0
    digest = hashlib.sha256(canonical(request).encode()).digest()
    kept = _take(user, key, digest, now)
    if kept is not None:
        if bytes(kept.request_digest) != digest:
            raise Refused(refuse("key_used_otherwise"))
        return (kept.status or 200, kept.answer or {}), True
    status, answer = work()
    KeptAnswer.objects.filter(user_id=user, key=key).update(
        status=status, answer=dict(answer), answer_digest=hashlib.sha256(canonical(dict(answer)).encode()).digest()
    )
    return (status, answer), False


def _take(user: int, key: str, digest: bytes, now: datetime) -> KeptAnswer | None:
    """Insert the key's row; the kept answer when it was there already."""
    with connection.cursor() as cursor:
        # One statement that waits for a first request in flight, and takes over a row whose day is past.
        cursor.execute(
            """
            INSERT INTO foundation_kept_answer AS k (user_id, key, request_digest, kept_at, ends_at)
            VALUES (%(user)s, %(key)s, %(digest)s, %(now)s, %(end)s)
            ON CONFLICT (user_id, key) DO UPDATE SET request_digest = excluded.request_digest,
                kept_at = excluded.kept_at, ends_at = excluded.ends_at, status = NULL, answer = NULL,
                answer_digest = NULL
            WHERE k.ends_at <= %(now)s
            RETURNING id
            """,
            {"user": user, "key": key, "digest": digest, "now": now, "end": now + KEPT_FOR},
        )
        taken = cursor.fetchone()
    return None if taken else KeptAnswer.objects.get(user_id=user, key=key)


def forget_answers(*, now: datetime) -> int:
    """Remove the answers whose day is past; returns how many."""
    return KeptAnswer.objects.filter(ends_at__lte=now).delete()[0]
