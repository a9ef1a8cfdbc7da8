-- name: ended_before
-- Declarations whose posting, by their newest version, ended before a day (domain.md 1.5: 24 months).
SELECT declaration_id FROM declaration WHERE end_date < $1 ORDER BY declaration_id LIMIT $2;

-- name: of_driver
-- Every declaration that names a driver in any version, by the licence number and birth date, or by the driver's id.
SELECT DISTINCT declaration_id
FROM declaration_version
WHERE (driver_licence_number = $1 AND driver_birth_date = $2) OR driver_id = $3
ORDER BY declaration_id
LIMIT $4;

-- name: delete_versions
DELETE FROM declaration_version WHERE declaration_id = ANY ($1::uuid[]);

-- name: delete_spans
-- Spans that hold no declaration any more.
DELETE FROM operator_span AS span
WHERE (span.operator_id, span.first_id) IN (
          SELECT operator_id, first_id FROM operator_span
          WHERE first_id <= $2 AND last_id >= $1
      )
  AND NOT EXISTS (
      SELECT FROM declaration_version AS version
      WHERE version.declaration_id BETWEEN span.first_id AND span.last_id
        AND version.operator_id = span.operator_id
  );

-- name: delete_copies
-- Orders to e-mail copies of what is removed, with their addresses.
DELETE FROM copy_mail WHERE declaration_id = ANY ($1::uuid[]);

-- name: delete_records
-- What is kept of a driver beside the declarations: the record, drafts, standing renewals, what waits for another
-- person's approval, and the hints of checks, which name a driver by licence number and birth date.
WITH named AS (
    SELECT operator_id, driver_id FROM driver
    WHERE (driver_licence_number = $1 AND driver_birth_date = $2) OR driver_id = $3
), renewals AS (
    DELETE FROM standing_renewal USING named
    WHERE standing_renewal.operator_id = named.operator_id AND standing_renewal.driver_id = named.driver_id
), records AS (
    DELETE FROM driver USING named
    WHERE driver.operator_id = named.operator_id AND driver.driver_id = named.driver_id
    RETURNING 1
), drafts AS (
    DELETE FROM draft
    WHERE (driver_licence_number = $1 AND driver_birth_date = $2) OR driver_id = $3
       OR (operator_id, driver_id) IN (TABLE named)
    RETURNING 1
), approvals AS (
    DELETE FROM approval WHERE position(convert_to($1, 'UTF8') IN body) > 0 RETURNING 1
), hints AS (
    DELETE FROM hint
    WHERE subject_kind = 'driver' AND subject = upper(translate($1, ' -/.', '')) || coalesce(' ' || $2::text, '')
    RETURNING 1
)
SELECT (SELECT count(*) FROM records) + (SELECT count(*) FROM drafts)
     + (SELECT count(*) FROM approvals) + (SELECT count(*) FROM hints);

-- name: certify
INSERT INTO removal (reason, declarations, versions, digest) VALUES ($1, $2, $3, $4) RETURNING removal_id, removed_at;

-- name: partitions
-- The partitions in which these ids lie.
SELECT DISTINCT tableoid::regclass::text AS partition FROM declaration_version WHERE declaration_id = ANY ($1::uuid[]);

-- name: rewrite_partition
-- Deleted rows leave the disk only when the table is written anew.
VACUUM (FULL, ANALYZE) {partition};

-- name: forget_bounds
-- DuckLake keeps the least and the greatest value of each column, names too, and never narrows them.
UPDATE ducklake.ducklake_table_column_stats SET min_value = NULL, max_value = NULL
WHERE min_value IS NOT NULL OR max_value IS NOT NULL;

-- name: with_samples
-- What else keeps values of columns: addresses for copies, bounds of files, and the planner's samples.
SELECT unnest(ARRAY [
    'copy_mail', 'ducklake.ducklake_table_column_stats', 'ducklake.ducklake_file_column_stats',
    'pg_catalog.pg_statistic'
]) AS partition;

-- name: end_log_file
-- The log still holds what was removed: it is ended here and deleted by the checkpoint.
SELECT pg_switch_wal();

-- name: checkpoint
CHECKPOINT;

-- name: lake_files
-- The files of a level in which these ids lie.
SELECT DISTINCT filename FROM lake.{table} WHERE declaration_id IN (SELECT unnest($ids)::UUID);

-- name: keep_others
INSERT INTO lake.{table} BY NAME
FROM read_parquet($files, hive_partitioning = false, union_by_name = true)
WHERE declaration_id NOT IN (SELECT unnest($ids)::UUID);

-- name: is_unpublished
SELECT EXISTS (SELECT FROM batch WHERE published_at IS NULL);

-- name: take_time
-- Rewriting a large partition takes longer than a transaction of a worker may.
SET transaction_timeout = 0;
