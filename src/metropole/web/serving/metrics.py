"""Counters and times for Prometheus.

They are plain numbers while they are counted, for counting must cost next to nothing beside a
lookup; the client library of Prometheus writes them when somebody asks for them.
"""

import json
import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from operator import add

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from metropole.release import Manifest
from metropole.store.query_lane import LaneFigures
from metropole.web.serving.query_log import LoggedQuery

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_BUCKETS = (*map(str, _SECONDS), "+Inf")
_MS = 1000
#: What is told of each lane, by the names that `LaneFigures` has for it.
_OF_LANES = (
    (GaugeMetricFamily, "queries_at_work", "Queries that run now."),
    (GaugeMetricFamily, "queries_waiting", "Queries that wait now."),
    (GaugeMetricFamily, "clients_waiting", "Clients whose queries wait now."),
    (CounterMetricFamily, "queries_displaced", "Queries that found no room to wait."),
    (
        CounterMetricFamily,
        "queries_called_back",
        "Queries that began again later because another client had none at work.",
    ),
)


@dataclass
class Times:
    """How often something took how long."""

    counts: list[int] = field(default_factory=lambda: [0] * len(_BUCKETS))
    sum: float = 0.0

    def note(self, seconds: float) -> None:
        """Count one that took so long."""
        self.counts[bisect_left(_SECONDS, seconds)] += 1
        self.sum += seconds

    def add(self, other: "Times") -> None:
        """Count all that another has counted."""
        self.counts = list(map(add, self.counts, other.counts))
        self.sum += other.sum

    def family(self, name: str, text: str) -> Metric:
        """Give the histogram."""
        buckets = list(zip(_BUCKETS, accumulate(map(float, self.counts)), strict=True))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=self.sum)


@dataclass
class Counts:
    """What one serving process has counted since it was started."""

    #: By kind of address and status.
    responses: Counter[tuple[str, int]] = field(default_factory=Counter)
    cache: Counter[str] = field(default_factory=Counter)
    queries: Counter[str] = field(default_factory=Counter)
    answer_bytes: int = 0
    queue: Times = field(default_factory=Times)
    run: Times = field(default_factory=Times)

    def add(self, other: "Counts") -> None:
        """Count all that another process has counted."""
        self.responses += other.responses
        self.cache += other.cache
        self.queries += other.queries
        self.answer_bytes += other.answer_bytes
        self.queue.add(other.queue)
        self.run.add(other.run)


@dataclass
class Figures:
    """The counts of a process, and how many bytes its kept answers take now."""

    counts: Counts = field(default_factory=Counts)
    cache_bytes: int = 0

    def as_json(self) -> bytes:
        """Write them for another process."""
        responses = [[*key, count] for key, count in self.counts.responses.items()]
        told = vars(self.counts) | {"responses": responses}
        return json.dumps(vars(self) | {"counts": told}, default=vars).encode()

    @classmethod
    def from_json(cls, text: bytes) -> "Figures":
        """Read what `as_json` wrote."""
        told = json.loads(text)
        counts = told["counts"]
        return cls(
            Counts(
                responses=Counter(
                    {(address, status): count for address, status, count in counts["responses"]}
                ),
                cache=Counter(counts["cache"]),
                queries=Counter(counts["queries"]),
                answer_bytes=counts["answer_bytes"],
                queue=Times(**counts["queue"]),
                run=Times(**counts["run"]),
            ),
            told["cache_bytes"],
        )


class Metrics:
    """What the server has done since it was started; many threads may count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts = Counts()
        self._cache_bytes: Callable[[], int] = int
        self._others: Callable[[], Iterable[Figures]] = tuple

    def count_status(self, address: str, status: int) -> None:
        """Count a response by the kind of its address."""
        with self._lock:
            self._counts.responses[address, status] += 1

    def count_cache(self, result: str) -> None:
        """Count a request that may be served from the cache by `hit`, `miss` or `shared`."""
        with self._lock:
            self._counts.cache[result] += 1

    def watch_cache(self, size: Callable[[], int]) -> None:
        """Read the size of the cache, in bytes, whenever the figures are asked for."""
        self._cache_bytes = size

    def count_repeated(
        self, how: str, address: str, status: int, outcome: str = "", length: int = 0
    ) -> None:
        """Count a response that was made for somebody else, found by `hit` or `shared`.

        `outcome` is that of the query whose answer, of so many bytes, was there.
        """
        with self._lock:
            counts = self._counts
            counts.cache[how] += 1
            counts.responses[address, status] += 1
            if outcome:
                counts.queries[outcome] += 1
                counts.answer_bytes += length

    def count_query(self, logged: LoggedQuery) -> None:
        """Count a query and its times."""
        with self._lock:
            self._counts.queries[logged.outcome] += 1
            self._counts.answer_bytes += logged.bytes
            self._counts.queue.note(logged.queue_ms / _MS)
            self._counts.run.note(logged.run_ms / _MS)

    def begin_anew(self) -> None:
        """Forget what was counted: who added it up is gone, and begins at zero."""
        with self._lock:
            self._counts = Counts()

    def add_others(self, others: Callable[[], Iterable[Figures]]) -> None:
        """Ask for the figures of the other serving processes whenever all are asked for."""
        self._others = others

    def figures(self) -> Figures:
        """Give the figures of this process as they are now."""
        counts = Counts()
        with self._lock:
            counts.add(self._counts)
        return Figures(counts, self._cache_bytes())

    def text(self, manifest: Manifest, lanes: Mapping[str, LaneFigures]) -> bytes:
        """Write the figures of all serving processes in the text format of Prometheus.

        The lanes in which queries run are those of this process, which runs all.
        """
        registry = CollectorRegistry()
        registry.register(_Families(self._sum(), manifest, lanes))
        return generate_latest(registry)

    def _sum(self) -> Figures:
        total = self.figures()
        for other in self._others():
            total.counts.add(other.counts)
            total.cache_bytes += other.cache_bytes
        return total


@dataclass(frozen=True, eq=False)
class _Families(Collector):
    """The figures of a server and of the release that it serves, as Prometheus names them."""

    figures: Figures
    manifest: Manifest
    lanes: Mapping[str, LaneFigures]

    def collect(self) -> Iterator[Metric]:
        yield from _families(self.figures)
        yield from _of_lanes(self.lanes)
        triples = GaugeMetricFamily(
            "metropole_release_triples",
            "Triples of the release that is served.",
            labels=("release",),
        )
        triples.add_metric((self.manifest.id,), self.manifest.triples)
        yield triples


def _families(figures: Figures) -> Iterator[Metric]:
    counts = figures.counts
    responses = CounterMetricFamily(
        "metropole_responses",
        "Responses by kind of address and status.",
        labels=("address", "status"),
    )
    for (address, status), count in counts.responses.items():
        responses.add_metric((address, str(status)), count)
    yield responses
    yield _counted("metropole_queries", "Queries by outcome.", "outcome", counts.queries)
    yield CounterMetricFamily(
        "metropole_answer_bytes", "Bytes of answers to queries.", value=counts.answer_bytes
    )
    yield _counted(
        "metropole_cache_requests",
        "Requests that a kept answer could serve: hit, miss, or shared with one under way.",
        "result",
        counts.cache,
    )
    yield GaugeMetricFamily(
        "metropole_cache_bytes", "Memory that kept answers take.", value=figures.cache_bytes
    )
    yield counts.queue.family(
        "metropole_query_queue_seconds", "Seconds that queries waited for their turn."
    )
    yield counts.run.family("metropole_query_run_seconds", "Seconds that queries ran.")


def _of_lanes(lanes: Mapping[str, LaneFigures]) -> Iterator[Metric]:
    for kind, name, text in _OF_LANES:
        family = kind(f"metropole_{name}", text, labels=("lane",))
        for lane, figures in lanes.items():
            family.add_metric((lane,), getattr(figures, name))
        yield family


def _counted(name: str, text: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(name, text, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family
