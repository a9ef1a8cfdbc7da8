-- name: settings
-- Footers stay in memory, their files never change; ids reach Python as their 16 bytes.
SET GLOBAL parquet_metadata_cache = true;
SET GLOBAL arrow_lossless_conversion = true;
