-- title: Many more vehicles than certified copies
-- severity: medium
-- weight: 6
-- legal: Regulation (EC) No 1071/2009, Article 16; Regulation (EC) No 1072/2009, Article 4
-- needs: licence
-- Operators that declare, on the day of the check, far more vehicles than the register has certified true copies of
-- their Community licence.
WITH posting AS (
    SELECT * FROM scoped WHERE NOT withdrawn AND getvariable('as_of') BETWEEN start_date AND end_date
),
counted AS (
    SELECT operator_id, count(DISTINCT plate_key) AS plates
    FROM fleet_plate SEMI JOIN posting USING (operator_id, fleet_id)
    GROUP BY operator_id
),
short AS (
    SELECT operator_id, plates, certified_copies
    FROM counted
         JOIN operator USING (operator_id)
         JOIN register_licence USING (country, licence_key)
    WHERE plates >= certified_copies + getvariable('limits').plates_over_copies
      AND plates > certified_copies * getvariable('limits').plates_per_copy
)
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    any_value(plates - certified_copies) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'plates': any_value(plates), 'certified_copies': any_value(certified_copies)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM posting JOIN short USING (operator_id)
GROUP BY operator_id, posting_country
