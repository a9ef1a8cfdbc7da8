-- Copies that are to go to drivers by e-mail, and what became of them. `address_of_service` is where the copy's live
-- counterpart is shown.
CREATE TABLE copy_mail (
    operator_id        uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    mail_id            uuid NOT NULL,
    declaration_id     uuid NOT NULL,
    language           text NOT NULL,
    email              text NOT NULL,
    address_of_service text NOT NULL,
    state              text NOT NULL DEFAULT 'WAITING',
    attempts           int NOT NULL DEFAULT 0,
    ordered_at         timestamptz NOT NULL,
    due_at             timestamptz NOT NULL,
    sent_at            timestamptz,
    PRIMARY KEY (operator_id, mail_id)
);
CREATE INDEX copy_mail_of_declaration ON copy_mail (operator_id, declaration_id, ordered_at);
CREATE INDEX copy_mail_due ON copy_mail (due_at) WHERE state = 'WAITING';
