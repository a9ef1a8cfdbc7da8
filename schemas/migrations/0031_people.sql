-- People who work for an operator. Signed in, they hold a key of their own for some hours, with what their role may.

CREATE TABLE person (
    person_id     uuid PRIMARY KEY,
    operator_id   uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    email         text NOT NULL,
    name          text NOT NULL,
    role          text NOT NULL CHECK (role IN ('administrator', 'dispatcher', 'reader')),
    password_hash text NOT NULL,
    created_at    timestamptz NOT NULL,
    signed_in_at  timestamptz
);
CREATE UNIQUE INDEX person_email ON person (lower(email));
CREATE INDEX person_operator ON person (operator_id);

ALTER TABLE credential ADD COLUMN person_id uuid REFERENCES person ON DELETE CASCADE;
CREATE INDEX credential_person ON credential (person_id) WHERE person_id IS NOT NULL;

-- With four eyes, a person's draft is submitted by another person; a key of software is not a person.
ALTER TABLE operator ADD COLUMN four_eyes boolean NOT NULL DEFAULT false;
