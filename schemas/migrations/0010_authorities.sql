-- The directory of authorities, and the officers' place in it.

CREATE TABLE authority (
    code        text PRIMARY KEY,
    country     text NOT NULL,
    level       text NOT NULL CHECK (level IN ('national', 'regional', 'local')),
    names       jsonb NOT NULL,
    place       text NOT NULL,
    competences text[] NOT NULL,
    languages   text[] NOT NULL,
    parent      text REFERENCES authority,
    coordinator boolean NOT NULL DEFAULT false,
    address     text,
    email       text,
    phone       text,
    website     text,
    active      boolean NOT NULL DEFAULT true,
    four_eyes   boolean NOT NULL DEFAULT false, -- what leaves the desk is released by a second officer
    updated_at  timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX authority_country ON authority (country);
CREATE INDEX authority_updated ON authority (updated_at);

ALTER TABLE officer
    ADD COLUMN authority text REFERENCES authority,
    ADD COLUMN language text,
    ADD COLUMN email text,
    ADD CONSTRAINT officer_role CHECK (role IN ('roadside', 'desk', 'coordinator', 'auditor', 'administrator'));
CREATE INDEX officer_authority ON officer (authority);
