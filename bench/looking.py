"""An officer of the bench who looks at pages while other work goes on."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from statistics import quantiles

from bench.figures import Figure
from bench.fleet import Product

_EVERY_S = 0.5


class Looking:
    """An officer who opens a page twice a second, for as long as the block lasts; and the memory meanwhile."""

    _PAGES = ("/board/", "/sampling/positive/", "/people/")

    def __init__(self, product: Product, cookie: str, people: int) -> None:
        self._product, self._cookie, self._people = product, cookie, people
        self._waits: dict[str, list[float]] = {page: [] for page in self._PAGES}
        self._memory: list[float] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._failed: Exception | None = None

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_raised: object) -> None:
        self._over.set()
        self._thread.join()
        if self._failed is not None:
            raise self._failed

    def figures(self) -> Iterator[Figure]:
        for page, name in zip(self._PAGES, ("Board", "Board of positive tubes", "Page of a person"), strict=True):
            waits = self._waits[page]
            yield Figure(
                f"{name} during that day, p95",
                quantiles(waits, n=20)[-1] * 1000,
                "ms",
                command=f"GET {page}",
                note=f"{len(waits):,} requests",
            )
        quarter = max(len(self._memory) // 4, 1)
        first, last = max(self._memory[:quarter]), max(self._memory[-quarter:])
        yield Figure(
            "Memory of web server and worker, last quarter of the day ÷ its first",
            last / first,
            "×",
            ratio_of=f"{last:,.0f} MB ÷ {first:,.0f} MB, private, the most in each",
        )

    def _look(self) -> None:
        chance, turn = random.Random(3), 0  # noqa: S311 - repeatable load, no secret
        try:
            while not self._over.wait(_EVERY_S):
                asked = self._PAGES[turn % len(self._PAGES)]
                address = f"{asked}{chance.randint(1, self._people)}" if asked == "/people/" else asked
                begun = time.perf_counter()
                page(self._product, self._cookie, address)
                self._waits[asked].append(time.perf_counter() - begun)
                turn += 1
                if turn % 10 == 0:
                    self._memory.append(self._product.memory())
        except Exception as error:
            self._failed = error


def page(product: Product, cookie: str, address: str) -> str:
    line = product.line()
    line.request("GET", address, headers={"Cookie": cookie, "Accept-Language": "en"})
    answer = line.getresponse()
    body = answer.read().decode()
    if answer.status != 200:
        raise RuntimeError(f"{address}: {answer.status}")
    return body
