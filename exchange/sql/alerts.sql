-- Alerts and notifications.

-- name: send
INSERT INTO alert (alert_id, kind, category, country, authority, officer_id, operator_id, fields, words, sent_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING number;

-- name: coordinators
-- Who receives an alert that names nobody: the coordinators of every other state that have the competence.
SELECT code, country
FROM authority
WHERE coordinator AND active AND $2 = ANY (competences) AND country <> $1
ORDER BY code;

-- name: named
SELECT code, country FROM authority WHERE code = ANY ($1::text[]) AND active ORDER BY code;

-- name: address
INSERT INTO alert_recipient (alert_id, authority, country)
SELECT $1, authority, country FROM unnest($2::text[], $3::text[]) AS recipient (authority, country);

-- name: one
SELECT alert.* FROM alert WHERE alert_id = $1;

-- name: one_for_change
SELECT alert.* FROM alert WHERE alert_id = $1 FOR UPDATE;

-- name: recipients
SELECT authority, country, acknowledged_at FROM alert_recipient WHERE alert_id = ANY ($1::uuid[]) ORDER BY authority;

-- name: recipients_of_each
SELECT alert_id, authority, country, acknowledged_at
FROM alert_recipient
WHERE alert_id = ANY ($1::uuid[])
ORDER BY alert_id, authority;

-- name: page
SELECT alert.*
FROM alert
WHERE (($2 <> 'received' AND alert.country = $1)
       OR ($2 <> 'sent' AND EXISTS (SELECT FROM alert_recipient AS recipient
                                    WHERE recipient.alert_id = alert.alert_id AND recipient.country = $1
                                      AND ($3::boolean IS NULL OR $3 = (recipient.acknowledged_at IS NULL)))))
  AND ($4::bigint IS NULL OR alert.number < $4)
ORDER BY alert.number DESC
LIMIT $5;

-- name: acknowledge
UPDATE alert_recipient
SET acknowledged_at = clock_timestamp(), acknowledged_by = $3
WHERE alert_id = $1 AND authority = ANY ($2::text[]) AND acknowledged_at IS NULL;

-- name: touch
UPDATE alert SET changed_in = pg_current_xact_id() WHERE alert_id = $1;

-- name: withdraw
UPDATE alert
SET withdrawn_at = $2, withdrawal = $3, changed_in = pg_current_xact_id()
WHERE alert_id = $1 AND withdrawn_at IS NULL;
