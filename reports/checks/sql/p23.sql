-- title: Law of neither the operator's country nor the driver's
-- severity: info
-- weight: 1
-- legal: Regulation (EC) No 593/2008, Article 8
-- The contract is under the law of a country in which neither the operator is established nor the driver lives. A choice
-- of law is free, within the protection of the place where the driver habitually works.
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(start_date) AS last_on,
    {'laws': some_of(driver_applicable_law)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped
WHERE NOT withdrawn
  AND driver_applicable_law <> operator_country
  AND driver_applicable_law <> driver_country
GROUP BY operator_id, posting_country
