-- title: Submitted right after a roadside control
-- severity: high
-- weight: 20
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)
-- A declaration that covers the moment of a control of its driver or plate, but came only after it, within a day,
-- while none of the same operator was in force.
WITH about AS (
    SELECT scoped.*, control_id, seen_at
    FROM control_link JOIN scoped USING (declaration_id)
    WHERE timezone('UTC', seen_at)::DATE BETWEEN start_date AND end_date
),
late AS (
    SELECT about.*
    FROM about
         ANTI JOIN (SELECT control_id, operator_id FROM about WHERE submitted_at <= seen_at) AS covered
             USING (control_id, operator_id)
    WHERE submitted_at <= seen_at + to_hours(getvariable('limits').after_control_hours)
)
SELECT
    operator_id,
    posting_country AS host,
    'control' AS subject_kind,
    control_id::VARCHAR AS subject,
    count(DISTINCT declaration_id) AS occurrences,
    min(start_date) AS first_on,
    max(submitted_at::DATE) AS last_on,
    {'control_at': any_value(seen_at), 'minutes_after': min(date_diff('minute', seen_at, submitted_at))} AS details,
    newest(declared(declaration_id, version, submitted_at, start_date, end_date), submitted_at) AS evidence
FROM (SELECT DISTINCT * FROM late)
GROUP BY operator_id, posting_country, control_id
