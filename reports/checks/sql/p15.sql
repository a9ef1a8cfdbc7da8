-- title: Light or heavy other than in the vehicle register
-- severity: low
-- weight: 3
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vi)
-- needs: vehicle
-- Plates declared as up to 3.5 t that the register has as heavier, or the reverse.
WITH wrong AS MATERIALIZED (
    SELECT operator_id, fleet_id, plate_key, fleet_plate.weight AS declared_weight, register_vehicle.weight AS registered
    FROM fleet_plate
         JOIN operator USING (operator_id)
         JOIN register_vehicle USING (country, licence_key, plate_key)
    WHERE fleet_plate.weight IN ('LIGHT', 'HEAVY') AND fleet_plate.weight <> register_vehicle.weight
)
SELECT
    operator_id,
    posting_country AS host,
    'plate' AS subject_kind,
    plate_key AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'declared': any_value(declared_weight), 'registered': any_value(registered)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped JOIN wrong USING (operator_id, fleet_id)
WHERE NOT withdrawn
GROUP BY operator_id, posting_country, plate_key
