-- Controls at the roadside, in Postgres.

-- name: add
-- Sent twice, a control is kept once: whoever has no coverage sends again.
INSERT INTO control (control_id, officer_id, host, at, place, plate, plate_key, plate_country, driver_first_name,
                     driver_last_name, driver_licence_number, driver_birth_date, operation_seen, carriage_seen,
                     outcome, declaration_id, note)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (control_id) DO NOTHING;

-- name: one
SELECT * FROM control WHERE control_id = $1 AND host = $2;

-- name: page
SELECT *
FROM control
WHERE host = $1
  AND at >= $2 AND at < $3
  AND ($4::text IS NULL OR plate_key = $4)
  AND ($5::timestamptz IS NULL OR (at, control_id) < ($5, $6))
ORDER BY at DESC, control_id DESC
LIMIT $7;

-- name: concerning
-- What may concern a declaration: it was shown, or one of its vehicles or its driver was stopped.
SELECT *
FROM control
WHERE host = $1
  AND (declaration_id = $2 OR plate_key = ANY($3::text[])
       OR regexp_replace(upper(driver_licence_number), '[^A-Z0-9]', '', 'g') = $4)
ORDER BY at, control_id;

-- name: of_vehicle
SELECT * FROM control WHERE host = $1 AND plate_key = $2 AND at < $3 ORDER BY at, control_id;

-- name: of_host
SELECT EXISTS (SELECT FROM declaration_version WHERE declaration_id = $1 AND posting_country = $2);
