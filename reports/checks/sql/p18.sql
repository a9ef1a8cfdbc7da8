-- title: Withdrawn after a control or a request for documents
-- severity: high
-- weight: 12
-- legal: Directive (EU) 2020/1057, Article 1(11)(c) and (12)
-- A declaration withdrawn within the weeks after a control of its driver or plate during the posting, or after a
-- request for documents about it.
WITH withdrawal AS (
    SELECT declaration_id, min(accepted_at) AS withdrawn_at FROM declaration_version WHERE withdrawn GROUP BY ALL
),
cause AS (
    SELECT DISTINCT declaration_id, 'control' AS kind, control_id::VARCHAR AS cause_id, seen_at
    FROM control_link
    UNION ALL
    SELECT unnest(declarations), 'request', request_id, requested_at
    FROM document_request
)
SELECT
    operator_id,
    posting_country AS host,
    kind AS subject_kind,
    cause_id AS subject,
    count(*) AS occurrences,
    min(seen_at)::DATE AS first_on,
    max(withdrawn_at)::DATE AS last_on,
    {'after': any_value(kind), 'at': any_value(seen_at)} AS details,
    newest(declared(declaration_id, version, withdrawn_at, start_date, end_date), withdrawn_at) AS evidence
FROM cause
     JOIN withdrawal USING (declaration_id)
     JOIN scoped USING (declaration_id)
WHERE withdrawn_at > seen_at
  AND withdrawn_at <= seen_at + to_days(getvariable('limits').withdrawal_days)
  AND start_date <= seen_at::DATE
  AND (kind = 'request' OR end_date >= seen_at::DATE)
GROUP BY operator_id, posting_country, kind, cause_id
