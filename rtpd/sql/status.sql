-- name: store
-- What Postgres holds: every batch says its rows, so the declarations need not be counted.
SELECT coalesce(sum(rows), 0)::bigint AS declarations,
       count(*) AS batches,
       count(*) FILTER (WHERE published_at IS NULL) AS unpublished_batches,
       coalesce(sum(rows) FILTER (WHERE published_at IS NULL), 0)::bigint AS unpublished_declarations,
       extract(epoch FROM now() - min(committed_at) FILTER (WHERE published_at IS NULL))::float8
           AS oldest_unpublished_s,
       pg_database_size(current_database()) AS bytes
FROM batch;

-- name: has_lake
SELECT to_regclass('ducklake.ducklake_snapshot') IS NOT NULL;

-- name: snapshot
SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot;

-- name: lake_tables
SELECT t.table_name AS name,
       count(f.data_file_id) AS files,
       coalesce(sum(f.record_count), 0)::bigint AS rows,
       coalesce(sum(f.file_size_bytes), 0)::bigint AS bytes
FROM ducklake.ducklake_table AS t
LEFT JOIN ducklake.ducklake_data_file AS f ON f.table_id = t.table_id AND f.end_snapshot IS NULL
WHERE t.end_snapshot IS NULL
GROUP BY t.table_name
ORDER BY t.table_name;
