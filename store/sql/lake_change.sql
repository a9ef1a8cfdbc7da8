-- What changes the lake, in DuckDB. Each begins and ends a DuckLake transaction in store/publish.py, compact.py, sweep.py.

-- name: add_files
-- A drain of an older release, still at work, writes fewer columns.
CALL ducklake_add_data_files('lake', '{table}', $files, allow_missing => true);

-- name: move
-- Files of level 0 into level 1; DuckLake sorts by bucket and key.
INSERT INTO lake.{table} BY NAME
SELECT (md5_number_lower({key}) % {buckets})::SMALLINT AS bucket, *
FROM read_parquet($files, hive_partitioning = false, union_by_name = true);

-- name: join
-- Small files of one table into one.
INSERT INTO lake.{table} BY NAME
FROM read_parquet($files, hive_partitioning = false, union_by_name = true);

-- name: split
-- Small files of one table into one for each part of their buckets; `depths` says for each bucket how often it is split.
INSERT INTO lake.{table} BY NAME
SELECT * EXCLUDE (hash, parts) REPLACE ((hash % parts + if(parts > {buckets}, parts, 0))::SMALLINT AS bucket)
FROM (
    SELECT *, ({buckets} << $depths[(hash % {buckets})::INTEGER + 1])::UBIGINT AS parts
    FROM (
        SELECT *, md5_number_lower({key}) AS hash
        FROM read_parquet($files, hive_partitioning = false, union_by_name = true)
    )
);

-- name: drop_files
-- Every row of a file: DuckLake then drops the file itself and writes no delete file.
DELETE FROM lake.{table} WHERE filename IN (SELECT unnest($files));

-- name: expire
CALL ducklake_expire_snapshots('lake', older_than => $before);

-- name: clean_up
CALL ducklake_cleanup_old_files('lake', older_than => $before);

-- name: drop_orphans
CALL ducklake_delete_orphaned_files('lake', older_than => $before);
