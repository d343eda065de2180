"""The prose: its links lead somewhere, and it names nothing of anybody's machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROSE = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\[[^\]]+\]\((?!https?://|#)([^)#]+)")


@pytest.mark.parametrize("file", PROSE, ids=lambda file: str(file.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(file: Path) -> None:
    text = re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    dead = [link for link in _LINK.findall(text) if not (file.parent / link).exists()]
    assert not dead


@pytest.mark.parametrize("file", PROSE, ids=lambda file: str(file.relative_to(ROOT)))
def test_prose_names_no_folder_of_a_machine(file: Path) -> None:
    folders = "|".join(f"/{name}/" for name in ("work", "tmp", "root", "home"))
    assert not re.findall(rf"(?<![\w.])(?:{folders})\w*", file.read_text(encoding="utf-8"))
