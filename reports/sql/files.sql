-- Which files a look-up has to read: asked of Postgres, which has the lake's catalog and the drains' ledger.

-- name: state
-- Changes whenever `files` would give another answer.
SELECT (SELECT max(snapshot_id) FROM ducklake.ducklake_snapshot) AS snapshot,
       (SELECT array_agg(batch_id ORDER BY batch_id) FROM batch WHERE published_at IS NULL) AS unpublished;

-- name: files
-- The data files of the last snapshot and those of batches that are committed and not yet published. One statement
-- sees one state of both: a file is never in between. `deletes` names the newest list of rows deleted from a file. Paths are below the lake's folder, or absolute.
WITH tables AS (
    SELECT held.table_id, held.table_name, folder.path || held.path AS path
    FROM ducklake.ducklake_table AS held
         JOIN ducklake.ducklake_schema AS folder USING (schema_id)
    WHERE held.end_snapshot IS NULL AND folder.end_snapshot IS NULL AND folder.schema_name = 'main'
)
SELECT tables.table_name,
       CASE WHEN file.path_is_relative THEN tables.path || file.path ELSE file.path END AS path,
       file.record_count AS rows,
       value.partition_value::int AS bucket,
       (
           SELECT max(deleted.delete_file_id)
           FROM ducklake.ducklake_delete_file AS deleted
           WHERE deleted.data_file_id = file.data_file_id AND deleted.end_snapshot IS NULL
       ) AS deletes
FROM ducklake.ducklake_data_file AS file
     JOIN tables USING (table_id)
     LEFT JOIN ducklake.ducklake_file_partition_value AS value USING (data_file_id)
WHERE file.end_snapshot IS NULL
UNION ALL
SELECT lake_table || '_recent', path, lake_file.rows, NULL, NULL
FROM batch JOIN lake_file USING (batch_id)
WHERE batch.published_at IS NULL;
