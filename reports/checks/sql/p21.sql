-- title: A plate that differs only by letters misread
-- severity: medium
-- weight: 5
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vi)
-- Plates that differ from another plate of the operator, declared or in the vehicle register, only by O and 0, I and 1
-- and the like: a slip, or a way not to be found.
WITH plate AS (
    SELECT operator_id, plate_key, loose_key(plate_key) AS loose
    FROM fleet_plate
    WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
    GROUP BY ALL
),
registered AS (
    SELECT operator_id, plate_key, loose_key(plate_key) AS loose
    FROM operator JOIN register_vehicle USING (country, licence_key)
    WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
),
twice AS (
    SELECT operator_id, loose, min(plate_key) AS plate_key
    FROM plate
    GROUP BY operator_id, loose
    HAVING min(plate_key) < max(plate_key)
),
pair AS (
    SELECT plate.operator_id, plate.plate_key, twice.plate_key AS other_key, 'declared' AS known_from
    FROM plate JOIN twice USING (operator_id, loose)
    WHERE plate.plate_key <> twice.plate_key
    UNION ALL
    SELECT plate.operator_id, plate.plate_key, registered.plate_key, 'registered'
    FROM plate JOIN registered USING (operator_id, loose)
    WHERE plate.plate_key <> registered.plate_key
),
-- What the register has under both spellings is two vehicles.
slip AS MATERIALIZED (
    SELECT pair.*, fleet_id
    FROM pair
         ANTI JOIN registered USING (operator_id, plate_key)
         JOIN fleet_plate USING (operator_id, plate_key)
)
SELECT
    operator_id,
    posting_country AS host,
    'plate' AS subject_kind,
    slip.plate_key AS subject,
    count(DISTINCT declaration_id) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'like': min(other_key), 'known_from': arg_min(known_from, other_key)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM slip JOIN scoped USING (operator_id, fleet_id)
WHERE NOT withdrawn
GROUP BY operator_id, posting_country, slip.plate_key
