"""Counters and times for Prometheus, in a registry of their own."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from metropole.release import Manifest
from metropole.web.query_log import LoggedQuery

_SECONDS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30)
_MS = 1000


class Metrics:
    """What the server has done since it was started."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._responses = Counter(
            "metropole_responses",
            "Responses by kind of address and status.",
            ("address", "status"),
            registry=self._registry,
        )
        #: Finding a counter by its labels takes longer than counting.
        self._counted: dict[tuple[str, ...], Counter] = {}
        self._queries = Counter(
            "metropole_queries", "Queries by outcome.", ("outcome",), registry=self._registry
        )
        self._bytes = Counter(
            "metropole_answer_bytes", "Bytes of answers to queries.", registry=self._registry
        )
        self._cache = Counter(
            "metropole_cache_requests",
            "Requests that a kept answer could serve: hit, miss, or shared with one under way.",
            ("result",),
            registry=self._registry,
        )
        self._cache_bytes = Gauge(
            "metropole_cache_bytes", "Memory that kept answers take.", registry=self._registry
        )
        self._queue = self._histogram("queue", "Seconds that queries waited for their turn.")
        self._run = self._histogram("run", "Seconds that queries ran.")
        self._triples = Gauge(
            "metropole_release_triples",
            "Triples of the release that is served.",
            ("release",),
            registry=self._registry,
        )

    def _histogram(self, name: str, text: str) -> Histogram:
        return Histogram(
            f"metropole_query_{name}_seconds", text, buckets=_SECONDS, registry=self._registry
        )

    def count_status(self, address: str, status: int) -> None:
        """Count a response by the kind of its address."""
        self._count(self._responses, "responses", address, str(status))

    def _count(self, counter: Counter, *key: str) -> None:
        """Count one; the key is the name of the counter and its labels."""
        counted = self._counted.get(key)
        if counted is None:
            counted = self._counted[key] = counter.labels(*key[1:])
        counted.inc()

    def count_cache(self, result: str) -> None:
        """Count a request that may be served from the cache by `hit`, `miss` or `shared`."""
        self._count(self._cache, "cache", result)

    def watch_cache(self, size: Callable[[], int]) -> None:
        """Read the size of the cache, in bytes, whenever the figures are asked for."""
        self._cache_bytes.set_function(size)

    def count_repeated_query(self, outcome: str, length: int) -> None:
        """Count a query that was not run because its answer, of so many bytes, was there."""
        self._count(self._queries, "queries", outcome)
        self._bytes.inc(length)

    def count_query(self, logged: LoggedQuery) -> None:
        """Count a query and its times."""
        self._count(self._queries, "queries", logged.outcome)
        self._bytes.inc(logged.bytes)
        self._queue.observe(logged.queue_ms / _MS)
        self._run.observe(logged.run_ms / _MS)

    def text(self, manifest: Manifest) -> bytes:
        """Write all figures in the text format of Prometheus."""
        self._triples.clear()
        self._triples.labels(manifest.id).set(manifest.triples)
        return generate_latest(self._registry)
