"""Importing generated line lists of 20,000 and 200,000 rows by the command line: rows a second, and memory."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psutil

from bench.figures import Figure
from bench.installation import temporary_home

SIZES = (20_000, 200_000)
_HEADER = (
    "病例编号",
    "姓名",
    "性别",
    "年龄",
    "现住址",
    "发病日期",
    "采样日期",
    "报告日期",
    "临床分型",
    "隔离管控",
    "感染来源",
    "备注",
)
_COUNTIES = ("雁塔区", "碑林区", "莲湖区", "新城区", "未央区", "灞桥区", "长安区", "临潼区", "高陵区", "鄠邑区")
# About 100,000 names, the frequent ones some forty times in 200,000: as crowded as real registers are.
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹"
_GIVEN = "一二三四五六七八九十甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥东南西北春夏秋冬天地日月山水金木火土"
_POLL_SECONDS = 0.1


def write_line_list(path: Path, rows: int) -> None:
    """A line list that is the same at every run. Nobody in it exists: names are numerals."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_HEADER)
        writer.writerows(_rows(rows))


def _rows(count: int) -> Iterator[tuple[object, ...]]:
    chance = random.Random(20211223 + count)  # noqa: S311 - repeatable test data, no secret
    first = date(2022, 8, 1)
    for number in range(1, count + 1):
        reported = first + timedelta(days=min(int(chance.expovariate(1 / 30)), 120))
        source = f"A{chance.randrange(max(1, number - 5_000), number)}" if number > 1 and chance.random() < 0.25 else ""
        yield (
            f"A{number}",
            chance.choice(_SURNAMES) + chance.choice(_GIVEN) + chance.choice(_GIVEN),
            chance.choice(("男", "女")),
            min(int(chance.gammavariate(4, 10)), 99),
            f"陕西省西安市{chance.choice(_COUNTIES)}第{chance.randrange(1, 400)}号",
            reported - timedelta(days=chance.randrange(0, 6)),
            reported - timedelta(days=1),
            reported,
            chance.choice(("轻型", "普通型", "无症状感染者")),
            chance.choice(("是", "否")),
            source,
            f"第{chance.randrange(10_000)}次记录",
        )


def run() -> list[Figure]:
    """Shape: rows a second and peak memory at both sizes, then how memory grew."""
    figures = []
    peaks = []
    with temporary_home() as home:
        for size in SIZES:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "list.csv"
                write_line_list(path, size)
                seconds, peak = _import(path, home, numbering=f"bench-{size}")
            peaks.append(peak)
            command = f"dayclear import linelist ({size:,} rows)"
            figures.append(
                Figure(
                    f"Line list of {size:,} rows, end to end",
                    size / seconds,
                    "rows/s",
                    command=command,
                    note="starting and stopping PostgreSQL included; aim ≥ 2,000",
                )
            )
            figures.append(Figure(f"Memory of the import at {size:,} rows", peak / 1e6, "MB", command=command))
    growth = peaks[1] / peaks[0]
    figures.append(
        Figure(
            "Memory as the file grows tenfold",
            growth,
            "×",
            ratio_of=f"peak at {SIZES[1]:,} rows ÷ peak at {SIZES[0]:,} rows",
            note="1 is flat",
        )
    )
    return figures


def _import(path: Path, home: Path, *, numbering: str) -> tuple[float, int]:
    """Units: seconds from start to end of the command; peak bytes of its own process (PostgreSQL not counted)."""
    command = [sys.executable, "-m", "dayclear", "import", "linelist", str(path), "--numbering", numbering, "--json"]
    started = time.perf_counter()
    process = subprocess.Popen(
        command, env={**os.environ, "DAYCLEAR_HOME": str(home)}, stdout=subprocess.PIPE, text=True
    )
    peak = [0]
    watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), peak), daemon=True)
    watcher.start()
    out, _ = process.communicate()
    seconds = time.perf_counter() - started
    watcher.join()
    outcome = json.loads(out)
    if outcome["state"] != "done" or outcome["rejected"]:
        raise RuntimeError(out)
    return seconds, peak[0]


def _watch(process: psutil.Process, peak: list[int]) -> None:
    try:
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            peak[0] = max(peak[0], process.memory_info().rss)
            time.sleep(_POLL_SECONDS)
    except psutil.NoSuchProcess:
        return
