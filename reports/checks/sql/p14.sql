-- title: Goods declared, bus stopped, or the reverse
-- severity: low
-- weight: 3
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vii)
-- A control saw the other kind of carriage than the declarations in force name, or a plate stands in the register as
-- a vehicle of the other kind.
WITH at_control AS (
    SELECT scoped.*, control.control_id::VARCHAR AS seen_as, control.seen_at::DATE AS seen_on, carriage_seen AS carriage
    FROM control_link
         JOIN control USING (control_id)
         JOIN scoped ON scoped.declaration_id = control_link.declaration_id
    WHERE carriage_seen IS NOT NULL
      AND NOT withdrawn
      AND timezone('UTC', control.seen_at)::DATE BETWEEN start_date AND end_date
),
registered AS MATERIALIZED (
    SELECT operator_id, fleet_id, plate_key, carriage
    FROM register_vehicle
         JOIN operator USING (country, licence_key)
         JOIN fleet_plate USING (operator_id, plate_key)
    WHERE carriage IS NOT NULL
),
in_register AS (
    SELECT scoped.*, plate_key AS seen_as, start_date AS seen_on, carriage
    FROM scoped JOIN registered USING (operator_id, fleet_id)
    WHERE NOT withdrawn
),
seen AS (
    SELECT DISTINCT 'control' AS kind, * FROM at_control
    UNION ALL
    SELECT DISTINCT 'plate', * FROM in_register
)
SELECT
    operator_id,
    posting_country AS host,
    kind AS subject_kind,
    seen_as AS subject,
    count(*) AS occurrences,
    min(seen_on) AS first_on,
    max(seen_on) AS last_on,
    {'seen': any_value(carriage), 'goods_declared': bool_or(goods), 'passengers_declared': bool_or(passengers)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM seen
GROUP BY operator_id, posting_country, kind, seen_as, carriage
HAVING NOT bool_or(CASE carriage WHEN 'CARRIAGE_OF_GOODS' THEN goods ELSE passengers END)
