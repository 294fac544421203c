"""Counters in the text format of Prometheus. Few enough that no library is needed for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_Labels = tuple[str, str, int]


class Metrics:
    """What calls came, how they ended and how long they took."""

    def __init__(self) -> None:
        self._calls: Counter[_Labels] = Counter()
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._buckets: defaultdict[str, Counter[float]] = defaultdict(Counter)

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a call by its route, which is a pattern and names nobody's documents."""
        self._calls[method, route, status] += 1
        self._seconds[route] += seconds
        for bound in BUCKETS:
            self._buckets[route][bound] += seconds <= bound

    def text(self, gauges: Mapping[str, float]) -> str:
        """All counters, and what is so at the moment."""
        lines = ["# TYPE glede_requests_total counter"]
        for (method, route, status), count in sorted(self._calls.items()):
            lines.append(
                f'glede_requests_total{{method="{method}",route="{route}",status="{status}"}} {count}'
            )
        lines.append("# TYPE glede_request_seconds histogram")
        for route, seconds in sorted(self._seconds.items()):
            count = sum(calls for (_, one, _), calls in self._calls.items() if one == route)
            for bound in BUCKETS:
                held = self._buckets[route][bound]
                lines.append(f'glede_request_seconds_bucket{{route="{route}",le="{bound:g}"}} {held}')
            lines.append(f'glede_request_seconds_bucket{{route="{route}",le="+Inf"}} {count}')
            lines.append(f'glede_request_seconds_sum{{route="{route}"}} {seconds:.6f}')
            lines.append(f'glede_request_seconds_count{{route="{route}"}} {count}')
        for name, value in gauges.items():
            lines += [f"# TYPE glede_{name} gauge", f"glede_{name} {value:g}"]
        return "\n".join(lines) + "\n"
