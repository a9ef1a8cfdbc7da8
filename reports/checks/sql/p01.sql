-- title: Submitted after the posting began
-- severity: high
-- weight: 10
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)
-- An operator's declarations that came after the day on which the posting began, by the host state's civil time.
-- On the day itself counts as in time: the form knows no hours.
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(start_date) AS last_on,
    {'most_days_late': max(timezone(zone, submitted_at)::DATE - start_date)} AS details,
    newest(declared(declaration_id, version, submitted_at, start_date, end_date), submitted_at) AS evidence
FROM scoped JOIN country ON code = posting_country
WHERE NOT withdrawn
  AND epoch_us(submitted_at) > epoch_us(start_date) + 72_000_000_000 -- no host's next day begins before 20:00 UTC
  AND timezone(zone, submitted_at)::DATE > start_date
GROUP BY operator_id, posting_country
