-- What a declaration may name instead of spelling it out (a recorded driver, a kept fleet) and what a
-- transport-management system calls it. The indexes are partial: a row that names nothing does not pay for them.

ALTER TABLE declaration_version ADD COLUMN named_fleet_id uuid;

CREATE INDEX declaration_version_driver ON declaration_version (driver_id, declaration_id)
WHERE driver_id IS NOT NULL;

CREATE INDEX declaration_version_named_fleet ON declaration_version (named_fleet_id, declaration_id)
WHERE named_fleet_id IS NOT NULL;

CREATE INDEX declaration_version_reference ON declaration_version (operator_id, external_reference)
WHERE external_reference IS NOT NULL;

CREATE OR REPLACE VIEW declaration AS
SELECT DISTINCT ON (declaration_id) *
FROM declaration_version
ORDER BY declaration_id, version DESC;
