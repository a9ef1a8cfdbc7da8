-- What pages ask that no function of the API answers.

-- name: operator_name
SELECT name FROM operator WHERE operator_id = $1;

-- name: operator
SELECT operator_id::text, name, country, licence_number, vat_number, register_number, street, post_code, city, email,
       phone, manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
FROM operator
WHERE operator_id = $1;

-- name: operator_of
-- Whose a stored declaration is.
SELECT operator_id FROM declaration_version WHERE declaration_id = $1 LIMIT 1;
