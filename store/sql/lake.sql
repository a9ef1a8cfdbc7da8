-- The lake in DuckDB: DuckLake with its catalog in the same Postgres. Names in braces are filled in by store/lake.py.

-- name: clock
SET GLOBAL TimeZone = 'UTC';

-- name: attach
ATTACH 'ducklake:postgres:{catalog}' AS lake (
    DATA_PATH '{folder}', METADATA_SCHEMA 'ducklake', DATA_INLINING_ROW_LIMIT 0, OVERRIDE_DATA_PATH true
);

-- name: attach_read_only
ATTACH 'ducklake:postgres:{catalog}' AS lake (
    DATA_PATH '{folder}', METADATA_SCHEMA 'ducklake', OVERRIDE_DATA_PATH true, READ_ONLY
);

-- name: create_recent
-- Level 0: takes the drains' files as they are. `shape` is an empty Arrow table with the columns.
CREATE TABLE lake.{table}_recent AS FROM shape;

-- name: create
-- Level 1: bucketed and sorted, so that a look-up reads one small part of one file.
CREATE TABLE lake.{table} AS SELECT 0::SMALLINT AS bucket, * FROM shape;

-- name: partition
ALTER TABLE lake.{table} SET PARTITIONED BY (bucket);

-- name: sort
ALTER TABLE lake.{table} SET SORTED BY ({columns});

-- name: compression
-- A look-up takes a third less than with zstd, the files are half as large again.
CALL lake.set_option('parquet_compression', 'lz4_raw');

-- name: row_group
CALL lake.set_option('parquet_row_group_size', {rows}, table_name => '{table}');

-- name: has_table
SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' AND table_name = $1;

-- name: lacking
SELECT column_name, column_type
FROM (DESCRIBE shape)
WHERE column_name NOT IN (
    SELECT column_name FROM duckdb_columns() WHERE database_name = 'lake' AND table_name = $1
);

-- name: add_column
ALTER TABLE lake.{table} ADD COLUMN {column} {kind};

-- name: lock_down
-- Nothing but the lake's folder can be read from here on, and no setting be changed.
SET allowed_directories = ['{folder}'];
SET enable_external_access = false;
SET lock_configuration = true;
