-- The worklist of hints in Postgres.

-- name: incoming
CREATE TEMPORARY TABLE IF NOT EXISTS hint_incoming (
    pattern text, operator_id uuid, host text, subject_kind text, subject text, severity text, weight real,
    occurrences bigint, first_on date, last_on date, details text, evidence text
) ON COMMIT DELETE ROWS;

-- name: keep
-- What is found again keeps its state and note; what was closed opens again when more has come. $2: whether the run was
-- over everything; a run over a part finds fewer occurrences of what it sees a part of, and lets that stand.
INSERT INTO hint (
    pattern, operator_id, host, subject_kind, subject, severity, weight, occurrences, first_on, last_on, details,
    evidence, found_at, confirmed_at
)
SELECT
    pattern, operator_id, host, subject_kind, subject, severity, weight, occurrences, first_on, last_on, details::jsonb,
    evidence::jsonb, $1, $1
FROM hint_incoming
ON CONFLICT (operator_id, pattern, host, subject_kind, subject) DO UPDATE SET
    severity = excluded.severity,
    weight = excluded.weight,
    occurrences = excluded.occurrences,
    first_on = excluded.first_on,
    last_on = excluded.last_on,
    details = excluded.details,
    evidence = excluded.evidence,
    confirmed_at = excluded.confirmed_at,
    state = CASE
        WHEN hint.state = 'closed' AND excluded.occurrences > hint.occurrences THEN 'open' ELSE hint.state
    END
WHERE $2 OR excluded.occurrences >= hint.occurrences;

-- name: confirm
-- What is found again, whether or not it was taken.
UPDATE hint
SET confirmed_at = $1
FROM hint_incoming AS found
WHERE (hint.operator_id, hint.pattern, hint.host, hint.subject_kind, hint.subject)
      = (found.operator_id, found.pattern, found.host, found.subject_kind, found.subject)
  AND confirmed_at < $1;

-- name: drop_stale
-- After a run over everything: what nobody has touched and is no longer found goes.
DELETE FROM hint WHERE pattern = $1 AND confirmed_at < $2 AND state = 'open' AND note IS NULL;

-- name: close_stale
UPDATE hint SET state = 'closed' WHERE pattern = $1 AND confirmed_at < $2 AND state <> 'closed';

-- name: forget
-- The repository keeps declarations for 24 months (Directive (EU) 2020/1057, Article 1); what is derived goes with them.
DELETE FROM hint WHERE last_on < $1::date - interval '24 months';

-- name: record_run
INSERT INTO check_run (started_at, finished_at, scope, results)
VALUES ($1, clock_timestamp(), $2::text::jsonb, $3::text::jsonb)
RETURNING run_id;

-- name: last_run
-- The last run over everything, of as many patterns as $1.
SELECT run_id, started_at, finished_at, results::text AS results
FROM check_run
WHERE scope = '{}' AND jsonb_array_length(results) >= $1
ORDER BY run_id DESC
LIMIT 1;

-- name: worklist
-- Heaviest first; a page begins after the weight and id of the last one's end. $6: part of an operator's name, or its
-- licence number; $7, $8: keys of a driving licence and of a plate, of the hint's subject or of the control it is about;
-- $9: found or found again since.
SELECT
    hint_id, pattern, hint.operator_id, operator.name AS operator_name, operator.country AS operator_country, host,
    subject_kind, subject, severity, weight, occurrences, first_on, last_on, details::text AS details,
    evidence::text AS evidence, state, note, changed_at, found_at, confirmed_at
FROM hint LEFT JOIN operator USING (operator_id)
WHERE ($1::text IS NULL OR host = $1)
  AND ($2::text IS NULL OR state = $2)
  AND ($3::text IS NULL OR pattern = $3)
  AND ($4::uuid IS NULL OR hint.operator_id = $4)
  AND ($5::text[] IS NULL OR severity = ANY ($5))
  AND ($6::text IS NULL OR position(lower($6) IN lower(operator.name)) > 0
       OR upper(translate(operator.licence_number, ' -/.', '')) = upper(translate($6, ' -/.', '')))
  AND ($7::text IS NULL OR subject_kind = 'driver' AND split_part(subject, ' ', 1) = $7
       OR subject_kind = 'control' AND subject IN (
           SELECT control_id::text FROM control
           WHERE control.host = hint.host AND upper(translate(driver_licence_number, ' -/.', '')) = $7
       ))
  AND ($8::text IS NULL OR subject_kind = 'plate' AND subject = $8 OR details ->> 'plate' = $8
       OR subject_kind = 'control' AND subject IN (
           SELECT control_id::text FROM control WHERE control.host = hint.host AND plate_key = $8
       ))
  AND ($9::timestamptz IS NULL OR confirmed_at >= $9)
  AND ($10::real IS NULL OR (weight, -hint_id) < ($10, -$11::bigint))
ORDER BY weight DESC, hint_id
LIMIT $12;

-- name: count
SELECT pattern, severity, state, count(*) AS hints, sum(occurrences)::bigint AS occurrences
FROM hint
WHERE $1::text IS NULL OR host = $1
GROUP BY pattern, severity, state
ORDER BY pattern, state;

-- name: hint
SELECT
    hint_id, pattern, hint.operator_id, operator.name AS operator_name, operator.country AS operator_country, host,
    subject_kind, subject, severity, weight, occurrences, first_on, last_on, details::text AS details,
    evidence::text AS evidence, state, note, changed_at, found_at, confirmed_at
FROM hint LEFT JOIN operator USING (operator_id)
WHERE hint_id = $1 AND ($2::text IS NULL OR host = $2);

-- name: change
UPDATE hint
SET state = $3, note = $4, changed_by = $5, changed_at = clock_timestamp()
WHERE hint_id = $1 AND ($2::text IS NULL OR host = $2)
RETURNING hint_id;

-- name: count_of_operator
SELECT pattern, severity, state, count(*) AS hints, sum(occurrences)::bigint AS occurrences
FROM hint
WHERE ($1::text IS NULL OR host = $1) AND operator_id = $2
GROUP BY pattern, severity, state
ORDER BY pattern, state;

-- name: operators_named
-- Operators that have the given ids, those without an account too.
SELECT wanted.operator_id, coalesce(operator.name, wanted.operator_id::text) AS name
FROM unnest($1::uuid[]) AS wanted (operator_id) LEFT JOIN operator USING (operator_id)
ORDER BY name;

-- name: operator_named
-- By id, licence number or whole name; two rows say that the text is not enough.
SELECT operator_id
FROM operator
WHERE operator_id::text = lower($1)
   OR upper(translate(licence_number, ' -/.', '')) = upper(translate($1, ' -/.', ''))
   OR lower(name) = lower($1)
LIMIT 2;
