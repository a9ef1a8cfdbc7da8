-- name: drivers
-- The recorded drivers who are employed on a day or later.
SELECT driver_id, driver_first_name, driver_last_name, driver_licence_number, external_reference
FROM driver
WHERE operator_id = $1 AND (driver_contract_end IS NULL OR driver_contract_end >= $2)
ORDER BY driver_last_name, driver_first_name, driver_id;
