"""kill -9 of web, worker, PostgreSQL and its sessions at random, while samplers upload and a laboratory works: what was
acknowledged is there, once, and nothing else is.

`DAYCLEAR_KILLS` says how often (4 in the suite: each kind of victim once), `DAYCLEAR_KILLS_SEED` in which order.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import IO, Any
from uuid import uuid4

import psutil
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from dayclear.sampling.rules.numbers import printed
from dayclear.sampling.signatures import jwk_of
from dayclear.sampling.tests.acts import Phone
from tests.conftest import Product, new_product
from tests.kills_server import state_of

KILLS = int(os.environ.get("DAYCLEAR_KILLS", "4"))
SEED = int(os.environ.get("DAYCLEAR_KILLS_SEED", "4"))
SAMPLERS, PEOPLE = 6, 1_000
_MOST_TUBES, _IN_A_TUBE, _IN_A_BOX = 20, 10, 60
_BETWEEN_BATCHES_SECONDS = 0.3
_AGAIN_SECONDS = 0.2
# Whoever waits longer than this for anything has found a fault.
_PATIENCE_SECONDS = 300
# One kill in so many comes while the one before is still being mended.
_AT_ONCE = 4


def test_kills_at_random_lose_nothing_acknowledged_and_double_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Numbers for as long as it may take.
    monkeypatch.setenv("DAYCLEAR_TUBE_BLOCK", "100000")
    product = new_product(tmp_path)
    try:
        product.start()
        supply = json.loads(product.python(f"from tests.kills_server import prepare; prepare({SAMPLERS}, {PEOPLE})"))
        samplers = [Sampler(product.port, code, supply, seed) for seed, code in enumerate(supply["enrolments"])]
        with _laboratory(product, tmp_path) as laboratory:
            for sampler in samplers:
                sampler.start()
            killer = Killer(product, samplers)
            killer.kill_at_random(KILLS)
            for sampler in samplers:
                sampler.over.set()
            _await("the samplers", lambda: not any(sampler.is_alive() for sampler in samplers))
            assert [sampler.trouble for sampler in samplers if sampler.trouble] == []
        held = json.loads(product.python(f"from tests.kills_server import held; held({_PATIENCE_SECONDS})"))
        print(_figures(killer, samplers, laboratory, held))
        _assert_tubes(samplers, held)
        _assert_boxes_and_results(samplers, laboratory, held)
        _assert_chains(samplers, held)
        assert (held["queue"], held["faults"]) == ([], [])
    finally:
        product.stop()


class Sampler(threading.Thread):
    """A phone and its outbox: a batch is frozen, sent until it is answered, and then the next. `over` ends the shift.

    Shape: `people` by tube, `boxes` → their tubes, all of them acknowledged once the thread has ended.
    """

    def __init__(self, port: int, code: str, supply: dict[str, Any], seed: int) -> None:
        super().__init__(daemon=True)
        self._port, self._crowd = port, supply["people"]
        self._chance = random.Random(SEED * 1_000 + seed)
        self._phone = self._enrolled(code, supply, f"Phone {seed}")
        self._unboxed: list[int] = []
        self.over = threading.Event()
        self.trouble = ""
        self.people: dict[int, list[int]] = {}
        self.boxes: dict[str, list[int]] = {}
        self.batches = self.unanswered = self.put_off = self.already = 0
        # When the request was sent that was acknowledged last.
        self.acknowledged_at = 0.0

    @property
    def device(self) -> int:
        return self._phone.id

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self._deliver(self._chance.randint(1, _MOST_TUBES), box=len(self._unboxed) >= _IN_A_BOX)
                self.over.wait(self._chance.uniform(0, _BETWEEN_BATCHES_SECONDS))
            self._deliver(1, box=True)
        except AssertionError as error:
            self.trouble = str(error)

    def _enrolled(self, code: str, supply: dict[str, Any], name: str) -> Phone:
        key = ec.generate_private_key(ec.SECP256R1())
        body = json.dumps({"code": code, "public_key": jwk_of(key.public_key()), "name": name}).encode()
        status, said = self._post("/api/v1/sampling/devices", body, {})
        assert status == 201, said
        first = said["bundle"]["blocks"][0]["first"]
        return Phone(said["device"], key, supply["round"], supply["point"], first)

    def _deliver(self, tubes: int, *, box: bool) -> None:
        """Freeze a batch, and send the same bytes until the server has answered."""
        now = datetime.now(UTC)
        made, crowds = [], {}
        for _ in range(tubes):
            crowd = self._chance.sample(self._crowd, self._chance.randint(1, _IN_A_TUBE))
            crowds[self._phone.first + self._phone.opened] = sorted(person for person, _token in crowd)
            made.append(self._phone.tube(now, [{"token": token} for _person, token in crowd]))
        self._unboxed += crowds
        boxes = {str(uuid4()): self._unboxed} if box else {}
        body = self._phone.batch(now, made, boxes=[_box(each, inside, now) for each, inside in boxes.items()])
        said = self._until_answered(body)
        counts = {"tubes": tubes, "swabs": sum(map(len, crowds.values())), "boxes": len(boxes)}
        assert (said["accepted"], said["refused"], said["missing"]) == (counts, [], 0), said
        self.people |= crowds
        self.boxes |= boxes
        self._unboxed = [] if box else self._unboxed
        self.batches += 1
        self.already += said["already"]

    def _until_answered(self, body: bytes) -> dict[str, Any]:
        headers = {"Dayclear-Signature": self._phone.sign(body)}
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            sent_at = time.monotonic()
            try:
                status, said = self._post(
                    "/api/v1/sampling/uploads", body, {**headers, "Dayclear-Date": datetime.now(UTC).isoformat()}
                )
            except (OSError, http.client.HTTPException):
                self.unanswered += 1
            else:
                if status == 200:
                    self.acknowledged_at = sent_at
                    return said
                # Only a server that is unwell may put a batch off: nothing is wrong with it.
                assert status >= 500, (status, said)
                self.put_off += 1
            time.sleep(_AGAIN_SECONDS)
        raise AssertionError(f"no answer within {_PATIENCE_SECONDS} s")

    def _post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            line.request("POST", path, body, {"Content-Type": "application/json", **headers})
            answer = line.getresponse()
            said = answer.read()
            return answer.status, json.loads(said) if answer.status < 500 else {}
        finally:
            line.close()


def _box(box: str, tubes: Sequence[int], now: datetime) -> dict[str, Any]:
    labels = [printed(tube) for tube in tubes]
    return {"id": box, "tubes": labels, "counted": len(labels), "closed_at": now.isoformat()}


class Killer:
    """Kills one process after another, and starts the product again where it gave up, as systemd would.

    Units: `recovered` seconds from a kill to the first acknowledged upload that was sent after it, by victim; of kills
    that came when the one before was mended.
    """

    def __init__(self, product: Product, samplers: Sequence[Sampler]) -> None:
        self._product, self._samplers = product, samplers
        self._chance = random.Random(SEED)
        self._victims: dict[str, Callable[[], list[psutil.Process]]] = {
            "web": lambda: product.processes("dayclear web"),
            "worker": lambda: product.processes("dayclear worker"),
            "PostgreSQL": product.postgres,
            "a process of PostgreSQL": lambda: [child for each in product.postgres() for child in each.children()],
        }
        self.killed: Counter[str] = Counter()
        self.recovered: dict[str, list[float]] = {victim: [] for victim in self._victims}
        self.started_again = 0

    def kill_at_random(self, times: int) -> None:
        """Every kind of victim at least once, where there are so many kills."""
        kinds = list(self._victims)
        order = self._chance.sample(kinds, len(kinds)) + self._chance.choices(kinds, k=max(times - len(kinds), 0))
        mended = True
        for victim in order[:times]:
            time.sleep(self._chance.uniform(0, 1.5))
            killed_at, alone = self._kill(victim), mended
            mended = self._chance.randrange(_AT_ONCE) > 0
            if mended:
                self._await_acknowledgement(killed_at)
                if alone:
                    self.recovered[victim].append(time.monotonic() - killed_at)
        self._await_acknowledgement(time.monotonic())

    def _kill(self, victim: str) -> float:
        until = time.monotonic() + _PATIENCE_SECONDS
        while time.monotonic() < until:
            try:
                found = self._victims[victim]()
                if found:
                    self._chance.choice(sorted(found, key=lambda each: each.pid)).kill()
                    self.killed[victim] += 1
                    return time.monotonic()
            except psutil.NoSuchProcess:
                pass  # gone while we looked: look again
            self._keep_up()
            time.sleep(0.05)
        raise AssertionError(
            f"{victim} was not started again:\n{self._product.log.read_text(errors='replace')[-4_000:]}"
        )

    def _await_acknowledgement(self, killed_at: float) -> None:
        def acknowledged() -> bool:
            self._keep_up()
            assert [sampler.trouble for sampler in self._samplers if sampler.trouble] == []
            return any(sampler.acknowledged_at > killed_at for sampler in self._samplers)

        _await("an upload after a kill", acknowledged)

    def _keep_up(self) -> None:
        product = self._product
        if product.process is not None and product.process.poll() is not None:
            print(product.log.read_text(errors="replace")[-2_000:])
            product.log.write_text("")
            product.start()
            self.started_again += 1


@contextmanager
def _laboratory(product: Product, folder: Path) -> Iterator[list[tuple[str, str]]]:
    """A courier and a laboratory at work; afterwards, what was acknowledged to them."""
    done: list[tuple[str, str]] = []
    said, complaints = folder / "laboratory.jsonl", folder / "laboratory.log"
    with said.open("wb") as out, complaints.open("wb") as log:
        working = _start_laboratory(product, out, log)
        try:
            yield done
            _close(working)
            _await("the laboratory", lambda: working.poll() is not None)
        finally:
            _close(working)
            working.kill()
            working.wait()
    assert working.returncode == 0, complaints.read_text(errors="replace")[-4_000:]
    done += [tuple(json.loads(line)) for line in said.read_text().splitlines()]


def _start_laboratory(product: Product, out: IO[bytes], log: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.kills_server"],
        env=product.environment,
        stdin=subprocess.PIPE,
        stdout=out,
        stderr=log,
    )


def _close(working: subprocess.Popen[bytes]) -> None:
    """Say that nothing more will come."""
    assert working.stdin is not None
    working.stdin.close()


def _assert_tubes(samplers: Sequence[Sampler], held: dict[str, Any]) -> None:
    """Every acknowledged tube with its people, once; no other; each upload told once."""
    sent = {tube: people for sampler in samplers for tube, people in sampler.people.items()}
    assert [tube for tube, *_ in held["tubes"]] == sorted(sent)
    assert _grouped(held["swabs"]) == sent
    assert {tube: persons for tube, _device, _counter, persons in held["tubes"]} == {
        tube: len(people) for tube, people in sent.items()
    }
    uploads = [[sampler.device, counter] for sampler in samplers for counter in range(1, sampler.batches + 1)]
    assert held["uploads"] == held["told"] == sorted(uploads)
    assert held["devices"] == {str(sampler.device): [sampler.batches] * 2 for sampler in samplers}
    assert held["tally"] == [len(sent), sum(map(len, sent.values()))]
    assert held["disputed"] == 0


def _assert_boxes_and_results(
    samplers: Sequence[Sampler], laboratory: Sequence[tuple[str, str]], held: dict[str, Any]
) -> None:
    """Every acknowledged box, received once; a result for each of its tubes, once; each step told once."""
    boxes = {box: tubes for sampler in samplers for box, tubes in sampler.boxes.items()}
    tubes = sorted(tube for inside in boxes.values() for tube in inside)
    assert sorted(held["boxes"]) == sorted([box, "received", len(inside)] for box, inside in boxes.items())
    assert held["boxed"] == sorted([box, tube] for box, inside in boxes.items() for tube in inside)
    assert held["boxes_told"] == [len(boxes)] * 6
    assert held["results"] == [[tube, 1, state_of(tube)] for tube in tubes]
    plates = {code for code, _state in held["plates"]}
    assert (held["plates"], held["plates_told"]) == (
        [[code, "released"] for code, _ in held["plates"]],
        [len(plates)] * 6,
    )
    assert (held["hours"], held["flow"]) == ([len(tubes)] * 4, {"5": len(tubes)})
    assert len(laboratory) == len(set(laboratory)), "a step that was acknowledged was done again"
    assert {which for _what, which in laboratory} <= {*boxes, *plates}


def _assert_chains(samplers: Sequence[Sampler], held: dict[str, Any]) -> None:
    """A chain for every positive and grey tube, once, with its members and its six clocks."""
    people = {
        tube: each for sampler in samplers for tube, each in sampler.people.items() if state_of(tube) != "negative"
    }
    assert held["chains"] == [[tube, state_of(tube), len(people[tube])] for tube in sorted(people)]
    assert _grouped(held["members"]) == people
    assert (held["chains_told"], held["clocks"]) == ([len(people)] * 2, [6 * len(people)] * 2)


def _grouped(pairs: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    return {tube: [person for _tube, person in each] for tube, each in groupby(pairs, key=lambda pair: pair[0])}


def _figures(
    killer: Killer, samplers: Sequence[Sampler], laboratory: Sequence[tuple[str, str]], held: dict[str, Any]
) -> str:
    def in_all(of: Callable[[Sampler], int]) -> int:
        return sum(map(of, samplers))

    recovered = {
        victim: f"{median(seconds):.1f} s, at most {max(seconds):.1f} s"
        for victim, seconds in killer.recovered.items()
        if seconds
    }
    return (
        f"{killer.killed.total()} kills {dict(killer.killed)}; "
        f"`dayclear up` started again {killer.started_again} times\n"
        f"{in_all(lambda each: each.batches)} batches, {len(held['tubes'])} tubes, {len(held['swabs'])} swabs, "
        f"{len(held['boxes'])} boxes, {len(held['results'])} results, {len(held['chains'])} chains\n"
        f"{in_all(lambda each: each.unanswered)} requests cut, {in_all(lambda each: each.put_off)} put off, "
        f"{in_all(lambda each: each.already)} batches had come before their answer was lost; "
        f"{len(laboratory)} steps of the laboratory acknowledged\n"
        f"until the next upload was acknowledged: {recovered}\n"
        f"{held['events']} events, {held['seals']} seals, faults of the trail: {held['faults']}, queue: {held['queue']}"
    )


def _await(what: str, there: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not there():
        if time.monotonic() > until:
            pytest.fail(f"waited {_PATIENCE_SECONDS} s for {what}")
        time.sleep(0.05)
