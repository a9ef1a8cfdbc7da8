-- Exchanges as the desk reads and writes them.

-- name: officer
SELECT officer.officer_id, officer.name, officer.host AS country, officer.authority, officer.role,
       coalesce(officer.language, authority.languages[1], 'en') AS language, officer.email,
       coalesce(authority.four_eyes, false) AS four_eyes
FROM officer LEFT JOIN authority ON authority.code = officer.authority
WHERE officer.officer_id = $1 AND officer.revoked_at IS NULL;

-- name: read
SELECT exchange.* FROM exchange WHERE exchange_id = $1;

-- name: read_by_number
SELECT exchange.* FROM exchange WHERE number = $1;

-- name: read_for_change
SELECT exchange.* FROM exchange WHERE exchange_id = $1 FOR UPDATE;

-- name: insert
INSERT INTO exchange (exchange_id, procedure, module, state, ball, round, requesting_country, requesting_authority,
                      replying_country, replying_authority, operator_id, parent_id, urgent, subject, asking,
                      answering, opened_at, sent_at, accepted_at, answered_at, closed_at, legal_due, system_due,
                      proposed_due, proposed_by, agreed_due, timeliness, effort, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23,
        $24, $25, $26, $27, $28, $29)
RETURNING number;

-- name: update
UPDATE exchange
SET procedure = $2, module = $3, state = $4, ball = $5, round = $6, requesting_country = $7,
    requesting_authority = $8, replying_country = $9, replying_authority = $10, operator_id = $11, parent_id = $12,
    urgent = $13, subject = $14, asking = $15, answering = $16, opened_at = $17, sent_at = $18, accepted_at = $19,
    answered_at = $20, closed_at = $21, legal_due = $22, system_due = $23, proposed_due = $24, proposed_by = $25,
    agreed_due = $26, timeliness = $27, effort = $28, revision = $29,
    changed_at = clock_timestamp(), changed_in = pg_current_xact_id()
WHERE exchange_id = $1;

-- name: insert_event
INSERT INTO exchange_event (exchange_id, sequence, at, move, state_before, state, party, country, authority,
                            officer_id, role, credential_id, released_by, content)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);

-- name: events
SELECT exchange_id, sequence, at, move, state_before, state, party, country, authority, officer_id, role,
       credential_id, released_by, content
FROM exchange_event
WHERE exchange_id = $1
ORDER BY sequence;

-- name: mark_sent
UPDATE upload SET sent_in = $2 WHERE upload_id = ANY ($1::uuid[]) AND sent_in IS NULL;

-- name: ready_uploads
SELECT upload_id, document_type
FROM upload
WHERE exchange_id = $1 AND party = $2 AND state = 'kept' AND sent_in IS NULL
ORDER BY created_at, upload_id;

-- name: declarations
-- The newest versions of some declarations, with their operator as the register has it.
SELECT DISTINCT ON (version.declaration_id)
       version.declaration_id, version.operator_id, version.operator_country, version.posting_country,
       version.start_date, version.end_date, version.driver_first_name, version.driver_last_name,
       version.driver_birth_date, version.driver_licence_number, operator.name, operator.licence_number,
       operator.vat_number, operator.register_number
FROM declaration_version AS version LEFT JOIN operator USING (operator_id)
WHERE version.declaration_id = ANY ($1::uuid[])
ORDER BY version.declaration_id, version.version DESC;

-- name: name_declarations
INSERT INTO exchange_declaration (exchange_id, declaration_id, operator_id)
SELECT $1, declaration_id, $3 FROM unnest($2::uuid[]) AS declaration_id
ON CONFLICT DO NOTHING;

-- name: seen_by_establishment
-- Whether the state of establishment may see a declaration: a running request for its assistance names it.
SELECT exchange.exchange_id
FROM exchange_declaration JOIN exchange USING (exchange_id)
WHERE exchange_declaration.declaration_id = $1
  AND exchange.replying_country = $2
  AND exchange.procedure = 'mutual_assistance'
  AND exchange.sent_at IS NOT NULL
  AND exchange.closed_at IS NULL
ORDER BY exchange.number
LIMIT 1;

-- name: declarations_whole
-- The newest versions of an exchange's declarations with their plates.
SELECT DISTINCT ON (version.declaration_id) version.*, fleet.plates AS fleet_plates
FROM exchange_declaration
     JOIN declaration_version AS version USING (declaration_id, operator_id)
     LEFT JOIN fleet USING (operator_id, fleet_id)
WHERE exchange_declaration.exchange_id = $1
ORDER BY version.declaration_id, version.version DESC;

-- name: default_authority
-- The authority of a state that takes requests in an area: its coordinator, else a national authority.
SELECT code
FROM authority
WHERE country = $1 AND $2 = ANY (competences) AND active
ORDER BY coordinator DESC, level = 'national' DESC, code
LIMIT 1;

-- name: page
-- An officer's list: what the officer's Member State sent or received, newest first.
SELECT exchange.*
FROM exchange LEFT JOIN exchange_held AS held USING (exchange_id)
WHERE ((exchange.requesting_country = $1 AND $2 <> 'received')
       OR (exchange.replying_country = $1 AND $2 <> 'sent' AND exchange.procedure <> 'document_request'
           AND exchange.sent_at IS NOT NULL))
  AND ($3::text IS NULL OR $3 IN (exchange.requesting_authority, exchange.replying_authority))
  AND ($4::text IS NULL OR exchange.procedure = $4)
  AND ($5::text IS NULL OR exchange.module = $5)
  AND ($6::text[] IS NULL OR exchange.state = ANY ($6))
  AND ($7::boolean IS NULL OR (exchange.closed_at IS NULL) = $7)
  AND ($8::text IS NULL OR $8 = CASE exchange.ball
        WHEN 'requesting' THEN CASE WHEN exchange.requesting_country = $1 THEN 'ours' ELSE 'theirs' END
        WHEN 'replying' THEN CASE WHEN exchange.replying_country = $1 AND exchange.procedure <> 'document_request'
                                  THEN 'ours' ELSE 'theirs' END
        WHEN 'coordinator' THEN CASE WHEN exchange.replying_country = $1 THEN 'ours' ELSE 'theirs' END
        ELSE exchange.ball END)
  AND ($9::boolean IS NULL OR $9 = (exchange.answered_at IS NULL AND exchange.closed_at IS NULL
                                    AND coalesce(exchange.agreed_due, exchange.legal_due) < $10))
  AND ($11::text IS NULL OR $11 IN (exchange.requesting_country, exchange.replying_country))
  AND ($12::uuid IS NULL OR exchange.operator_id = $12)
  AND ($13::bigint IS NULL OR exchange.number < $13)
  AND ($15::text IS NULL OR held.authority = $15)
ORDER BY exchange.number DESC
LIMIT $14;

-- name: waiting
-- What waits for an officer's authority: its move, its overdue reply, its second officer, its note of an alert.
SELECT (SELECT count(*) FROM exchange
        WHERE closed_at IS NULL
          AND ((ball = 'requesting' AND requesting_authority = $1)
               OR (ball IN ('replying', 'coordinator') AND replying_authority = $1))) AS ours,
       (SELECT count(*) FROM exchange
        WHERE closed_at IS NULL AND answered_at IS NULL
          AND $1 IN (requesting_authority, replying_authority)
          AND coalesce(agreed_due, legal_due) < $2) AS overdue,
       (SELECT count(*) FROM exchange_held WHERE authority = $1 AND officer_id <> $3) AS to_release,
       (SELECT count(*) FROM alert_recipient JOIN alert USING (alert_id)
        WHERE alert_recipient.authority = $1 AND acknowledged_at IS NULL AND withdrawn_at IS NULL) AS to_acknowledge,
       (SELECT count(*) FROM notice WHERE (officer_id = $3 OR authority = $1) AND read_at IS NULL) AS unread;

-- name: operator_page
SELECT exchange.*
FROM exchange
WHERE exchange.operator_id = $1
  AND exchange.procedure = 'document_request'
  AND exchange.sent_at IS NOT NULL
  AND ($2::text[] IS NULL OR exchange.state = ANY ($2))
  AND ($3::boolean IS NULL OR (exchange.closed_at IS NULL) = $3)
  AND ($4::boolean IS NULL OR $4 = (exchange.answered_at IS NULL AND exchange.closed_at IS NULL
                                    AND exchange.legal_due < $5))
  AND ($6::bigint IS NULL OR exchange.number < $6)
ORDER BY exchange.number DESC
LIMIT $7;

-- name: linked
SELECT exchange_id, number, round, procedure, state FROM exchange WHERE parent_id = $1 ORDER BY number;

-- name: names
SELECT code, names, languages FROM authority WHERE code = ANY ($1::text[]);

-- name: operators
SELECT operator_id, name FROM operator WHERE operator_id = ANY ($1::uuid[]);

-- name: hold
INSERT INTO exchange_held (exchange_id, move, content, party, authority, officer_id, at)
VALUES ($1, $2, $3, $4, $5, $6, $7);

-- name: held
SELECT move, content, party, authority, officer_id, at FROM exchange_held WHERE exchange_id = $1 FOR UPDATE;

-- name: let_go
DELETE FROM exchange_held WHERE exchange_id = $1;

-- name: add_note
INSERT INTO exchange_note (exchange_id, authority, officer_id, text) VALUES ($1, $2, $3, $4) RETURNING note_id, at;

-- name: notes
SELECT note.note_id, note.at, note.officer_id, officer.name AS officer_name, note.text
FROM exchange_note AS note JOIN officer USING (officer_id)
WHERE note.exchange_id = $1 AND note.authority = $2
ORDER BY note.note_id;

-- name: save_template
INSERT INTO exchange_template (template_id, authority, name, procedure, module, move, content, changed_by)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (authority, name) DO UPDATE
SET procedure = excluded.procedure, module = excluded.module, move = excluded.move, content = excluded.content,
    changed_by = excluded.changed_by, changed_at = clock_timestamp()
RETURNING template_id;

-- name: templates
SELECT template_id, name, procedure, module, move, content, changed_at
FROM exchange_template
WHERE authority = $1 AND ($2::text IS NULL OR module = $2)
ORDER BY name;

-- name: drop_template
DELETE FROM exchange_template WHERE template_id = $1 AND authority = $2;

-- name: subscribe
INSERT INTO exchange_subscription (officer_id, exchange_id, email) VALUES ($1, $2, $3)
ON CONFLICT (officer_id, exchange_id) DO UPDATE SET email = excluded.email;

-- name: unsubscribe
DELETE FROM exchange_subscription WHERE officer_id = $1 AND exchange_id IS NOT DISTINCT FROM $2;

-- name: subscriptions
SELECT subscription.exchange_id, exchange.number, exchange.round, subscription.email, subscription.since
FROM exchange_subscription AS subscription LEFT JOIN exchange USING (exchange_id)
WHERE subscription.officer_id = $1
ORDER BY exchange.number NULLS FIRST;

-- name: log_reading
INSERT INTO lookup_log (officer_id, host, kind, sought, purpose, verdict) VALUES ($1, $2, $3, $4, $5, $6);
