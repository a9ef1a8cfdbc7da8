-- Which keys some rows have, each once or oftener.

-- name: declaration_version
SELECT operator_id::VARCHAR AS key FROM (SELECT DISTINCT operator_id FROM {rows});

-- name: fleet_plate
SELECT plate_key AS key FROM {rows};
