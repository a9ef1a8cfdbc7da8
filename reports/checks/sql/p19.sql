-- title: Drivers live at the company, or one telephone serves many operators
-- severity: info
-- weight: 2
-- legal: Regulation (EC) No 1071/2009, Article 5; Directive (EU) 2020/1057, Article 1(11)(a)(ii) and (iii)
-- More drivers than is likely whose address is the operator's own; or a contact's telephone number that many operators
-- give. Signs of a letterbox or of an agency, which may be legal.
WITH housed AS (
    SELECT
        operator_id, posting_country, 'operator' AS subject_kind, operator_id::VARCHAR AS subject,
        count(DISTINCT driver_key(driver_licence_number, driver_birth_date)) AS occurrences,
        min(start_date) AS first_on, max(end_date) AS last_on, NULL::BIGINT AS operators,
        newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
    FROM scoped JOIN operator USING (operator_id)
    WHERE NOT withdrawn
      AND upper(driver_street) = upper(operator.street)
      AND upper(driver_city) = upper(operator.city)
      AND driver_country = operator.country
    GROUP BY operator_id, posting_country
    HAVING occurrences > getvariable('limits').drivers_at_company
),
telephone AS (
    SELECT contact_phone, approx_count_distinct(operator_id) AS operators
    FROM declaration
    WHERE contact_phone IS NOT NULL AND NOT withdrawn
    GROUP BY contact_phone
    HAVING min(operator_id) < max(operator_id)
),
shared AS (
    SELECT contact_phone, count(DISTINCT operator_id) AS operators
    FROM declaration
    WHERE contact_phone IN (
        SELECT contact_phone FROM telephone WHERE operators > getvariable('limits').operators_on_phone // 2
    )
    GROUP BY contact_phone
    HAVING count(DISTINCT operator_id) > getvariable('limits').operators_on_phone
),
called AS (
    SELECT
        operator_id, posting_country, 'telephone' AS subject_kind, contact_phone AS subject,
        any_value(operators) AS occurrences, min(start_date) AS first_on, max(end_date) AS last_on,
        any_value(operators) AS operators,
        newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
    FROM scoped JOIN shared USING (contact_phone)
    WHERE NOT withdrawn
    GROUP BY operator_id, posting_country, contact_phone
)
SELECT
    operator_id, posting_country AS host, subject_kind, subject, occurrences, first_on, last_on,
    {'operators': operators} AS details, evidence
FROM (SELECT * FROM housed UNION ALL SELECT * FROM called)
