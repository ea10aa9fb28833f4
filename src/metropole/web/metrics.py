"""Counters and times for Prometheus.

They are plain numbers while they are counted, for counting must cost next to nothing beside a
lookup; the client library of Prometheus writes them when somebody asks for them.
"""

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from metropole.release import Manifest
from metropole.web.query_log import LoggedQuery

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
_BUCKETS = (*map(str, _SECONDS), "+Inf")
_MS = 1000


class _Times:
    """How often something took how long."""

    def __init__(self) -> None:
        self._counts = [0] * len(_BUCKETS)
        self._sum = 0.0

    def note(self, seconds: float) -> None:
        self._counts[bisect_left(_SECONDS, seconds)] += 1
        self._sum += seconds

    def family(self, name: str, text: str) -> Metric:
        buckets = list(zip(_BUCKETS, accumulate(map(float, self._counts)), strict=True))
        return HistogramMetricFamily(name, text, buckets=buckets, sum_value=self._sum)


class Metrics:
    """What the server has done since it was started; many threads may count at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        #: By kind of address and status.
        self._responses: Counter[tuple[str, str]] = Counter()
        self._cache: Counter[str] = Counter()
        self._queries: Counter[str] = Counter()
        self._bytes = 0
        self._queue, self._run = _Times(), _Times()
        self._cache_bytes: Callable[[], int] = int

    def count_status(self, address: str, status: int) -> None:
        """Count a response by the kind of its address."""
        with self._lock:
            self._responses[address, str(status)] += 1

    def count_cache(self, result: str) -> None:
        """Count a request that may be served from the cache by `hit`, `miss` or `shared`."""
        with self._lock:
            self._cache[result] += 1

    def watch_cache(self, size: Callable[[], int]) -> None:
        """Read the size of the cache, in bytes, whenever the figures are asked for."""
        self._cache_bytes = size

    def count_repeated_query(self, outcome: str, length: int) -> None:
        """Count a query that was not run because its answer, of so many bytes, was there."""
        with self._lock:
            self._queries[outcome] += 1
            self._bytes += length

    def count_query(self, logged: LoggedQuery) -> None:
        """Count a query and its times."""
        with self._lock:
            self._queries[logged.outcome] += 1
            self._bytes += logged.bytes
            self._queue.note(logged.queue_ms / _MS)
            self._run.note(logged.run_ms / _MS)

    def text(self, manifest: Manifest) -> bytes:
        """Write all figures in the text format of Prometheus."""
        registry = CollectorRegistry()
        registry.register(_Figures(self, manifest))
        return generate_latest(registry)

    def families(self) -> list[Metric]:
        """Give all figures as they are now."""
        with self._lock:
            return list(self._families())

    def _families(self) -> Iterator[Metric]:
        responses = CounterMetricFamily(
            "metropole_responses",
            "Responses by kind of address and status.",
            labels=("address", "status"),
        )
        for key, count in self._responses.items():
            responses.add_metric(key, count)
        yield responses
        yield _counted("metropole_queries", "Queries by outcome.", "outcome", self._queries)
        yield CounterMetricFamily(
            "metropole_answer_bytes", "Bytes of answers to queries.", value=self._bytes
        )
        yield _counted(
            "metropole_cache_requests",
            "Requests that a kept answer could serve: hit, miss, or shared with one under way.",
            "result",
            self._cache,
        )
        yield GaugeMetricFamily(
            "metropole_cache_bytes",
            "Memory that kept answers take.",
            value=self._cache_bytes(),
        )
        yield self._queue.family(
            "metropole_query_queue_seconds", "Seconds that queries waited for their turn."
        )
        yield self._run.family("metropole_query_run_seconds", "Seconds that queries ran.")


def _counted(name: str, text: str, label: str, counts: Counter[str]) -> Metric:
    family = CounterMetricFamily(name, text, labels=(label,))
    for value, count in counts.items():
        family.add_metric((value,), count)
    return family


@dataclass(frozen=True, eq=False)
class _Figures(Collector):
    """The figures of a server and of the release that it serves."""

    metrics: Metrics
    manifest: Manifest

    def collect(self) -> Iterator[Metric]:
        yield from self.metrics.families()
        triples = GaugeMetricFamily(
            "metropole_release_triples",
            "Triples of the release that is served.",
            labels=("release",),
        )
        triples.add_metric((self.manifest.id,), self.manifest.triples)
        yield triples
