-- Exchanges: requests for documents and mutual assistance. The record says how things stand, the events how they
-- came to be so; what the moves mean stands in schemas/data/exchange/procedures.

CREATE TABLE exchange (
    exchange_id          uuid PRIMARY KEY,
    number               bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    procedure            text NOT NULL,
    module               text NOT NULL,
    state                text NOT NULL,
    ball                 text NOT NULL,
    round                int NOT NULL,
    requesting_country   text NOT NULL,
    requesting_authority text NOT NULL REFERENCES authority,
    replying_country     text NOT NULL,
    replying_authority   text REFERENCES authority,
    operator_id          uuid,
    parent_id            uuid REFERENCES exchange,
    urgent               boolean NOT NULL,
    subject              jsonb NOT NULL,
    asking               jsonb NOT NULL,
    answering            jsonb NOT NULL,
    opened_at            timestamptz NOT NULL,
    sent_at              timestamptz,
    accepted_at          timestamptz,
    answered_at          timestamptz,
    closed_at            timestamptz,
    legal_due            date,
    system_due           date,
    proposed_due         date,
    proposed_by          text,
    agreed_due           date,
    timeliness           text,
    effort               text,
    revision             int NOT NULL,
    changed_at           timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_in           xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX exchange_requesting ON exchange (requesting_country, number DESC);
CREATE INDEX exchange_replying ON exchange (replying_country, number DESC);
CREATE INDEX exchange_operator ON exchange (operator_id, number DESC) WHERE operator_id IS NOT NULL;
CREATE INDEX exchange_parent ON exchange (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX exchange_running ON exchange (legal_due) WHERE closed_at IS NULL;
CREATE INDEX exchange_changed ON exchange (changed_in);

CREATE TABLE exchange_event (
    exchange_id   uuid NOT NULL REFERENCES exchange ON DELETE CASCADE,
    sequence      int NOT NULL,
    at            timestamptz NOT NULL,
    move          text NOT NULL,
    state_before  text NOT NULL,
    state         text NOT NULL,
    party         text NOT NULL,
    country       text NOT NULL,
    authority     text,
    officer_id    uuid,
    role          text,
    credential_id uuid,
    released_by   uuid,
    content       jsonb NOT NULL,
    written_in    xid8 NOT NULL DEFAULT pg_current_xact_id(),
    PRIMARY KEY (exchange_id, sequence)
);
CREATE INDEX exchange_event_written ON exchange_event (written_in);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is only ever added to', TG_TABLE_NAME;
END $$;
CREATE TRIGGER exchange_event_stays BEFORE UPDATE ON exchange_event FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The declarations that an exchange is about: what the state of establishment may see while it lasts.
CREATE TABLE exchange_declaration (
    exchange_id    uuid NOT NULL REFERENCES exchange ON DELETE CASCADE,
    declaration_id uuid NOT NULL,
    operator_id    uuid NOT NULL,
    PRIMARY KEY (exchange_id, declaration_id)
);
CREATE INDEX exchange_declaration_declaration ON exchange_declaration (declaration_id);

-- A move that waits for a second officer: four eyes.
CREATE TABLE exchange_held (
    exchange_id uuid PRIMARY KEY REFERENCES exchange ON DELETE CASCADE,
    move        text NOT NULL,
    content     jsonb NOT NULL,
    party       text NOT NULL,
    authority   text NOT NULL,
    officer_id  uuid NOT NULL REFERENCES officer,
    at          timestamptz NOT NULL
);

-- What an authority notes for itself; the other side never sees it.
CREATE TABLE exchange_note (
    note_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    exchange_id uuid NOT NULL REFERENCES exchange ON DELETE CASCADE,
    authority   text NOT NULL REFERENCES authority,
    officer_id  uuid NOT NULL REFERENCES officer,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    text        text NOT NULL
);
CREATE INDEX exchange_note_exchange ON exchange_note (exchange_id, authority);

-- Contents that an authority uses again and again.
CREATE TABLE exchange_template (
    template_id uuid PRIMARY KEY,
    authority   text NOT NULL REFERENCES authority,
    name        text NOT NULL,
    procedure   text NOT NULL,
    module      text NOT NULL,
    move        text NOT NULL,
    content     jsonb NOT NULL,
    changed_by  uuid NOT NULL REFERENCES officer,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (authority, name)
);

-- Officers who want to hear of every move: of one exchange, or of all of their authority.
CREATE TABLE exchange_subscription (
    officer_id  uuid NOT NULL REFERENCES officer ON DELETE CASCADE,
    exchange_id uuid REFERENCES exchange ON DELETE CASCADE,
    email       boolean NOT NULL,
    since       timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE NULLS NOT DISTINCT (officer_id, exchange_id)
);
CREATE INDEX exchange_subscription_exchange ON exchange_subscription (exchange_id);
