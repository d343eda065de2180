"""`dayclear sampling`: people per tube, where points go, and taking in what devices exported. The first two need no
database."""

from __future__ import annotations

import csv
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from dayclear.foundation.cli import as_json, installation, print_json, speak


@click.group("sampling")
def sampling() -> None:
    """People per tube, where sampling points go, what devices exported, residents' codes."""


@sampling.command()
@click.option("--people", type=click.IntRange(1), required=True, help="People to be tested.")
@click.option("--prevalence", type=click.FloatRange(0, 1), help="Share of infected, as 0.0001 for one in ten thousand.")
@click.option(
    "--from-tubes", nargs=3, type=int, metavar="POSITIVE TUBES SIZE", help="A past round, instead of the prevalence."
)
@click.option(
    "--size", "sizes", multiple=True, type=click.IntRange(1, 20), default=(5, 10, 20), help="May be repeated."
)
@click.option("--test-cost", type=click.FloatRange(0), help="Cost of a test.")
@click.option("--recall-cost", type=click.FloatRange(0), help="Cost of calling one person back, without the test.")
@as_json
def advise(
    people: int,
    prevalence: float | None,
    from_tubes: tuple[int, int, int] | None,
    sizes: tuple[int, ...],
    test_cost: float | None,
    recall_cost: float | None,
    as_json: bool,
) -> None:
    """Compare numbers of people per tube: recalls beside tests."""
    from dayclear.sampling.rules.pooling import advise as side_by_side
    from dayclear.sampling.rules.pooling import best_of, prevalence_from_tubes

    if (prevalence is None) == (from_tubes is None):
        raise click.UsageError("Give either --prevalence or --from-tubes.")
    interval = None
    if from_tubes is not None:
        try:
            interval = prevalence_from_tubes(*from_tubes)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--from-tubes") from error
        prevalence = interval.share
    assert prevalence is not None
    ordered = tuple(sorted(set(sizes)))
    advice = side_by_side(people, prevalence, ordered, cost_per_test=test_cost, cost_per_recall=recall_cost)
    best = best_of(advice)
    if as_json:
        told: dict[str, Any] = {"people": people, "prevalence": prevalence, "best": best.size}
        if interval is not None:
            told["interval"] = asdict(interval)
        print_json({**told, "sizes": [asdict(each) for each in advice]})
        return
    if interval is not None:
        click.echo(f"infected: {interval.share:.6f} ({interval.low:.6f} to {interval.high:.6f}, 95 %)")
    rows = [
        [
            f"{each.size}{' *' if each is best else ''}",
            *(f"{number:,.0f}" for number in (each.tubes, each.positive_tubes, each.recalled, each.tests)),
            "—" if each.cost is None else f"{each.cost:,.0f}",
        ]
        for each in advice
    ]
    _table(["people per tube", "tubes", "positive", "called back", "tests", "cost"], rows)


@sampling.command()
@click.argument("communities", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("candidates", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--aim", type=click.Choice(["shortest", "widest", "fewest"]), default="shortest", show_default=True)
@click.option("--points", type=click.IntRange(1), default=1, show_default=True, help="Points to open at most.")
@click.option("--reach", type=click.IntRange(1), default=1_000, show_default=True, help="Metres in a straight line.")
@click.option("--hours", type=click.FloatRange(0.5, 24), default=6.0, show_default=True, help="Hours of opening.")
@click.option("--minutes", type=click.IntRange(1), default=3, show_default=True, help="Then the best found is taken.")
@as_json
def site(
    communities: Path, candidates: Path, aim: str, points: int, reach: int, hours: float, minutes: int, as_json: bool
) -> None:
    """Choose sampling points.

    COMMUNITIES is a csv of name, people, latitude, longitude; CANDIDATES one of code, name, latitude, longitude, lanes.
    Exit code 1 when nothing is found in time.
    """
    from dayclear.foundation.decisions import require
    from dayclear.sampling.plan_files import read_candidates, read_communities
    from dayclear.sampling.rules.planning import Aim, Question, may_plan, plan_points
    from dayclear.sampling.rules.staffing import Norms

    speak()
    living, possible = read_communities(communities.read_bytes()), read_candidates(candidates.read_bytes())
    question = Question(Aim(aim), points, reach, hours)
    require(may_plan(living, possible, question, Norms()))
    try:
        with Console(stderr=True).status("…"):
            plan = plan_points(living, possible, question, Norms(), limit=timedelta(minutes=minutes))
    except TimeoutError:
        click.echo("nothing found in time", err=True)
        sys.exit(1)
    if as_json:
        opened = [{"code": possible[point.candidate].code, **asdict(point)} for point in plan.points]
        print_json({**asdict(plan), "points": opened})
        return
    click.echo(
        f"{len(plan.points)} points, {plan.within_reach} of {plan.people} people within {reach} m, "
        f"{plan.mean_m} m on average, {plan.samplers} samplers, at most {plan.gap:.2%} from the best"
    )
    rows = [
        [
            possible[point.candidate].code,
            possible[point.candidate].name,
            f"{point.people:,}",
            f"{point.farthest_m:,} m",
            f"{point.lanes} ({point.lanes_needed})",
            str(point.samplers),
            f"+{point.grows_per_hour:,.0f}/h" if point.mean_wait_min is None else f"{point.mean_wait_min:.1f} min",
        ]
        for point in plan.points
    ]
    _table(["code", "point", "people", "longest way", "lanes (needed)", "samplers", "queue"], rows)


@sampling.command("take-in")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
def take_in(file: Path, as_json: bool) -> None:
    """Take in FILE, which a sampler's device exported: its file, or the lines of its QR codes.

    The same file twice counts once. Exit code 1 when a batch was refused.
    """
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.scope import acting
        from dayclear.sampling.commands.exports import take_in_export
        from dayclear.sampling.reasons import said

        by = system("command line")
        with acting(by):
            taken = take_in_export(file.read_text(encoding="utf-8"), by=by, now=clock.now())
        told = [(batch, said(batch.refusal)) for batch in taken.batches]
    if as_json:
        rows = [
            {
                "already": batch.already,
                "tubes": batch.tubes,
                "swabs": batch.swabs,
                "boxes": batch.boxes,
                "disputed": batch.disputed,
                "refused": refused,
            }
            for batch, refused in told
        ]
        print_json({"device": taken.device_id, "batches": rows})
    else:
        click.echo(f"{taken.device_name}: {len(told)} batches")
        for batch, refused in told:
            held = f"{batch.tubes} tubes, {batch.swabs} swabs, {batch.boxes} boxes, {batch.disputed} disputed"
            before = " (had come before)" if batch.already else ""
            click.echo(f"✗ {' '.join(refused)}" if refused else f"✓ {held}{before}")
    if any(refused for _batch, refused in told):
        raise SystemExit(1)


@sampling.command()
@click.argument("place")
@click.argument("out", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@as_json
def codes(place: str, out: Path, as_json: bool) -> None:
    """Make codes for everybody of PLACE (an official code of 2 to 18 digits) and write them to OUT.

    A name that ends in .pdf gives sheets to print; any other a csv of record, code and end.
    """
    with installation():
        from dayclear.foundation import clock
        from dayclear.foundation.actors import system
        from dayclear.foundation.areas import from_code
        from dayclear.sampling.code_sheet import as_pdf
        from dayclear.sampling.commands.codes import issue_codes_of_place

        try:
            number = from_code(place)
        except ValueError as error:
            raise click.BadParameter(place, param_hint="PLACE") from error
        made = []
        with Console(stderr=True).status("…") as status:
            for some in issue_codes_of_place(number, by=system("command line"), now=clock.now()):
                made += some
                status.update(f"{len(made):,}")
        if out.suffix.lower() == ".pdf":
            out.write_bytes(as_pdf(made))
        else:
            with out.open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([each.person, each.text, each.expires_at.isoformat()] for each in made)
    if as_json:
        print_json({"codes": len(made), "file": str(out)})
    else:
        click.echo(f"✓ {len(made):,}: {out}")


def _table(heads: list[str], rows: list[list[str]]) -> None:
    table = Table(*heads)
    for row in rows:
        table.add_row(*row)
    Console().print(table)
