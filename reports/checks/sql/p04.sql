-- title: Renewed without end, employed only later
-- severity: medium
-- weight: 5
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(iv)
-- A chain of renewals without a gap or a withdrawal, for a driver whose contract, as declared last, began after the
-- chain did. A long chain alone is in order: the periods of posting are not added up.
WITH driver AS (
    SELECT operator_id, posting_country, driver_licence_number, driver_birth_date
    FROM scoped
    WHERE driver_licence_number IS NOT NULL AND driver_contract_start IS NOT NULL
    GROUP BY ALL
    HAVING count(*) > getvariable('limits').renewals
       AND max(driver_contract_start) > min(start_date)
       AND NOT bool_or(withdrawn)
),
posting AS (
    SELECT
        scoped.*,
        start_date > 1 + max(end_date) OVER (
            PARTITION BY operator_id, posting_country, driver_licence_number, driver_birth_date
            ORDER BY start_date, declaration_id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS after_gap
    FROM scoped SEMI JOIN driver
         ON scoped.operator_id = driver.operator_id AND scoped.posting_country = driver.posting_country
            AND scoped.driver_licence_number = driver.driver_licence_number
            AND scoped.driver_birth_date IS NOT DISTINCT FROM driver.driver_birth_date
),
numbered AS (
    SELECT
        *,
        count(*) FILTER (WHERE after_gap) OVER (
            PARTITION BY operator_id, posting_country, driver_licence_number, driver_birth_date
            ORDER BY start_date, declaration_id
        ) AS chain
    FROM posting
)
SELECT
    operator_id,
    posting_country AS host,
    'driver' AS subject_kind,
    driver_key(driver_licence_number, driver_birth_date) AS subject,
    count(*) - 1 AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'contract_start': arg_max(driver_contract_start, (start_date, declaration_id)), 'chain': chain + 1} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM numbered
GROUP BY operator_id, posting_country, driver_licence_number, driver_birth_date, chain
HAVING count(*) > getvariable('limits').renewals
   AND arg_max(driver_contract_start, (start_date, declaration_id)) > min(start_date)
