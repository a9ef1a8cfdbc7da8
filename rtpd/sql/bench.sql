-- name: progress
-- What is stored and what of it is published; every batch says its rows.
SELECT coalesce(sum(rows), 0)::bigint AS stored,
       coalesce(sum(rows) FILTER (WHERE published_at IS NOT NULL), 0)::bigint AS published
FROM batch;

-- name: bare_fleets
-- The first hop of a look-up, by DuckDB alone over the right files.
SELECT operator_id, fleet_id FROM read_parquet($files, hive_partitioning = false) WHERE plate_key = $plate_key;

-- name: bare_declarations
-- The second hop: the declarations of one operator for one host that name one of its fleets.
SELECT *
FROM read_parquet($files, hive_partitioning = false)
WHERE operator_id = $operator AND posting_country = $host AND list_contains($fleets, fleet_id);
