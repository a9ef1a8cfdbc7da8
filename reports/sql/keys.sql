-- Which keys some rows have, as the numbers from which buckets are computed (store/buckets.py).

-- name: declaration_version
SELECT md5_number_lower(key) AS number FROM (SELECT DISTINCT operator_id::VARCHAR AS key FROM {rows});

-- name: fleet_plate
SELECT md5_number_lower(key) AS number FROM (SELECT DISTINCT plate_key AS key FROM {rows});
