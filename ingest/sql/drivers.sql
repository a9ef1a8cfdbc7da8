-- The drivers that operators have recorded.

-- name: add
INSERT INTO driver (
    operator_id, driver_id, created_at, updated_at,
    driver_first_name, driver_last_name, driver_birth_date, driver_licence_number, driver_document_type,
    driver_document_number, driver_document_country, driver_document_issued, driver_document_expires, driver_street,
    driver_post_code, driver_city, driver_country, driver_contract_start, driver_contract_end, driver_applicable_law,
    driver_email, driver_card_number, external_reference
)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
RETURNING *;

-- name: change
-- Puts new details in the place of revision $4; gives nothing if that is not the newest.
UPDATE driver
SET updated_at = $3,
    revision = revision + 1,
    driver_first_name = $5,
    driver_last_name = $6,
    driver_birth_date = $7,
    driver_licence_number = $8,
    driver_document_type = $9,
    driver_document_number = $10,
    driver_document_country = $11,
    driver_document_issued = $12,
    driver_document_expires = $13,
    driver_street = $14,
    driver_post_code = $15,
    driver_city = $16,
    driver_country = $17,
    driver_contract_start = $18,
    driver_contract_end = $19,
    driver_applicable_law = $20,
    driver_email = $21,
    driver_card_number = $22,
    external_reference = $23
WHERE operator_id = $1 AND driver_id = $2 AND revision = $4
RETURNING *;

-- name: change_drafts
-- Drafts show the driver as recorded.
UPDATE draft
SET driver_first_name = driver.driver_first_name,
    driver_last_name = driver.driver_last_name,
    driver_birth_date = driver.driver_birth_date,
    driver_licence_number = driver.driver_licence_number,
    driver_document_type = driver.driver_document_type,
    driver_document_number = driver.driver_document_number,
    driver_document_country = driver.driver_document_country,
    driver_street = driver.driver_street,
    driver_post_code = driver.driver_post_code,
    driver_city = driver.driver_city,
    driver_country = driver.driver_country,
    driver_contract_start = driver.driver_contract_start,
    driver_applicable_law = driver.driver_applicable_law
FROM driver
WHERE driver.operator_id = $1 AND driver.driver_id = $2
  AND draft.operator_id = $1 AND draft.driver_id = $2;

-- name: flowed
-- A change has reached all active declarations.
UPDATE driver SET flowed_revision = greatest(flowed_revision, $3) WHERE operator_id = $1 AND driver_id = $2;

-- name: one
SELECT *,
       EXISTS (SELECT FROM declaration_version AS version
               WHERE version.driver_id = $2 AND version.operator_id = $1)
       OR EXISTS (SELECT FROM draft WHERE draft.operator_id = $1 AND draft.driver_id = $2) AS has_declarations
FROM driver
WHERE operator_id = $1 AND driver_id = $2;

-- name: by_reference
SELECT driver_id FROM driver WHERE operator_id = $1 AND external_reference = $2;

-- name: page
-- Drivers after the id $2, at most $3. The journal adds what Postgres does not know yet: drivers who have
-- declarations ($8) or active ones ($9) there, and the ids of declarations whose stored version is outdated ($10).
SELECT driver.*,
       driver_id = ANY ($8::uuid[])
       OR EXISTS (SELECT FROM declaration_version AS version
                  WHERE version.driver_id = driver.driver_id AND version.operator_id = $1)
       OR EXISTS (SELECT FROM draft
                  WHERE draft.operator_id = $1 AND draft.driver_id = driver.driver_id) AS has_declarations
FROM driver
WHERE operator_id = $1
  AND driver_id > $2
  AND ($4::text IS NULL
       OR position(lower($4) IN lower(driver_last_name)) > 0
       OR NOT $5::boolean AND (position(lower($4) IN lower(driver_first_name || ' ' || driver_last_name)) > 0
                               OR position(lower($4) IN lower(driver_last_name || ' ' || driver_first_name)) > 0))
  AND ($6::date IS NULL OR driver_birth_date = $6)
  AND ($7::date IS NULL
       OR driver_id = ANY ($9::uuid[])
       OR EXISTS (SELECT
                  FROM (SELECT DISTINCT ON (declaration_id) declaration_id, withdrawn, end_date
                        FROM declaration_version AS version
                        WHERE version.driver_id = driver.driver_id AND version.operator_id = $1
                        ORDER BY declaration_id, version DESC) AS newest
                  WHERE NOT withdrawn AND end_date >= $7 AND declaration_id <> ALL ($10::uuid[])))
  AND ($11::text IS NULL OR external_reference = $11)
ORDER BY driver_id
LIMIT $3;

-- name: delete
DELETE FROM driver
WHERE operator_id = $1
  AND driver_id = $2
  AND NOT EXISTS (SELECT FROM declaration_version AS version
                  WHERE version.driver_id = $2 AND version.operator_id = $1)
  AND NOT EXISTS (SELECT FROM draft WHERE draft.operator_id = $1 AND draft.driver_id = $2);

-- name: touch
-- Makes all that was read of the driver out of date, though nothing in it changes.
UPDATE driver
SET revision = revision + 1, flowed_revision = flowed_revision + 1
WHERE operator_id = $1 AND driver_id = $2
RETURNING *;

-- name: on_their_way
-- Changes that were cut off on their way into the declarations: they are older than any request.
SELECT driver.*, operator.country
FROM driver JOIN operator USING (operator_id)
WHERE flowed_revision < revision AND driver.updated_at < $1
LIMIT 100;
