-- name: value
SELECT value FROM service_key WHERE name = $1;
