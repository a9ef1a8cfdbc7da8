-- name: attach
ATTACH '{database_url}' AS register (TYPE postgres, READ_ONLY);

-- name: drop_table
DROP TABLE IF EXISTS lake.{table};

-- name: declarations
INSERT INTO lake.declaration_version BY NAME
SELECT (md5_number_lower(operator_id::VARCHAR) % {buckets})::SMALLINT AS bucket, *
FROM postgres_query('register', 'SELECT * FROM declaration_version
    WHERE declaration_id >= ''{first}'' AND declaration_id < ''{next}''');

-- name: fleets
INSERT INTO lake.fleet_plate BY NAME
SELECT (md5_number_lower(plate_key) % {buckets})::SMALLINT AS bucket, *
FROM postgres_query('register', 'SELECT key AS plate_key, plate, weight, operator_id, fleet_id, declared_at
    FROM fleet, unnest(plate_keys, plates, weights) AS one (key, plate, weight)');

-- name: hold_batches
-- Drains wait while the lake is made anew; intake goes on.
LOCK TABLE batch IN SHARE MODE;

-- name: unpublished
SELECT batch_id FROM batch WHERE published_at IS NULL;

-- name: mark
UPDATE batch SET published_at = clock_timestamp() WHERE batch_id = ANY ($1::bigint[]);
