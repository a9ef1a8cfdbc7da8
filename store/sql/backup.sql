-- name: export_snapshot
SELECT pg_export_snapshot();

-- name: declarations
SELECT count(*) FROM declaration_version;

-- name: files
-- Every file that the catalog or a batch on its way into the lake names, below the lake's folder.
SELECT CASE WHEN file.path_is_relative THEN folder.path || held.path || file.path ELSE file.path END AS path
FROM ducklake.ducklake_data_file AS file
     JOIN ducklake.ducklake_table AS held ON held.table_id = file.table_id
     JOIN ducklake.ducklake_schema AS folder ON folder.schema_id = held.schema_id
WHERE file.end_snapshot IS NULL AND held.end_snapshot IS NULL AND folder.end_snapshot IS NULL
UNION
SELECT lake_file.path
FROM lake_file JOIN batch USING (batch_id)
WHERE batch.published_at IS NULL;

-- name: has_tables
SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname IN ('public', 'ducklake'));
