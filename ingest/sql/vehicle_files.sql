-- The vehicle register filled from files and written to them.

-- name: take
-- Adds vehicles, or gives those that are registered already their new kind and reference; with an event for each.
WITH came AS (
    SELECT *
    FROM unnest($2::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])
        AS came (plate_number_id, plate_number, plate_key, registration_country, transport_type, vehicle_weight,
                 external_reference)
), taken AS (
    INSERT INTO vehicle (
        operator_id, plate_number_id, created_at, updated_at,
        plate_number, plate_key, registration_country, transport_type, vehicle_weight, external_reference
    )
    SELECT $1, plate_number_id, $3, $3,
           plate_number, plate_key, registration_country, transport_type, vehicle_weight, external_reference
    FROM came
    ON CONFLICT (operator_id, plate_key, registration_country, plate_number) DO UPDATE
    SET updated_at = excluded.updated_at,
        revision = vehicle.revision + 1,
        transport_type = excluded.transport_type,
        vehicle_weight = excluded.vehicle_weight,
        external_reference = coalesce(excluded.external_reference, vehicle.external_reference)
    WHERE (vehicle.transport_type, vehicle.vehicle_weight, vehicle.external_reference)
          IS DISTINCT FROM (excluded.transport_type, excluded.vehicle_weight,
                            coalesce(excluded.external_reference, vehicle.external_reference))
    RETURNING plate_number_id, revision
), noted AS (
    INSERT INTO event (operator_id, kind, happened_at, first_id, last_id)
    SELECT $1, CASE revision WHEN 1 THEN 'vehicle.created' ELSE 'vehicle.changed' END, $3,
           plate_number_id, plate_number_id
    FROM taken
)
SELECT count(*) FILTER (WHERE revision = 1) AS created, count(*) FILTER (WHERE revision > 1) AS changed FROM taken;

-- name: all
SELECT registration_country, transport_type, vehicle_weight, plate_number
FROM vehicle
WHERE operator_id = $1
ORDER BY plate_number_id;
