-- What the analyses read: the lake at one snapshot with its tail, and the system of record beside it.

-- name: state
-- In Postgres: the last snapshot, and the files of batches that are committed and not yet in it; one state of both.
SELECT (SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot) AS snapshot,
       lake_file.lake_table AS lake_table,
       lake_file.path AS path
FROM (SELECT 1) AS once
     LEFT JOIN (batch JOIN lake_file USING (batch_id)) ON batch.published_at IS NULL;

-- name: attach_books
ATTACH '{address}' AS books (TYPE postgres, READ_ONLY);

-- name: at_snapshot
-- Level 1, level 0 and the tail, without the bucket, which is the lake's own affair.
CREATE OR REPLACE TEMP VIEW {table} AS
SELECT * EXCLUDE (bucket) FROM lake.{table} AT (VERSION => {snapshot})
UNION ALL BY NAME
SELECT * FROM lake.{table}_recent AT (VERSION => {snapshot});

-- name: at_snapshot_with_tail
CREATE OR REPLACE TEMP VIEW {table} AS
SELECT * EXCLUDE (bucket) FROM lake.{table} AT (VERSION => {snapshot})
UNION ALL BY NAME
SELECT * FROM lake.{table}_recent AT (VERSION => {snapshot})
UNION ALL BY NAME
SELECT * FROM read_parquet({files}, hive_partitioning = false);

-- name: over_files
CREATE OR REPLACE TEMP VIEW {table} AS
SELECT * FROM read_parquet({files}, hive_partitioning = false, union_by_name = true);

-- name: settings
-- Rows need no order here, and an order is what costs memory.
SET preserve_insertion_order = false;
