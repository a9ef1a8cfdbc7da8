-- name: existing
SELECT relname FROM pg_class WHERE relname LIKE 'declaration_version_2%';

-- name: create
-- Adds the partition of one month. The bounds are the least ids that the first moments of two months can make.
CREATE TABLE IF NOT EXISTS {partition} PARTITION OF declaration_version
FOR VALUES FROM ('{first_id}') TO ('{next_id}');

-- name: spare
-- Postgres keeps statistics of the columns that queries narrow by alone (0053_sparing_statistics.sql).
SELECT spare_partition('{partition}');
