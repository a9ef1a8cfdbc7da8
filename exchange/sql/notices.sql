-- Notices, and who is to be told.

-- name: tell_operator
-- The operator reads it in its inbox and its log of events, and gets it by e-mail.
WITH told AS (
    INSERT INTO notice (at, kind, operator_id, exchange_id, language, filled_with, once_key, email)
    SELECT $1, $2, operator.operator_id, $4, $5, $6, $7, coalesce(operator.manager_email, operator.email)
    FROM operator
    WHERE operator.operator_id = $3
    ON CONFLICT (once_key) DO NOTHING
    RETURNING operator_id, at, exchange_id
)
INSERT INTO event (operator_id, kind, happened_at, first_id, last_id, details)
SELECT operator_id, $8, at, exchange_id, exchange_id, $9
FROM told;

-- name: tell_authorities
INSERT INTO notice (at, kind, authority, exchange_id, alert_id, language, filled_with, once_key, email)
SELECT $1, $2, code, $4, $5, coalesce(languages[1], 'en'), $6, $7 || code, email
FROM authority
WHERE code = ANY ($3::text[])
ON CONFLICT (once_key) DO NOTHING;

-- name: tell_subscribers
INSERT INTO notice (at, kind, officer_id, exchange_id, language, filled_with, email)
SELECT $1, $2, officer.officer_id, $4, coalesce(officer.language, authority.languages[1], 'en'), $5,
       CASE WHEN bool_or(subscription.email) THEN officer.email END
FROM exchange_subscription AS subscription
     JOIN officer USING (officer_id)
     JOIN authority ON authority.code = officer.authority
WHERE (subscription.exchange_id = $4 OR subscription.exchange_id IS NULL)
  AND officer.authority = ANY ($3::text[])
  AND officer.officer_id IS DISTINCT FROM $6
  AND officer.revoked_at IS NULL
GROUP BY officer.officer_id, authority.code;

-- name: tell_second_officers
-- Those of the desk who may release what a colleague has made ready.
INSERT INTO notice (at, kind, officer_id, exchange_id, language, filled_with, email)
SELECT $1, $2, officer.officer_id, $4, coalesce(officer.language, authority.languages[1], 'en'), $5, officer.email
FROM officer JOIN authority ON authority.code = officer.authority
WHERE officer.authority = $3
  AND officer.role IN ('desk', 'coordinator')
  AND officer.officer_id <> $6
  AND officer.revoked_at IS NULL;

-- name: authority_names
SELECT names FROM authority WHERE code = $1;

-- name: operator_name
SELECT name FROM operator WHERE operator_id = $1;

-- name: of_operator
SELECT notice_id, at, kind, exchange_id, alert_id, language, filled_with, read_at
FROM notice
WHERE operator_id = $1 AND notice_id > $2
ORDER BY notice_id
LIMIT $3;

-- name: of_officer
-- What an officer is told: personally, and with the authority.
SELECT notice_id, at, kind, exchange_id, alert_id, language, filled_with, read_at
FROM notice
WHERE (officer_id = $1 OR authority = $2) AND notice_id > $3 AND (NOT $5 OR read_at IS NULL)
ORDER BY notice_id
LIMIT $4;

-- name: mark_read
UPDATE notice
SET read_at = clock_timestamp()
WHERE notice_id = ANY ($1::bigint[]) AND (officer_id = $2 OR authority = $3) AND read_at IS NULL;

-- name: to_mail
-- Takes some for this run: their next try is set ahead, so that another run leaves them alone meanwhile.
UPDATE notice
SET attempts = attempts + 1, retry_at = clock_timestamp() + make_interval(mins => least(5 * 2 ^ attempts, 720)::int)
WHERE notice_id IN (
    SELECT notice_id
    FROM notice
    WHERE email IS NOT NULL AND mailed_at IS NULL AND attempts < $2
      AND coalesce(retry_at, '-infinity') <= clock_timestamp()
    ORDER BY notice_id
    LIMIT $1
    FOR UPDATE SKIP LOCKED)
RETURNING notice_id, at, kind, exchange_id, alert_id, language, filled_with, read_at, email;

-- name: mailed
UPDATE notice SET mailed_at = clock_timestamp() WHERE notice_id = $1;

-- name: owed
-- Replies that are owed by the side that has the ball and was asked a day ago or longer, due between two days.
SELECT exchange.*
FROM exchange
WHERE closed_at IS NULL AND answered_at IS NULL AND ball = 'replying'
  AND sent_at < clock_timestamp() - interval '1 day'
  AND coalesce(agreed_due, legal_due) BETWEEN $1 AND $2
ORDER BY number;
