-- What declarations name by an id: recorded drivers and named fleets, of several operators at once.

-- name: drivers
SELECT driver.*
FROM driver
     JOIN unnest($1::uuid[], $2::uuid[]) AS named (operator_id, driver_id) USING (operator_id, driver_id);

-- name: fleets
SELECT named_fleet.*
FROM named_fleet
     JOIN unnest($1::uuid[], $2::uuid[]) AS named (operator_id, named_fleet_id) USING (operator_id, named_fleet_id);
