-- title: Longer than six months
-- severity: high
-- weight: 5
-- legal: Implementing Regulation (EU) 2021/2179, recital 3
-- Intake refuses such a period, so this finds what came in another way, such as an import. Six calendar months:
-- the same day of the month less one day, or the month's last day where it has no such day.
SELECT
    operator_id,
    posting_country AS host,
    'operator' AS subject_kind,
    operator_id::VARCHAR AS subject,
    count(*) AS occurrences,
    min(start_date) AS first_on,
    max(end_date) AS last_on,
    {'longest_days': max(end_date - start_date + 1)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM scoped
WHERE end_date - start_date > 28 * getvariable('limits').posting_months
  AND end_date > (start_date + to_months(getvariable('limits').posting_months))::DATE
                 - (day(start_date + to_months(getvariable('limits').posting_months)) >= day(start_date))::INTEGER
GROUP BY operator_id, posting_country
