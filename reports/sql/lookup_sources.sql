-- Where the rows of large files come from, as `{rows}` of the look-up's statements. The paths are the catalog's own; as
-- literals they let DuckDB plan once, not twice.

-- name: files
read_parquet({files}, hive_partitioning = false)

-- name: nothing
(FROM {recent} WHERE false)

-- name: catalog
-- Level 1 with deleted rows: the catalog knows which, at the snapshot that the memory tables belong to.
(FROM lake.{table} AT (VERSION => {snapshot}) WHERE bucket IN {buckets})

-- name: catalog_and_files
(
    SELECT * EXCLUDE (bucket) FROM lake.{table} AT (VERSION => {snapshot}) WHERE bucket IN {buckets}
    UNION ALL BY NAME
    FROM read_parquet({files}, hive_partitioning = false)
)
