-- The lake's catalog as Postgres has it (DuckLake's own tables) beside the batches on their way into it.

-- name: lock_creation
SELECT pg_advisory_lock(hashtextextended('openrtpd lake create', 0));

-- name: unlock_creation
SELECT pg_advisory_unlock(hashtextextended('openrtpd lake create', 0));

-- name: has_catalog
SELECT to_regclass('ducklake.ducklake_column') IS NOT NULL AND to_regclass('ducklake.lake_file_once') IS NOT NULL;

-- name: columns
SELECT held.table_name, array_agg(held_column.column_name) AS columns
FROM ducklake.ducklake_table AS held JOIN ducklake.ducklake_column AS held_column USING (table_id)
WHERE held.end_snapshot IS NULL AND held_column.end_snapshot IS NULL
GROUP BY held.table_name;

-- name: file_once
-- A file is in the lake at most once: two publishers that were given the same batches cannot both commit.
CREATE UNIQUE INDEX IF NOT EXISTS lake_file_once ON ducklake.ducklake_data_file (substring(path FROM '[^/]*$'));

-- name: lock_writer
-- One writer of the lake at a time, on whatever machine; the lock ends with its connection.
SELECT pg_try_advisory_lock(hashtextextended('openrtpd lake writer', 0));

-- name: unlock_writer
SELECT pg_advisory_unlock(hashtextextended('openrtpd lake writer', 0));

-- name: mark_published
-- What the catalog has is published. It is asked, not remembered: so a crash after DuckLake's commit is made good.
UPDATE batch
SET published_at = clock_timestamp()
WHERE published_at IS NULL
  AND NOT EXISTS (
      SELECT FROM lake_file
      WHERE lake_file.batch_id = batch.batch_id
        AND NOT EXISTS (
            SELECT FROM ducklake.ducklake_data_file AS held
            WHERE substring(held.path FROM '[^/]*$') = substring(lake_file.path FROM '[^/]*$')
        )
  )
RETURNING batch_id, rows;

-- name: waiting
-- How many batches wait for their publication, with how many rows, and for how many seconds the oldest has.
SELECT count(*) AS batches,
       coalesce(sum(rows), 0)::bigint AS rows,
       coalesce(extract(epoch FROM clock_timestamp() - min(committed_at)), 0)::float8 AS seconds
FROM batch
WHERE published_at IS NULL;

-- name: unpublished
-- The files of the oldest batches that are committed and not published.
SELECT batch_id, lake_table, path
FROM (SELECT batch_id FROM batch WHERE published_at IS NULL ORDER BY batch_id LIMIT $1) AS waiting
     JOIN lake_file USING (batch_id)
ORDER BY batch_id, path;

-- name: files
-- The data files of declarations in the last snapshot, oldest first; bucket is null in level 0, and `written_at` the
-- snapshot that came with the file. Other schemas of the lake hold what others publish (exchange/publishing.py).
SELECT held.table_name,
       CASE WHEN file.path_is_relative THEN folder.path || held.path || file.path ELSE file.path END AS path,
       file.record_count AS rows,
       value.partition_value::int AS bucket,
       file.begin_snapshot AS written_at
FROM ducklake.ducklake_data_file AS file
     JOIN ducklake.ducklake_table AS held ON held.table_id = file.table_id AND held.end_snapshot IS NULL
     JOIN ducklake.ducklake_schema AS folder ON folder.schema_id = held.schema_id AND folder.end_snapshot IS NULL
     LEFT JOIN ducklake.ducklake_file_partition_value AS value ON value.data_file_id = file.data_file_id
WHERE file.end_snapshot IS NULL AND folder.schema_name = 'main'
ORDER BY file.data_file_id;

-- name: arrived
-- The lake's last snapshot, and the rows that the drains committed in the last seconds: is it calm? Batches are
-- looked at from the newest on.
WITH RECURSIVE arrived AS (
    (SELECT batch_id, rows, committed_at FROM batch ORDER BY batch_id DESC LIMIT 1)
    UNION ALL
    SELECT before.batch_id, before.rows, before.committed_at
    FROM arrived,
         LATERAL (SELECT * FROM batch WHERE batch_id < arrived.batch_id ORDER BY batch_id DESC LIMIT 1) AS before
    WHERE arrived.committed_at > now() - make_interval(secs => $1)
)
SELECT (SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot) AS snapshot, coalesce(sum(rows), 0)::bigint AS rows
FROM arrived
WHERE committed_at > now() - make_interval(secs => $1);

-- name: oldest_unpublished
SELECT min(committed_at) FROM batch WHERE published_at IS NULL;

-- name: forget_files
-- A file that was published and then compacted away has done its work.
DELETE FROM lake_file
USING batch
WHERE batch.batch_id = lake_file.batch_id
  AND batch.published_at < now() - make_interval(secs => $1)
  AND NOT EXISTS (
      SELECT FROM ducklake.ducklake_data_file AS held
      WHERE substring(held.path FROM '[^/]*$') = substring(lake_file.path FROM '[^/]*$')
  );
