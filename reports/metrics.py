"""What the authorities' side counts, for Prometheus."""

from prometheus_client import Counter, Gauge, Histogram

lookups_total = Counter("rtpd_lookups_total", "Look-ups answered, by verdict", ["verdict"])
refused_total = Counter("rtpd_reports_refused_total", "Requests refused, by the problem's code", ["code"])
lookup_seconds = Histogram(
    "rtpd_lookup_seconds",
    "Time of a look-up until its answer",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
snapshot_number = Gauge("rtpd_lake_snapshot", "Snapshot of the lake that look-ups see")
rows_in_memory = Gauge("rtpd_lake_rows_in_memory", "Rows too new to be in a large file, held in memory")
