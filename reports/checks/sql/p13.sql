-- title: International carriage declared, cabotage found
-- severity: medium
-- weight: 8
-- legal: Directive (EU) 2020/1057, Article 1(11)(a)(vii)
-- A control saw cabotage, and no declaration of the operator in force for the driver or plate names it.
WITH about AS (
    SELECT scoped.*, control.control_id, control.seen_at
    FROM control_link
         JOIN control USING (control_id)
         JOIN scoped ON scoped.declaration_id = control_link.declaration_id
    WHERE operation_seen = 'CABOTAGE_OPERATIONS'
      AND NOT withdrawn
      AND timezone('UTC', control.seen_at)::DATE BETWEEN start_date AND end_date
      AND submitted_at <= control.seen_at
)
SELECT
    operator_id,
    posting_country AS host,
    'control' AS subject_kind,
    control_id::VARCHAR AS subject,
    count(DISTINCT declaration_id) AS occurrences,
    min(seen_at)::DATE AS first_on,
    max(seen_at)::DATE AS last_on,
    {'control_at': any_value(seen_at)} AS details,
    newest(declared(declaration_id, version, accepted_at, start_date, end_date), accepted_at) AS evidence
FROM (SELECT DISTINCT * FROM about)
GROUP BY operator_id, posting_country, control_id
HAVING NOT bool_or(cabotage)
