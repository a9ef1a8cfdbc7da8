-- title: Posted before employed
-- severity: high
-- weight: 8
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(iv)
-- The employment contract begins after the posting does.
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(start_date) AS last_on,
    {'most_days': max(driver_contract_start - start_date)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped
WHERE NOT withdrawn AND driver_contract_start > start_date
GROUP BY operator_id, posting_country
