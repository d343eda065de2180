"""Two people import the same file at the same moment."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.line_list import write_line_list
from tests.conftest import new_product

ROWS = 12_000


def test_two_imports_of_one_file_at_the_same_time_double_nothing_and_reject_nothing(tmp_path: Path) -> None:
    write_line_list(tmp_path / "list.csv", ROWS)
    product = new_product(tmp_path)
    assert product.run("migrate").returncode == 0
    command = [sys.executable, "-m", "dayclear", "import", "linelist", str(tmp_path / "list.csv"), "--json"]
    both = [
        subprocess.Popen(command, env=product.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=300) for process in both]
    assert [process.returncode for process in both] == [0, 0], ended
    one, other = (json.loads(out) for out, _ in ended)
    assert one["created"] + other["created"] == ROWS
    assert one["unchanged"] + other["unchanged"] == ROWS
    assert one["rejected"] == other["rejected"] == 0
    third = json.loads(product.run("import", "linelist", str(tmp_path / "list.csv"), "--json").stdout)
    assert (third["created"], third["updated"], third["unchanged"]) == (0, 0, ROWS)
    assert third["links"] == max(one["links"], other["links"])
