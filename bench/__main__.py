"""`make bench`: run every measurement and write docs/performance.md."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
from collections.abc import Callable
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
    """Measure all, or the modules named on the command line (then the page is left as it is)."""
    chosen = sys.argv[1:]
    figures: list[Figure] = []
    for name, run in measurements(chosen).items():
        print(f"… {name}", file=sys.stderr, flush=True)
        some = run()
        for figure in some:
            print(f"{figure.name:<50} {figure.value:>12,.2f} {figure.unit}", flush=True)
        figures += some
    if not chosen:
        PAGE.write_text(page(figures), encoding="utf-8")
        print(f"written: {PAGE.relative_to(PAGE.parent.parent)}", file=sys.stderr)


def page(figures: list[Figure]) -> str:
    """The page of figures. What is compared was measured in one run on one machine."""
    lines = [
        "# Performance",
        "",
        "Measured by `make bench` on embedded PostgreSQL with durable settings; generated rows, no real person.",
        f"Python {platform.python_version()}, {os.cpu_count()} processors, {platform.machine()}. "
        f"Load of the machine at the end of the run: {os.getloadavg()[0]:.1f}.",
        "",
        "| what | value | unit | of what | note |",
        "|---|---:|---|---|---|",
    ]
    for figure in figures:
        told = figure.ratio_of or (f"`{figure.command}`" if figure.command else "")
        lines.append(f"| {figure.name} | {figure.value:,.2f} | {figure.unit} | {told} | {figure.note} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
