-- Copies by e-mail (schemas/migrations/0005_mail.sql).

-- name: order
INSERT INTO copy_mail (
    operator_id, mail_id, declaration_id, language, email, address_of_service, ordered_at, due_at
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7);

-- name: state
-- What became of the last copy of a declaration that was to go out.
SELECT state
FROM copy_mail
WHERE operator_id = $1 AND declaration_id = $2
ORDER BY ordered_at DESC
LIMIT 1;

-- name: take_due
-- Takes some that are due, for as long as one worker may need: if it dies, another takes them then.
UPDATE copy_mail AS taken
SET due_at = $1 + interval '5 minutes', attempts = attempts + 1
FROM (SELECT operator_id, mail_id
      FROM copy_mail
      WHERE state = 'WAITING' AND due_at <= $1
      ORDER BY due_at
      LIMIT $2
      FOR UPDATE SKIP LOCKED) AS due
WHERE taken.operator_id = due.operator_id AND taken.mail_id = due.mail_id
RETURNING taken.*;

-- name: sent
UPDATE copy_mail SET state = 'SENT', sent_at = $3 WHERE operator_id = $1 AND mail_id = $2;

-- name: failed
UPDATE copy_mail SET state = 'FAILED' WHERE operator_id = $1 AND mail_id = $2;

-- name: again
UPDATE copy_mail SET due_at = $3 WHERE operator_id = $1 AND mail_id = $2;

-- name: forget
-- Addresses are kept no longer than they are of use.
DELETE FROM copy_mail WHERE ordered_at < $1 AND state <> 'WAITING';

-- name: operator
SELECT operator_id::text, name, country, licence_number, vat_number, register_number, street, post_code, city, email,
       phone, manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
FROM operator
WHERE operator_id = $1;

-- name: driver
-- What only the driver's record has of what a copy shows.
SELECT driver_card_number, driver_document_issued, driver_document_expires
FROM driver
WHERE operator_id = $1 AND driver_id = $2;
