-- People who work for an operator, and what they prepared (schemas/migrations/0031_people.sql).

-- name: page
SELECT person_id, email, name, role, created_at, signed_in_at FROM person WHERE operator_id = $1 ORDER BY name, person_id;

-- name: one
SELECT person_id, email, name, role, created_at, signed_in_at
FROM person
WHERE operator_id = $1 AND person_id = $2
FOR UPDATE;

-- name: add
INSERT INTO person (person_id, operator_id, email, name, role, password_hash, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
RETURNING person_id, email, name, role, created_at, signed_in_at;

-- name: change
UPDATE person
SET email = $3, name = $4, role = $5, password_hash = coalesce($6, password_hash)
WHERE operator_id = $1 AND person_id = $2
RETURNING person_id, email, name, role, created_at, signed_in_at;

-- name: delete
DELETE FROM person WHERE operator_id = $1 AND person_id = $2 RETURNING name;

-- name: administrators
SELECT count(*) FROM person WHERE operator_id = $1 AND role = 'administrator';

-- name: by_email
SELECT person.person_id, person.operator_id, person.name, person.role, person.password_hash,
       operator.name AS operator_name, operator.four_eyes
FROM person
     JOIN operator USING (operator_id)
WHERE lower(person.email) = lower($1);

-- name: signed_in
UPDATE person SET signed_in_at = $2 WHERE person_id = $1;

-- name: open_session
INSERT INTO credential (credential_id, key_hash, operator_id, name, scopes, created_at, expires_at, person_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: close_sessions
-- Ends all sessions of a person, or with $2 that one.
UPDATE credential
SET revoked_at = now()
WHERE person_id = $1 AND revoked_at IS NULL AND ($2::uuid IS NULL OR credential_id = $2);

-- name: forget_sessions
DELETE FROM credential WHERE person_id = $1 AND expires_at < now();

-- name: set_four_eyes
UPDATE operator SET four_eyes = $2 WHERE operator_id = $1;

-- name: end_all_sessions
-- Whoever is signed in signs in again, with what is possible from now on.
UPDATE credential SET revoked_at = now() WHERE operator_id = $1 AND person_id IS NOT NULL AND revoked_at IS NULL;

-- name: four_eyes
SELECT four_eyes FROM operator WHERE operator_id = $1;

-- name: of_session
SELECT person_id FROM credential WHERE credential_id = $1;

-- name: last_preparer
-- Who made or last changed a draft, the last person if one did, and the entity tag that the draft has since.
SELECT person_id, first_value(details ->> 'etag') OVER (ORDER BY action_id DESC) AS etag
FROM action
WHERE operator_id = $1 AND record_id = $2 AND what = $3
ORDER BY person_id IS NULL, action_id DESC
LIMIT 1;
