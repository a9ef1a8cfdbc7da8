-- name: add_officer
INSERT INTO officer (officer_id, name, host, role, authority, token_hash)
VALUES ($1, $2, $3, 'desk', $4, $5)
ON CONFLICT (officer_id) DO NOTHING;

-- name: reported
-- Declarations that are stored, with their operators, for requests of today.
SELECT DISTINCT ON (operator_id) declaration_id, operator_id, posting_country
FROM declaration_version
WHERE version = 1 AND NOT withdrawn
ORDER BY operator_id, declaration_id
LIMIT $1;

-- name: begun
SELECT EXISTS (SELECT FROM exchange);
