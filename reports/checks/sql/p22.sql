-- title: Declared twice for the same time
-- severity: info
-- weight: 1
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(v) and (12)
-- Declarations of one operator for the same driver and host state whose periods overlap: one of them is enough.
WITH driver AS (
    SELECT operator_id, posting_country, driver_licence_number, driver_birth_date
    FROM scoped
    WHERE NOT withdrawn AND driver_licence_number IS NOT NULL
    GROUP BY ALL
    HAVING count(*) > 1
),
posting AS (
    SELECT
        scoped.operator_id, scoped.posting_country, scoped.driver_licence_number, scoped.driver_birth_date,
        declaration_id, version, accepted_at, start_date, end_date,
        max(end_date) OVER (
            PARTITION BY scoped.operator_id, scoped.posting_country, scoped.driver_licence_number,
                         scoped.driver_birth_date
            ORDER BY start_date, declaration_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM scoped SEMI JOIN driver
         ON scoped.operator_id = driver.operator_id AND scoped.posting_country = driver.posting_country
            AND scoped.driver_licence_number = driver.driver_licence_number
            AND scoped.driver_birth_date IS NOT DISTINCT FROM driver.driver_birth_date
    WHERE NOT withdrawn
)
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(least(end_date, covered_until)) AS last_on,
    {'drivers': count(DISTINCT driver_licence_number)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM posting
WHERE covered_until >= start_date
GROUP BY operator_id, posting_country
