"""`dayclear users`: accounts and grants, for the person at the machine itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from dayclear.foundation.cli import as_json, installation, print_json
from dayclear.foundation.rules import Role

if TYPE_CHECKING:
    from dayclear.foundation.actors import Actor
    from dayclear.foundation.models import User


@click.group()
def users() -> None:
    """Accounts and what they may do. Whoever can run this command acts for the whole installation."""


@contextmanager
def _acting() -> Iterator[Actor]:
    with installation():
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting

        by = system("command line")
        with acting(by):
            yield by


def _account(username: str) -> User:
    from dayclear.foundation.decisions import Refused, refuse
    from dayclear.foundation.models import User

    found = User.objects.filter(username__iexact=username).first()
    if found is None:
        raise Refused(refuse("user_unknown", username=username))
    return found


def _end_of(day: datetime) -> datetime:
    from dayclear.foundation import clock

    return datetime.combine(day.date() + timedelta(days=1), time(), tzinfo=clock.local_zone())


@users.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every account with its grants."""
    with _acting():
        from dayclear.foundation.models import User

        rows: list[dict[str, Any]] = [
            {
                "username": user.username,
                "name": user.display_name,
                "open": user.is_active,
                "last_sign_in": user.last_login,
                "grants": [
                    {"id": grant.pk, "role": grant.role, "place": grant.place, "until": grant.expires_at}
                    for grant in user.grants.all()
                ],
            }
            for user in User.objects.prefetch_related("grants").order_by("username")
        ]
    if as_json:
        print_json(rows)
        return
    from django.utils.translation import gettext as _

    from dayclear.foundation.reasons import ROLE_NAMES

    for row in rows:
        click.echo(f"{row['username']}  {row['name']}  {'' if row['open'] else _('closed')}".rstrip())
        for grant in row["grants"]:
            role, until = ROLE_NAMES[Role(grant["role"])], grant["until"]
            click.echo(f"    #{grant['id']} {role} {grant['place']:018d} → {until:%Y-%m-%d}")


@users.command()
@click.argument("username")
@click.option("--name", default="", help="The name that colleagues see.")
@as_json
def create(username: str, name: str, as_json: bool) -> None:
    """Make the account USERNAME and print its one-time password."""
    with _acting() as by:
        from dayclear.foundation import clock
        from dayclear.foundation.commands.accounts import create_user

        made = create_user(username, name, by=by, now=clock.now())
    _print_password(made.username, made.password, as_json)


@users.command()
@click.argument("username")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@click.argument("place")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day, at most a year ahead.")
@as_json
def grant(username: str, role: str, place: str, until: datetime, as_json: bool) -> None:
    """Give USERNAME the ROLE for PLACE: an official code such as 610113, or 0 for the whole installation."""
    with _acting() as by:
        from dayclear.foundation import clock
        from dayclear.foundation.areas import from_code
        from dayclear.foundation.commands.accounts import give_grant

        try:
            number = 0 if place == "0" else from_code(place)
        except ValueError:
            raise click.BadParameter(place, param_hint="PLACE") from None
        made = give_grant(_account(username).pk, Role(role), number, _end_of(until), by=by, now=clock.now())
    if as_json:
        print_json({"grant": made, "username": username, "role": role, "place": number})
    else:
        click.echo(f"✓ #{made} {username}: {role}, {number:018d} → {until:%Y-%m-%d}")


@users.command()
@click.argument("grant_id", type=int)
@as_json
def revoke(grant_id: int, as_json: bool) -> None:
    """End the grant with the number GRANT_ID (see `dayclear users list`)."""
    with _acting() as by:
        from dayclear.foundation import clock
        from dayclear.foundation.commands.accounts import revoke_grant

        revoke_grant(grant_id, by=by, now=clock.now())
    if as_json:
        print_json({"revoked": grant_id})
    else:
        click.echo(f"✓ #{grant_id}")


@users.command("reset-password")
@click.argument("username")
@click.option("--second-factor", is_flag=True, help="Take off the second factor too (a lost phone).")
@as_json
def reset_password(username: str, second_factor: bool, as_json: bool) -> None:
    """Give USERNAME a one-time password; the old one, sessions and a lock on the sign-in end."""
    with _acting() as by:
        from dayclear.foundation import clock
        from dayclear.foundation.commands import accounts

        user = _account(username)
        made = accounts.reset_password(user.pk, by=by, now=clock.now())
        if second_factor:
            accounts.reset_second_factor(user.pk, by=by, now=clock.now())
    _print_password(made.username, made.password, as_json)


def _print_password(username: str, password: str, as_json: bool) -> None:
    from django.utils.translation import gettext as _

    if as_json:
        print_json({"username": username, "one_time_password": password})
    else:
        click.echo(f"✓ {username}\n  {password}")
        click.echo("  " + _("Shown only now; another password must be chosen at the first sign-in."))
