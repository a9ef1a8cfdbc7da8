-- An operator's declarations in the system of record: the newest version of each, and its fleets.

-- name: page
-- The newest stored versions after the id $2, in the order of ids, at most $5 of them.
-- Where they lie is told by the operator's spans, which overlap within a submission only, so a submission's spans
-- make one range; or by an index, if a driver ($12), a named fleet ($13) or a reference ($14) is asked for.
-- Only submissions from $3 (that of the id $2) to the id $4 are looked at.
WITH stretch AS (
    SELECT min(first_id::text)::uuid AS first_id, max(last_id::text)::uuid AS last_id
    FROM operator_span
    WHERE $12::uuid IS NULL AND $13::uuid IS NULL AND $14::text IS NULL
      AND operator_id = $1 AND first_id BETWEEN $3 AND $4
    GROUP BY substring(uuid_send(first_id) FROM 1 FOR 12)
    UNION ALL
    SELECT DISTINCT declaration_id, declaration_id
    FROM declaration_version
    WHERE driver_id = $12 AND declaration_id > $2 AND declaration_id <= $4 AND operator_id = $1
    UNION ALL
    SELECT DISTINCT declaration_id, declaration_id
    FROM declaration_version
    WHERE $12::uuid IS NULL
      AND named_fleet_id = $13 AND declaration_id > $2 AND declaration_id <= $4 AND operator_id = $1
    UNION ALL
    SELECT DISTINCT declaration_id, declaration_id
    FROM declaration_version
    WHERE $12::uuid IS NULL AND $13::uuid IS NULL
      AND external_reference = $14 AND declaration_id > $2 AND declaration_id <= $4 AND operator_id = $1
)
SELECT found.*
FROM stretch CROSS JOIN LATERAL (
    SELECT newest.*
    FROM (
        SELECT DISTINCT ON (declaration_id) *
        FROM declaration_version
        WHERE declaration_id BETWEEN stretch.first_id AND stretch.last_id
          AND declaration_id > $2
          AND operator_id = $1
        ORDER BY declaration_id, version DESC
    ) AS newest
    WHERE ($6::text IS NULL OR posting_country = $6)
      AND ($7::boolean IS NULL OR withdrawn = $7)
      AND ($8::date IS NULL OR start_date <= $8)
      AND ($9::date IS NULL OR end_date >= $9)
      AND ($10::date IS NULL OR end_date <= $10)
      AND ($11::uuid[] IS NULL OR fleet_id = ANY ($11))
      AND ($12::uuid IS NULL OR driver_id = $12)
      AND ($13::uuid IS NULL OR named_fleet_id = $13)
      AND ($14::text IS NULL OR external_reference = $14)
      AND ($15::timestamptz IS NULL OR accepted_at >= $15)
      AND ($16::timestamptz IS NULL OR accepted_at <= $16)
    ORDER BY declaration_id
    LIMIT $5
) AS found
ORDER BY stretch.first_id, found.declaration_id
LIMIT $5;

-- name: drafts
-- The drafts after the id $2, in the order of ids, at most $3 of them; one that is submitted is none.
SELECT draft.*
FROM draft
WHERE operator_id = $1
  AND declaration_id > $2
  AND declaration_id <= $14
  AND ($4::text IS NULL OR posting_country = $4)
  AND ($5::date IS NULL OR start_date <= $5)
  AND ($6::date IS NULL OR end_date >= $6)
  AND ($7::date IS NULL OR end_date <= $7)
  AND ($8::text IS NULL OR plate_keys @> ARRAY [$8])
  AND ($9::uuid IS NULL OR driver_id = $9)
  AND ($10::uuid IS NULL OR named_fleet_id = $10)
  AND ($11::text IS NULL OR external_reference = $11)
  AND ($12::timestamptz IS NULL OR accepted_at >= $12)
  AND ($13::timestamptz IS NULL OR accepted_at <= $13)
  AND NOT EXISTS (SELECT FROM declaration_version AS version WHERE version.declaration_id = draft.declaration_id)
ORDER BY declaration_id
LIMIT $3;

-- name: newest
SELECT *
FROM declaration_version
WHERE declaration_id = $1 AND operator_id = $2
ORDER BY version DESC
LIMIT 1;

-- name: histories
-- All stored versions of some declarations, oldest first.
SELECT *
FROM declaration_version
WHERE declaration_id = ANY ($2::uuid[]) AND operator_id = $1
ORDER BY declaration_id, version;

-- name: fleets
SELECT fleet_id, plates, weights FROM fleet WHERE operator_id = $1 AND fleet_id = ANY ($2::uuid[]);

-- name: fleets_with_plate
SELECT fleet_id FROM fleet WHERE operator_id = $1 AND plate_keys @> ARRAY [$2::text];

-- name: draft
SELECT * FROM draft WHERE operator_id = $1 AND declaration_id = $2;

-- name: add_draft
INSERT INTO draft SELECT record.* FROM jsonb_populate_record(NULL::draft, $1::jsonb) AS record;

-- name: replace_draft
-- Puts a draft in the place of the one with revision $3, and says whether it was there.
WITH gone AS (
    DELETE FROM draft WHERE operator_id = $1 AND declaration_id = $2 AND revision = $3 RETURNING declaration_id
)
INSERT INTO draft
SELECT record.* FROM gone CROSS JOIN jsonb_populate_record(NULL::draft, $4::jsonb) AS record
RETURNING declaration_id;

-- name: delete_draft
DELETE FROM draft WHERE operator_id = $1 AND declaration_id = $2;

-- name: sweep_drafts
-- Takes out drafts that a crash left behind their submission, and those that nobody touched since $1.
DELETE FROM draft
WHERE (operator_id, declaration_id) IN (
    SELECT operator_id, declaration_id
    FROM draft
    WHERE accepted_at < $1
       OR EXISTS (SELECT FROM declaration_version AS version WHERE version.declaration_id = draft.declaration_id)
    LIMIT $2
);

-- name: registered
-- Which of these plate keys stand in the operator's vehicle register.
SELECT DISTINCT plate_key FROM vehicle WHERE operator_id = $1 AND plate_key = ANY ($2::text[]);
