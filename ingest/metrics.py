"""What intake counts, for Prometheus: accepted and refused, by the problem's code."""

from collections.abc import Iterable

from prometheus_client import Counter, Gauge

from schemas.problem import Problem

accepted_total = Counter("rtpd_ingest_accepted_total", "Declarations accepted")
refused_total = Counter("rtpd_ingest_refused_total", "Declarations refused")
problems_total = Counter("rtpd_ingest_problems_total", "Problems found, by code", ["code", "severity"])
queue_declarations = Gauge("rtpd_queue_declarations", "Declarations that wait for storage", ["shard"])
queue_age_seconds = Gauge("rtpd_queue_age_seconds", "Age of the oldest frame that waits for storage", ["shard"])


def count_judged(accepted: bool, problems: Iterable[Problem], lines: int = 1) -> None:
    """Counts the problems of one line, or of some of which the same is said, and those that were refused."""
    if not accepted:
        refused_total.inc(lines)
    for found in problems:
        problems_total.labels(found.code, found.severity).inc(lines)
