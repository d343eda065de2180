"""`dayclear policy dry-run | apply | undo`: a change of pack over everything open, orders and areas alike.

Here, because it speaks to both; `dayclear policy list` and its like stay below and need no database.
Exit codes: 0 done; 1 refused, or no pack in force; 2 the command was not understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dayclear.foundation.cli import as_json, installation, print_json
from dayclear.policy.calendar import NoPolicyInForce, Policy, applied, day_of_effect, policy_on
from dayclear.policy.cli import policy
from dayclear.policy.loader import shipped
from dayclear.policy.problems import PackError

if TYPE_CHECKING:
    from dayclear.foundation.actors import Actor
    from dayclear.policy.changeover import Effect

_at = click.option("--at", required=True, metavar="INSTANT", help="With its offset, as 2022-11-11T12:00+08:00.")
_as = click.option(
    "--as", "username", required=True, metavar="USER", help="The account that signs; it needs the right."
)


@policy.command("dry-run")
@click.argument("pack")
@_at
@as_json
def dry_run(pack: str, at: str, as_json: bool) -> None:
    """Say what PACK (an id or a file) would change of everything open at an instant. Writes nothing."""
    instant = _instant(at)
    with installation():
        from dayclear.areas import changeover as areas
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.isolation import changeover as orders

        before, after = _packs(pack, instant)
        by = system("command line")
        with acting(by):
            rehearsal = orders.rehearse(before, after, instant, by=by)
            effects = [*rehearsal.effects, *areas.dry_run(before, after, instant, by=by)]
        rooms = {day.isoformat(): count for day, count in rehearsal.rooms}
        _tell("dry-run", before, after, instant, effects, as_json, rooms)


@policy.command()
@click.argument("pack")
@_at
@_as
@as_json
def apply(pack: str, at: str, username: str, as_json: bool) -> None:
    """Carry PACK out over everything open, signed by USER. Run again after a crash, it goes on where it stood."""
    _carry_out("apply", pack, at, username, as_json)


@policy.command()
@click.argument("pack")
@_at
@_as
@as_json
def undo(pack: str, at: str, username: str, as_json: bool) -> None:
    """Answer an applied PACK by another signed decision: areas are judged anew, people are only proposed anew."""
    _carry_out("undo", pack, at, username, as_json)


def _carry_out(what: str, pack: str, at: str, username: str, as_json: bool) -> None:
    instant = _instant(at)
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.scope import acting
        from dayclear.policy.changeover import parts

        before, after = _packs(pack, instant)
        with _signer(username) as by:
            now = clock.now()
            effects: list[Effect] = []
            if what == "apply":
                for part in parts().values():
                    # In transactions of its own, so that a crash loses one batch at most.
                    effects += part.apply(before, after, instant, by=by, now=now)
            else:
                with acting(by):
                    for part in parts().values():
                        effects += part.undo(before, after, instant, by=by, now=now)
        _tell(what, before, after, instant, effects, as_json, {})


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise click.BadParameter(f"{text!r} is no instant", param_hint="--at") from error
    if found.tzinfo is None:
        raise click.BadParameter(f"{text!r} lacks its offset, as +08:00", param_hint="--at")
    return found


def _packs(pack: str, at: datetime) -> tuple[Policy, Policy]:
    """The pack of the day before, and the one that is to follow."""
    library, name = shipped(), pack
    try:
        if pack.endswith((".yaml", ".yml")):
            library, name = library.with_text(Path(pack).read_text("utf-8"), pack)
        elif pack not in library:
            raise click.UsageError(f"there is no pack {pack!r}; known are {', '.join(library.ids())}")
        after = applied(library.resolve(name), day_of_effect(at), 0)
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{pack} cannot be read: {error}") from error
    except PackError as error:
        raise click.ClickException("\n".join(str(each) for each in error.problems)) from error
    try:
        return policy_on(day_of_effect(at) - timedelta(days=1), 0, after.disease), after
    except NoPolicyInForce as error:
        raise click.ClickException(str(error)) from error


@contextmanager
def _signer(username: str) -> Iterator[Actor]:
    """The widest grant of an account under which it may sign.

    Raises: Refused (`user_unknown`), click.ClickException.
    """
    from dayclear.foundation import clock
    from dayclear.foundation.actors import Actor, system
    from dayclear.foundation.areas import EVERYWHERE, area_of
    from dayclear.foundation.decisions import Refused, refuse
    from dayclear.foundation.models import Grant, User
    from dayclear.foundation.rules import Right, Role
    from dayclear.foundation.scope import acting

    with acting(system("command line")):
        user = User.objects.filter(username__iexact=username, is_active=True).first()
        if user is None:
            raise Refused(refuse("user_unknown", username=username))
        grants = list(Grant.objects.filter(user=user, expires_at__gt=clock.now()))
    actors = [
        Actor(user.pk, user.get_username(), Role(each.role), area_of(each.place) if each.place else EVERYWHERE)
        for each in grants
    ]
    able = [actor for actor in actors if actor.may(Right.SIGN_ORDERS) and actor.may(Right.DECIDE_AREAS)]
    if not able:
        raise click.ClickException(f"{username} holds no grant that may sign orders and decide on areas")
    yield min(able, key=lambda actor: actor.level)


def _tell(
    what: str,
    before: Policy,
    after: Policy,
    at: datetime,
    effects: Sequence[Effect],
    as_json: bool,
    rooms: dict[str, int],
) -> None:
    if as_json:
        print_json(
            {
                "action": what,
                "before": before.version,
                "after": after.version,
                "at": at.isoformat(),
                "effects": [
                    {"kind": each.kind, "count": each.count, "needs_human": each.needs_human} for each in effects
                ],
                "rooms_freed": rooms,
            }
        )
        return
    click.echo(f"{before.version} → {after.version}  {at.isoformat()}")
    for each in effects:
        mark = "  needs a person" if each.needs_human else ""
        click.echo(f"{each.count:>12,}  {each.kind}{mark}")
    for day, count in rooms.items():
        click.echo(f"{count:>12,}  places at sites free from {day}")


__all__ = ["policy"]
