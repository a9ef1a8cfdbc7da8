-- title: Vehicles of another country than the operator
-- severity: info
-- weight: 2
-- legal: Regulation (EC) No 1071/2009, Article 5
-- Operators most of whose plates look like another country's series and unlike their own: one sign, among others,
-- of an establishment that is only a letterbox. Hire and subcontracting are legal reasons.
WITH plate AS (
    SELECT DISTINCT operator_id, plate_key
    FROM fleet_plate
    WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
),
judged AS (
    SELECT
        operator_id, plate_key,
        NOT regexp_full_match(country || ':' || plate_key, getvariable('own_series'))
        AND regexp_full_match(plate_key, getvariable('any_series')) AS strange
    FROM plate JOIN operator USING (operator_id)
),
operator_of_strangers AS (
    SELECT
        operator_id, count(*) AS plates, count(*) FILTER (WHERE strange) AS strange,
        arg_max(plate_key, plate_key, 10) FILTER (WHERE strange) AS examples
    FROM judged
    GROUP BY operator_id
    HAVING count(*) FILTER (WHERE strange) >= getvariable('limits').strange_plates
       AND 2 * count(*) FILTER (WHERE strange) > count(*)
)
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    any_value(strange) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'plates': any_value(plates), 'strange': any_value(strange), 'examples': any_value(examples)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped JOIN operator_of_strangers USING (operator_id)
WHERE NOT withdrawn
GROUP BY operator_id, posting_country
