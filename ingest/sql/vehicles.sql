-- The vehicle register.

-- name: add
INSERT INTO vehicle (
    operator_id, plate_number_id, created_at, updated_at,
    plate_number, plate_key, registration_country, transport_type, vehicle_weight, external_reference
)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9)
RETURNING *;

-- name: change
UPDATE vehicle
SET updated_at = $3,
    revision = revision + 1,
    plate_number = $5,
    plate_key = $6,
    registration_country = $7,
    transport_type = $8,
    vehicle_weight = $9,
    external_reference = $10
WHERE operator_id = $1 AND plate_number_id = $2 AND revision = $4
RETURNING *;

-- name: one
SELECT * FROM vehicle WHERE operator_id = $1 AND plate_number_id = $2;

-- name: same
-- The vehicle that has this plate in this country already.
SELECT plate_number_id
FROM vehicle
WHERE operator_id = $1 AND plate_key = $2 AND registration_country = $3 AND plate_number = $4;

-- name: by_reference
SELECT plate_number_id FROM vehicle WHERE operator_id = $1 AND external_reference = $2;

-- name: page
SELECT *
FROM vehicle
WHERE operator_id = $1
  AND plate_number_id > $2
  AND ($4::text IS NULL OR position($4 IN plate_key) > 0)
  AND ($5::text IS NULL OR external_reference = $5)
ORDER BY plate_number_id
LIMIT $3;

-- name: delete
DELETE FROM vehicle WHERE operator_id = $1 AND plate_number_id = $2;
