-- title: Request for documents not answered in eight weeks
-- severity: high
-- weight: 15
-- legal: Directive (EU) 2020/1057, Article 1(11)(c)
-- Requests for documents that were still not answered in full when their eight weeks were over.
SELECT
    operator_id,
    host,
    'request' AS subject_kind,
    request_id AS subject,
    1 AS occurrences,
    requested_at::DATE AS first_on,
    due_on AS last_on,
    {'due_on': due_on, 'answered_at': answered_at} AS details,
    [{'kind': 'request', 'id': request_id, 'at': requested_at, 'declarations': declarations}] AS evidence
FROM document_request
WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
  AND (getvariable('scope_host') IS NULL OR host = getvariable('scope_host')::VARCHAR)
  AND (getvariable('scope_since') IS NULL OR requested_at >= getvariable('scope_since')::TIMESTAMPTZ)
  AND (getvariable('scope_driver') IS NULL AND getvariable('scope_plate') IS NULL
       OR EXISTS (SELECT 1 FROM scoped WHERE list_contains(declarations, scoped.declaration_id)))
  AND withdrawn_at IS NULL
  AND due_on < coalesce(answered_at::DATE, getvariable('as_of'))
