-- Operators, their keys and who delegated to whom.

-- name: create_operator
INSERT INTO operator (
    operator_id, name, country, licence_number, vat_number, register_number, street, post_code, city, email, phone,
    manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);

-- name: create_credential
INSERT INTO credential (credential_id, key_hash, operator_id, name, scopes, expires_at)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: inherit_delegations
-- A new key of a software house speaks for all who delegated to its other keys.
INSERT INTO delegation (credential_id, operator_id, scopes, expires_at)
SELECT DISTINCT ON (delegation.operator_id)
       $1::uuid, delegation.operator_id, delegation.scopes, delegation.expires_at
FROM delegation
JOIN credential USING (credential_id)
WHERE credential.operator_id = $2 AND credential.revoked_at IS NULL AND delegation.revoked_at IS NULL
ORDER BY delegation.operator_id, delegation.granted_at DESC;

-- name: operator_exists
SELECT EXISTS (SELECT FROM operator WHERE operator_id = $1);

-- name: credentials_of
SELECT credential_id, name, scopes, created_at, expires_at, last_used_at, revoked_at
FROM credential
WHERE operator_id = $1
ORDER BY created_at, credential_id;

-- name: live_credentials_of
SELECT credential_id FROM credential
WHERE operator_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now());

-- name: revoke_credential
UPDATE credential SET revoked_at = now() WHERE credential_id = $1 AND revoked_at IS NULL;

-- name: delegate
INSERT INTO delegation (credential_id, operator_id)
SELECT $1::uuid, operator_id FROM unnest($2::uuid[]) AS operator_id
ON CONFLICT (credential_id, operator_id) DO UPDATE
SET granted_at = now(), revoked_at = NULL, scopes = excluded.scopes, expires_at = NULL
WHERE delegation.revoked_at IS NOT NULL;

-- name: end_delegation
UPDATE delegation SET revoked_at = now() WHERE credential_id = $1 AND operator_id = $2 AND revoked_at IS NULL;

-- name: create_imported
-- What an import copies in before it becomes operators; emptied at every commit.
CREATE TEMPORARY TABLE IF NOT EXISTS imported (LIKE operator INCLUDING DEFAULTS, line bigint NOT NULL)
ON COMMIT DELETE ROWS;

-- name: take_imported
-- The last line that names an operator counts. Gives how many operators are new.
WITH newest AS (
    SELECT DISTINCT ON (operator_id) * FROM imported ORDER BY operator_id, line DESC
), taken AS (
    INSERT INTO operator (
        operator_id, name, country, licence_number, vat_number, register_number, street, post_code, city, email,
        phone, manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
    )
    SELECT operator_id, name, country, licence_number, vat_number, register_number, street, post_code, city, email,
           phone, manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
    FROM newest
    ON CONFLICT (operator_id) DO UPDATE SET
        name = excluded.name,
        country = excluded.country,
        licence_number = excluded.licence_number,
        vat_number = excluded.vat_number,
        register_number = excluded.register_number,
        street = excluded.street,
        post_code = excluded.post_code,
        city = excluded.city,
        email = excluded.email,
        phone = excluded.phone,
        manager_first_name = excluded.manager_first_name,
        manager_last_name = excluded.manager_last_name,
        manager_email = excluded.manager_email,
        manager_phone = excluded.manager_phone,
        manager_address = excluded.manager_address,
        updated_at = now()
    RETURNING xmax = 0 AS created
)
SELECT count(*) FILTER (WHERE created) AS created, count(*) FILTER (WHERE NOT created) AS updated FROM taken;

-- name: delegate_imported
INSERT INTO delegation (credential_id, operator_id)
SELECT DISTINCT credential_id, operator_id FROM imported CROSS JOIN unnest($1::uuid[]) AS credential_id
ON CONFLICT (credential_id, operator_id) DO UPDATE
SET granted_at = now(), revoked_at = NULL, scopes = excluded.scopes, expires_at = NULL
WHERE delegation.revoked_at IS NOT NULL;
