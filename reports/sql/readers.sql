-- name: settings
-- Footers stay in memory, their files never change. Of local files too a column is read at one go: by default each
-- field of each page's head is a call of its own. Ids reach Python as their 16 bytes.
SET GLOBAL parquet_metadata_cache = true;
SET GLOBAL prefetch_all_parquet_files = true;
SET GLOBAL arrow_lossless_conversion = true;
