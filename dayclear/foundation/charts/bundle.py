"""The program that draws charts in the page: Vega, Vega-Lite and Vega-Embed as one module out of vl-convert.

Built once when the installation is made or brought up to date, so that neither a network nor a copy in the
repository is needed.
"""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from django.conf import settings

VEGA_LITE = "6.4"


def bundle_path() -> str:
    """Where the bundle lies under the static root. The name carries the versions: a new one is a new file."""
    return f"charts/vega-{version('vl-convert-python')}-{VEGA_LITE}.js"


def bundle_address() -> str:
    """Where the browser finds the bundle."""
    return f"{settings.STATIC_URL}{bundle_path()}"


def build_chart_bundle(folder: Path) -> Path:
    """Write the bundle under `folder`, unless this version is already there; returns its path.

    Takes some four seconds. The file appears whole or not at all.
    """
    target = folder / bundle_path()
    if target.exists():
        return target
    import vl_convert

    target.parent.mkdir(parents=True, exist_ok=True)
    # As a module with one export: the classic script would leak dozens of short names into the page.
    text = vl_convert.javascript_bundle(snippet="export { vegaEmbed };", vl_version=VEGA_LITE)
    unfinished = target.with_suffix(f".{os.getpid()}.part")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(target)
    return target
