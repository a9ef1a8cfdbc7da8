-- Keys that take the place of others, and the log of who did what.

ALTER TABLE credential ADD COLUMN replaces uuid REFERENCES credential ON DELETE SET NULL;

-- Who did what for an operator: by which key and, where a person signed in, by whom.
CREATE TABLE action (
    operator_id   uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    action_id     bigint GENERATED ALWAYS AS IDENTITY,
    at            timestamptz NOT NULL,
    credential_id uuid,
    person_id     uuid,
    what          text NOT NULL,
    record_id     uuid,
    details       jsonb,
    PRIMARY KEY (operator_id, action_id)
);
CREATE INDEX action_record ON action (operator_id, record_id) WHERE record_id IS NOT NULL;
