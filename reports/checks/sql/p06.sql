-- title: One driver under two operators at once
-- severity: medium
-- weight: 6
-- parts: subject
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(iii)
-- Drivers whom several operators declare for overlapping periods in the same host state. Two part-time contracts
-- and agencies are legal reasons. A number that very many operators use is no driver's.
WITH shared AS (
    SELECT driver_licence_number, driver_birth_date
    FROM peer
    WHERE NOT withdrawn AND driver_licence_number IS NOT NULL
      AND (getvariable('subject_parts') = 1 OR hash(driver_licence_number) % getvariable('subject_parts') = getvariable('part'))
    GROUP BY ALL
    HAVING min(operator_id) < max(operator_id)
       AND approx_count_distinct(operator_id) <= getvariable('limits').sharing_operators
),
posting AS (
    SELECT peer.*, driver_key(peer.driver_licence_number, peer.driver_birth_date) AS driver
    FROM peer SEMI JOIN shared
         ON peer.driver_licence_number = shared.driver_licence_number
            AND peer.driver_birth_date IS NOT DISTINCT FROM shared.driver_birth_date
    WHERE NOT withdrawn
)
SELECT
    own.operator_id,
    own.host,
    'driver' AS subject_kind,
    own.driver AS subject,
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
FROM (
         SELECT operator_id, declaration_id, start_date, end_date, posting_country AS host,
                driver_key(driver_licence_number, driver_birth_date) AS driver
         FROM scoped SEMI JOIN shared
              ON scoped.driver_licence_number = shared.driver_licence_number
                 AND scoped.driver_birth_date IS NOT DISTINCT FROM shared.driver_birth_date
         WHERE NOT withdrawn
     ) AS own
     JOIN posting AS other
          ON other.driver = own.driver AND other.posting_country = own.host AND other.operator_id <> own.operator_id
             AND other.start_date <= own.end_date AND other.end_date >= own.start_date
GROUP BY own.operator_id, own.host, own.driver
