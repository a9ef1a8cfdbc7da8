-- title: One vehicle under several operators at once
-- severity: medium
-- weight: 4
-- parts: subject
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vi)
-- Plates that several operators declare for overlapping periods in the same host state. Lease and subcontracting
-- are legal reasons. A plate that very many operators name is a placeholder.
WITH shared AS (
    SELECT plate_key
    FROM peer_plate
    WHERE (getvariable('subject_parts') = 1 OR hash(plate_key) % getvariable('subject_parts') = getvariable('part'))
    GROUP BY plate_key
    HAVING min(operator_id) < max(operator_id)
       AND approx_count_distinct(operator_id) <= getvariable('limits').sharing_operators
),
named AS MATERIALIZED (
    SELECT plate_key, operator_id, fleet_id FROM fleet_plate SEMI JOIN shared USING (plate_key) GROUP BY ALL
),
-- A fleet stands on many declarations of few periods: one of each is enough.
posting AS (
    SELECT
        operator_id, fleet_id, posting_country AS host, start_date, end_date,
        max(declaration_id) AS declaration_id, count(*) AS declarations
    FROM declaration SEMI JOIN named USING (operator_id, fleet_id)
    WHERE NOT withdrawn AND (getvariable('scope_host') IS NULL OR posting_country = getvariable('scope_host')::VARCHAR)
    GROUP BY ALL
),
own AS (
    SELECT plate_key, operator_id, posting_country AS host, start_date, end_date, max(declaration_id) AS declaration_id,
           count(*) AS declarations
    FROM scoped JOIN named USING (operator_id, fleet_id)
    WHERE NOT withdrawn AND (getvariable('scope_plate') IS NULL OR plate_key = getvariable('scope_plate')::VARCHAR)
    GROUP BY ALL
),
other AS (SELECT plate_key, posting.* FROM posting JOIN named USING (operator_id, fleet_id))
SELECT
    own.operator_id,
    own.host,
    'plate' AS subject_kind,
    own.plate_key AS subject,
    count(DISTINCT own.declaration_id) AS occurrences,
    min(greatest(own.start_date, other.start_date)) AS first_on,
    max(least(own.end_date, other.end_date)) AS last_on,
    {'other_operators': some_of(other.operator_id)} AS details,
    newest(
        {
            'kind': 'overlap', 'id': own.declaration_id, 'other': other.declaration_id,
            'from': greatest(own.start_date, other.start_date), 'until': least(own.end_date, other.end_date)
        },
        {'until': least(own.end_date, other.end_date), 'other': other.declaration_id}
    ) AS evidence
FROM own
     JOIN other
          ON other.plate_key = own.plate_key AND other.host = own.host AND other.operator_id <> own.operator_id
             AND other.start_date <= own.end_date AND other.end_date >= own.start_date
GROUP BY own.operator_id, own.host, own.plate_key
