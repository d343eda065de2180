"""`make bench`: run every measurement and write its part of docs/performance.md."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import bench
from bench.figures import Figure

PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


def measurements(chosen: list[str]) -> dict[str, Callable[[], list[Figure]]]:
    """Every module of this folder that measures; of those named, if any are."""
    found = {}
    for module in pkgutil.iter_modules(bench.__path__):
        if module.name.startswith("_") or (chosen and module.name not in chosen):
            continue
        loaded = importlib.import_module(f"bench.{module.name}")
        if hasattr(loaded, "run"):
            found[module.name] = loaded
    return {name: loaded.run for name, loaded in found.items()}


def main() -> None:
    """Measure all, or the modules named on the command line; each writes its part of the page as soon as it is done."""
    for name, run in measurements(sys.argv[1:]).items():
        print(f"… {name}", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        figures = run()
        for figure in figures:
            print(f"{figure.name:<70} {figure.value:>14,.2f} {figure.unit}", flush=True)
        before = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(with_part(before, name, part(figures, load)), encoding="utf-8")


_HEAD = "## `python -m bench "


def with_part(page: str, name: str, text: str) -> str:
    """The page of figures with one part anew; the others stay as they were measured."""
    parts = {each.partition("`")[0]: each for each in page.split(_HEAD)[1:]}
    parts[name] = f"{name}`\n\n{text}\n"
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}"
    head = f"""# Performance

Measured on embedded PostgreSQL with durable settings, {machine}; generated rows, no real person. What is compared was
measured in one run on one machine. `make bench` runs all; `python -m bench NAME` one part, and writes it anew.

"""
    return head + "\n".join(_HEAD + parts[each].rstrip("\n") + "\n" for each in sorted(parts))


def part(figures: Sequence[Figure], load: float) -> str:
    """The table of one measurement. Units: `load` is the load average of the machine as it began."""
    lines = [
        f"On {datetime.now(UTC):%Y-%m-%d}; load of the machine as it began: {load:.1f}.",
        "",
        "| what | value | unit | of what | note |",
        "|---|---:|---|---|---|",
    ]
    for figure in figures:
        told = figure.ratio_of or (f"`{figure.command}`" if figure.command else "")
        lines.append(f"| {figure.name} | {figure.value:,.2f} | {figure.unit} | {told} | {figure.note} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
