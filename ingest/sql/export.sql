-- An operator's registers, some rows at a time.

-- name: drivers
SELECT * FROM driver WHERE operator_id = $1 AND driver_id > $2 ORDER BY driver_id LIMIT $3;

-- name: plate_numbers
SELECT * FROM vehicle WHERE operator_id = $1 AND plate_number_id > $2 ORDER BY plate_number_id LIMIT $3;

-- name: fleets
SELECT * FROM named_fleet WHERE operator_id = $1 AND named_fleet_id > $2 ORDER BY named_fleet_id LIMIT $3;
