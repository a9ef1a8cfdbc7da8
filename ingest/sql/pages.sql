-- What pages ask that no function of the API answers.

-- name: operator_name
SELECT name FROM operator WHERE operator_id = $1;

-- name: operator_of
-- Whose a stored declaration is.
SELECT operator_id FROM declaration_version WHERE declaration_id = $1 LIMIT 1;
