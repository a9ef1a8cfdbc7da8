-- The fleets that operators keep under names.

-- name: add
INSERT INTO named_fleet (
    operator_id, named_fleet_id, created_at, updated_at, name, plates, plates_light, plates_heavy, external_reference
)
VALUES ($1, $2, $3, $3, $4, $5, $6, $7, $8)
RETURNING *;

-- name: change
UPDATE named_fleet
SET updated_at = $3,
    revision = revision + 1,
    name = $5,
    plates = $6,
    plates_light = $7,
    plates_heavy = $8,
    external_reference = $9
WHERE operator_id = $1 AND named_fleet_id = $2 AND revision = $4
RETURNING *;

-- name: flowed
UPDATE named_fleet
SET flowed_revision = greatest(flowed_revision, $3)
WHERE operator_id = $1 AND named_fleet_id = $2;

-- name: change_drafts
-- Drafts show the fleet as it is kept.
UPDATE draft
SET fleet_id = $3, plates = $4, plate_keys = $5, weights = $6
WHERE operator_id = $1 AND named_fleet_id = $2;

-- name: one
SELECT * FROM named_fleet WHERE operator_id = $1 AND named_fleet_id = $2;

-- name: same
-- The fleet that has this name or this reference already.
SELECT named_fleet_id
FROM named_fleet
WHERE operator_id = $1 AND (name = $2 OR external_reference = $3)
LIMIT 1;

-- name: by_reference
SELECT named_fleet_id FROM named_fleet WHERE operator_id = $1 AND external_reference = $2;

-- name: page
SELECT *
FROM named_fleet
WHERE operator_id = $1
  AND named_fleet_id > $2
  AND ($4::text IS NULL OR position(lower($4) IN lower(name)) > 0)
  AND ($5::text IS NULL OR external_reference = $5)
ORDER BY named_fleet_id
LIMIT $3;

-- name: delete
DELETE FROM named_fleet
WHERE operator_id = $1
  AND named_fleet_id = $2
  AND NOT EXISTS (SELECT FROM draft WHERE draft.operator_id = $1 AND draft.named_fleet_id = $2);

-- name: touch
-- Makes all that was read of the fleet out of date, though nothing in it changes.
UPDATE named_fleet
SET revision = revision + 1, flowed_revision = flowed_revision + 1
WHERE operator_id = $1 AND named_fleet_id = $2
RETURNING *;

-- name: on_their_way
-- Changes that were cut off on their way into the declarations: they are older than any request.
SELECT named_fleet.*, operator.country
FROM named_fleet JOIN operator USING (operator_id)
WHERE flowed_revision < revision AND named_fleet.updated_at < $1
LIMIT 100;
