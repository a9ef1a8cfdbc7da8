-- title: One day, declared anew every day
-- severity: info
-- weight: 1
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(v)
-- Postings of one day each for the same driver and host state, day after day (a weekend between them does not break
-- the run).
WITH driver AS (
    SELECT operator_id, posting_country, driver_licence_number, driver_birth_date
    FROM scoped
    WHERE start_date = end_date AND NOT withdrawn AND driver_licence_number IS NOT NULL
    GROUP BY ALL
    HAVING count(*) >= getvariable('limits').one_day_run
),
posting AS (
    SELECT
        scoped.operator_id, scoped.posting_country, scoped.driver_licence_number, scoped.driver_birth_date,
        declaration_id, version, accepted_at, start_date, end_date,
        start_date - lag(start_date) OVER (
            PARTITION BY scoped.operator_id, scoped.posting_country, scoped.driver_licence_number,
                         scoped.driver_birth_date
            ORDER BY start_date, declaration_id
        ) > getvariable('limits').one_day_gap AS after_gap
    FROM scoped SEMI JOIN driver
         ON scoped.operator_id = driver.operator_id AND scoped.posting_country = driver.posting_country
            AND scoped.driver_licence_number = driver.driver_licence_number
            AND scoped.driver_birth_date IS NOT DISTINCT FROM driver.driver_birth_date
    WHERE start_date = end_date AND NOT withdrawn
),
numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE after_gap) OVER (
            PARTITION BY operator_id, posting_country, driver_licence_number, driver_birth_date
            ORDER BY start_date, declaration_id
        ) AS run
    FROM posting
),
runs AS (
    SELECT
        operator_id, posting_country, driver_key(driver_licence_number, driver_birth_date) AS driver, run,
        count(DISTINCT start_date) AS days, min(start_date) AS first_on, max(start_date) AS last_on,
        newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
    FROM numbered
    GROUP BY ALL
    HAVING count(DISTINCT start_date) >= getvariable('limits').one_day_run
)
SELECT
    operator_id,
    posting_country AS host,
    'driver' AS subject_kind,
    driver AS subject,
    sum(days) AS occurrences,
    min(first_on) AS first_on,
    max(last_on) AS last_on,
    {'longest_run': max(days), 'runs': count(*)} AS details,
    arg_max(evidence, last_on) AS evidence
FROM runs
GROUP BY operator_id, posting_country, driver
