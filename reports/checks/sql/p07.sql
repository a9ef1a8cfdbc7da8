-- title: Everywhere at once with one vehicle
-- severity: info
-- weight: 1
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(v) and (vi)
-- Drivers who are declared, on the day of the check, for more host states than one vehicle is likely to serve.
-- The count spans the states, whichever one asks; each state is shown its own declarations only.
WITH posting AS (
    SELECT peer.*, bit, driver_key(driver_licence_number, driver_birth_date) AS driver
    FROM peer JOIN country ON code = posting_country
    WHERE NOT withdrawn AND fleet_id IS NOT NULL AND driver_licence_number IS NOT NULL
      AND getvariable('as_of') BETWEEN start_date AND end_date
      AND (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
      AND (getvariable('operator_parts') = 1 OR hash(operator_id) % getvariable('operator_parts') = getvariable('part'))
),
traveller AS (
    SELECT operator_id, driver
    FROM posting
    GROUP BY ALL
    HAVING bit_count(bit_or(bit)) > getvariable('limits').host_states
),
one_vehicle AS (
    SELECT operator_id, fleet_id, min(plate_key) AS plate_key
    FROM fleet_plate SEMI JOIN (SELECT operator_id, fleet_id FROM posting SEMI JOIN traveller USING (operator_id, driver))
                               USING (operator_id, fleet_id)
    GROUP BY ALL
    HAVING count(*) = 1
),
driven AS (
    SELECT posting.*, plate_key, bit_or(bit) OVER (PARTITION BY operator_id, driver, plate_key) AS bits
    FROM posting JOIN one_vehicle USING (operator_id, fleet_id)
)
SELECT
    operator_id,
    posting_country AS host,
    'driver' AS subject_kind,
    driver AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'host_states': max(bit_count(bits)), 'plate': min(plate_key)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM driven
WHERE bit_count(bits) > getvariable('limits').host_states
  AND (getvariable('scope_host') IS NULL OR posting_country = getvariable('scope_host')::VARCHAR)
  AND (getvariable('scope_plate') IS NULL OR plate_key = getvariable('scope_plate')::VARCHAR)
  AND (getvariable('scope_driver') IS NULL OR number_key(driver_licence_number) = getvariable('scope_driver')::VARCHAR)
  AND (getvariable('scope_since') IS NULL OR accepted_at >= getvariable('scope_since')::TIMESTAMPTZ)
GROUP BY operator_id, posting_country, driver
