-- depends: 0002_auth
-- What a user subscribed to, and the money that moved. Amounts are bigint in minor units (cents) with their currency.
-- Ids that Stripe or an accountant knows are unique over all users by indexes named ..._global_key, which also serve
-- the webhooks: these know no user. They are indexes, not constraints, so that Citus can have plain ones instead.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TYPE payments.subscription_plan AS ENUM ('FREE', 'PRO', 'ENTERPRISE');
COMMENT ON TYPE payments.subscription_plan IS 'What a user has; in phase 1 every user has FREE.';

CREATE TYPE payments.subscription_status AS ENUM ('ACTIVE', 'CANCELED', 'EXPIRED', 'PAUSED');
COMMENT ON TYPE payments.subscription_status IS 'Whether the plan is in force.';

CREATE TYPE payments.transaction_status AS ENUM ('PENDING', 'PROCESSING', 'SUCCEEDED', 'FAILED', 'REFUNDED');
COMMENT ON TYPE payments.transaction_status IS 'Where a payment is: the last three are ends.';

CREATE TYPE payments.invoice_status AS ENUM ('DRAFT', 'SENT', 'PAID', 'OVERDUE', 'CANCELED');
COMMENT ON TYPE payments.invoice_status IS 'Where an invoice is.';

CREATE TYPE payments.payment_method_type AS ENUM ('CARD', 'PAYPAL', 'BANK_TRANSFER');
COMMENT ON TYPE payments.payment_method_type IS 'How money is sent.';


CREATE TABLE payments.subscriptions (
    user_id                uuid                         NOT NULL,
    id                     uuid                         NOT NULL DEFAULT gen_random_uuid(),
    plan                   payments.subscription_plan   NOT NULL DEFAULT 'FREE',
    status                 payments.subscription_status NOT NULL DEFAULT 'ACTIVE',
    stripe_customer_id     text,
    stripe_subscription_id text,
    current_period_start   timestamptz,
    current_period_end     timestamptz,
    cancel_at_period_end   boolean                      NOT NULL DEFAULT FALSE,
    canceled_at            timestamptz,
    stripe_event_at        timestamptz,
    created_at             timestamptz                  NOT NULL DEFAULT now(),
    updated_at             timestamptz                  NOT NULL DEFAULT now(),

    CONSTRAINT subscriptions_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT subscriptions_user_id_key UNIQUE (user_id),
    CONSTRAINT subscriptions_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    -- A period has both ends or, for FREE, none.
    CONSTRAINT subscriptions_current_period_start_current_period_end_check
    CHECK (
        (current_period_start IS NULL) = (current_period_end IS NULL)
        AND current_period_start < current_period_end
    ),
    -- Not the other way round: canceled_at is also set while a canceled plan runs on to the end of its period.
    CONSTRAINT subscriptions_status_canceled_at_check CHECK (status <> 'CANCELED' OR canceled_at IS NOT NULL)
);

CREATE UNIQUE INDEX subscriptions_stripe_customer_id_global_key ON payments.subscriptions (stripe_customer_id);
CREATE UNIQUE INDEX subscriptions_stripe_subscription_id_global_key
ON payments.subscriptions (stripe_subscription_id);
-- For the sweep that ends what is over.
CREATE INDEX subscriptions_current_period_end_idx
ON payments.subscriptions (current_period_end) WHERE status IN ('ACTIVE', 'PAUSED');

COMMENT ON TABLE payments.subscriptions IS
'The plan of a user; exactly one row, changed rather than replaced.

Class: U';
COMMENT ON COLUMN payments.subscriptions.user_id IS 'Owner; has one subscription.';
COMMENT ON COLUMN payments.subscriptions.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN payments.subscriptions.plan IS 'The plan.';
COMMENT ON COLUMN payments.subscriptions.status IS 'Whether the plan is in force.';
COMMENT ON COLUMN payments.subscriptions.stripe_customer_id IS 'Stripe''s id of the user; NULL until they first pay.';
COMMENT ON COLUMN payments.subscriptions.stripe_subscription_id IS 'Stripe''s id of the subscription; NULL for FREE.';
COMMENT ON COLUMN payments.subscriptions.current_period_start IS 'Start of the paid period; NULL for FREE.';
COMMENT ON COLUMN payments.subscriptions.current_period_end IS 'End of the paid period; NULL for FREE.';
COMMENT ON COLUMN payments.subscriptions.cancel_at_period_end IS
'Whether it ends, rather than renews, with the period.';
COMMENT ON COLUMN payments.subscriptions.canceled_at IS 'When the user canceled; NULL unless they did.';
COMMENT ON COLUMN payments.subscriptions.stripe_event_at IS
'When Stripe made the last event that is stored here: webhooks come in any order, and an older one is no news.';
COMMENT ON COLUMN payments.subscriptions.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN payments.subscriptions.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE payments.payment_methods (
    user_id                  uuid                         NOT NULL,
    id                       uuid                         NOT NULL DEFAULT gen_random_uuid(),
    type                     payments.payment_method_type NOT NULL,
    stripe_payment_method_id text,
    brand                    text,
    last4                    text,
    expiry_month             integer,
    expiry_year              integer,
    is_default               boolean                      NOT NULL DEFAULT FALSE,
    created_at               timestamptz                  NOT NULL DEFAULT now(),
    updated_at               timestamptz                  NOT NULL DEFAULT now(),
    deleted_at               timestamptz,

    CONSTRAINT payment_methods_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT payment_methods_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT payment_methods_last4_check CHECK (last4 ~ '^[0-9]{4}$'),
    CONSTRAINT payment_methods_expiry_month_check CHECK (expiry_month BETWEEN 1 AND 12),
    CONSTRAINT payment_methods_expiry_year_check CHECK (expiry_year BETWEEN 2000 AND 2199),
    CONSTRAINT payment_methods_expiry_month_expiry_year_check CHECK ((expiry_month IS NULL) = (expiry_year IS NULL))
);

-- At most one default among the live ones. Checked row by row: take it from the old one, then give it to the new one,
-- in two statements; one UPDATE of both fails or not by the order in which it meets them.
CREATE UNIQUE INDEX payment_methods_user_id_is_default_key
ON payments.payment_methods (user_id) WHERE is_default AND deleted_at IS NULL;
-- Among the live ones too: a replayed webhook has to look at the removed ones of its user as well, or it would bring
-- one back.
CREATE UNIQUE INDEX payment_methods_stripe_payment_method_id_global_key
ON payments.payment_methods (stripe_payment_method_id) WHERE deleted_at IS NULL;

COMMENT ON TABLE payments.payment_methods IS
'A card or account that a user pays with. Only what may be shown is kept; the number itself is with Stripe.

Class: U';
COMMENT ON COLUMN payments.payment_methods.user_id IS 'Owner.';
COMMENT ON COLUMN payments.payment_methods.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN payments.payment_methods.type IS 'How money is sent.';
COMMENT ON COLUMN payments.payment_methods.stripe_payment_method_id IS 'Stripe''s id of it; unique among live ones.';
COMMENT ON COLUMN payments.payment_methods.brand IS 'Brand of a card, such as visa.';
COMMENT ON COLUMN payments.payment_methods.last4 IS 'Last four digits of the card or account number.';
COMMENT ON COLUMN payments.payment_methods.expiry_month IS 'Last month in which a card is valid, 1 to 12.';
COMMENT ON COLUMN payments.payment_methods.expiry_year IS 'Year of that month, four digits.';
COMMENT ON COLUMN payments.payment_methods.is_default IS 'Whether it is used unless another is chosen.';
COMMENT ON COLUMN payments.payment_methods.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN payments.payment_methods.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN payments.payment_methods.deleted_at IS 'When the user removed it; NULL while it is live.';


-- Money is kept. RESTRICT on the owner: such a user is anonymised, not deleted. NO ACTION within payments: neither a
-- subscription nor a payment method can be deleted from under a transaction.
CREATE TABLE payments.transactions (
    user_id                  uuid                        NOT NULL,
    id                       uuid                        NOT NULL DEFAULT gen_random_uuid(),
    subscription_id          uuid                        NOT NULL,
    payment_method_id        uuid,
    amount_minor             bigint                      NOT NULL,
    currency                 text                        NOT NULL,
    status                   payments.transaction_status NOT NULL DEFAULT 'PENDING',
    stripe_payment_intent_id text,
    failure_reason           text,
    metadata                 jsonb                       NOT NULL DEFAULT '{}',
    processed_at             timestamptz,
    created_at               timestamptz                 NOT NULL DEFAULT now(),
    updated_at               timestamptz                 NOT NULL DEFAULT now(),

    CONSTRAINT transactions_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT transactions_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT transactions_user_id_subscription_id_fk
    FOREIGN KEY (user_id, subscription_id) REFERENCES payments.subscriptions (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT transactions_user_id_payment_method_id_fk
    FOREIGN KEY (user_id, payment_method_id) REFERENCES payments.payment_methods (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT transactions_amount_minor_check CHECK (amount_minor >= 0),
    CONSTRAINT transactions_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT transactions_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    CONSTRAINT transactions_status_failure_reason_check CHECK (status <> 'FAILED' OR failure_reason IS NOT NULL),
    CONSTRAINT transactions_status_processed_at_check
    CHECK ((status IN ('SUCCEEDED', 'FAILED', 'REFUNDED')) = (processed_at IS NOT NULL))
);

CREATE INDEX transactions_user_id_subscription_id_idx ON payments.transactions (user_id, subscription_id);
CREATE INDEX transactions_user_id_payment_method_id_idx ON payments.transactions (user_id, payment_method_id);
CREATE UNIQUE INDEX transactions_stripe_payment_intent_id_global_key
ON payments.transactions (stripe_payment_intent_id);

COMMENT ON TABLE payments.transactions IS
'A payment, or an attempt at one. Never deleted: it outlives the user''s personal data.

Class: U';
COMMENT ON COLUMN payments.transactions.user_id IS 'Owner; cannot be deleted while this row exists.';
COMMENT ON COLUMN payments.transactions.id IS
'Key within the owner; a client may choose it, so that a retry cannot pay twice.';
COMMENT ON COLUMN payments.transactions.subscription_id IS 'The subscription it pays for, of the same owner.';
COMMENT ON COLUMN payments.transactions.payment_method_id IS
'What it was paid with, of the same owner; NULL if unknown.';
COMMENT ON COLUMN payments.transactions.amount_minor IS 'Amount in minor units of the currency, such as cents.';
COMMENT ON COLUMN payments.transactions.currency IS 'ISO 4217 code, three capitals.';
COMMENT ON COLUMN payments.transactions.status IS 'Where the payment is.';
COMMENT ON COLUMN payments.transactions.stripe_payment_intent_id IS
'Stripe''s id of the payment; NULL until it is begun.';
COMMENT ON COLUMN payments.transactions.failure_reason IS 'Why it FAILED.';
COMMENT ON COLUMN payments.transactions.metadata IS 'Object: what else the provider said.';
COMMENT ON COLUMN payments.transactions.processed_at IS
'When it ended, well or badly; NULL while PENDING or PROCESSING.';
COMMENT ON COLUMN payments.transactions.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN payments.transactions.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE payments.invoices (
    user_id           uuid                    NOT NULL,
    id                uuid                    NOT NULL DEFAULT gen_random_uuid(),
    subscription_id   uuid                    NOT NULL,
    transaction_id    uuid,
    number            text                    NOT NULL,
    status            payments.invoice_status NOT NULL DEFAULT 'DRAFT',
    amount_minor      bigint                  NOT NULL,
    tax_minor         bigint                  NOT NULL DEFAULT 0,
    total_minor       bigint                  NOT NULL,
    currency          text                    NOT NULL,
    line_items        jsonb                   NOT NULL DEFAULT '[]',
    issued_at         timestamptz,
    due_at            timestamptz,
    paid_at           timestamptz,
    stripe_invoice_id text,
    pdf_url           text,
    created_at        timestamptz             NOT NULL DEFAULT now(),
    updated_at        timestamptz             NOT NULL DEFAULT now(),

    CONSTRAINT invoices_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT invoices_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE RESTRICT,
    CONSTRAINT invoices_user_id_subscription_id_fk
    FOREIGN KEY (user_id, subscription_id) REFERENCES payments.subscriptions (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT invoices_user_id_transaction_id_fk
    FOREIGN KEY (user_id, transaction_id) REFERENCES payments.transactions (user_id, id) ON DELETE NO ACTION,
    CONSTRAINT invoices_amount_minor_check CHECK (amount_minor >= 0),
    CONSTRAINT invoices_tax_minor_check CHECK (tax_minor >= 0),
    CONSTRAINT invoices_total_minor_amount_minor_tax_minor_check CHECK (total_minor = amount_minor + tax_minor),
    CONSTRAINT invoices_currency_check CHECK (currency ~ '^[A-Z]{3}$'),
    CONSTRAINT invoices_line_items_check CHECK (jsonb_typeof(line_items) = 'array'),
    -- A draft may be canceled before it was ever issued.
    CONSTRAINT invoices_status_issued_at_check CHECK (status IN ('DRAFT', 'CANCELED') OR issued_at IS NOT NULL),
    CONSTRAINT invoices_status_paid_at_check CHECK ((status = 'PAID') = (paid_at IS NOT NULL)),
    CONSTRAINT invoices_due_at_issued_at_check CHECK (due_at >= issued_at)
);

CREATE INDEX invoices_user_id_subscription_id_idx ON payments.invoices (user_id, subscription_id);
-- A payment settles one invoice.
CREATE UNIQUE INDEX invoices_user_id_transaction_id_key ON payments.invoices (user_id, transaction_id);
-- For the sweep that finds what is overdue.
CREATE INDEX invoices_due_at_idx ON payments.invoices (due_at) WHERE status = 'SENT';
CREATE UNIQUE INDEX invoices_number_global_key ON payments.invoices (number);
CREATE UNIQUE INDEX invoices_stripe_invoice_id_global_key ON payments.invoices (stripe_invoice_id);

COMMENT ON TABLE payments.invoices IS
'An invoice for a period of a subscription. Never deleted: it outlives the user''s personal data.

Class: U';
COMMENT ON COLUMN payments.invoices.user_id IS 'Owner; cannot be deleted while this row exists.';
COMMENT ON COLUMN payments.invoices.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN payments.invoices.subscription_id IS 'The subscription it charges for, of the same owner.';
COMMENT ON COLUMN payments.invoices.transaction_id IS
'The payment that settled it, of the same owner; NULL until then.';
COMMENT ON COLUMN payments.invoices.number IS 'Number on the document; unique over all users.';
COMMENT ON COLUMN payments.invoices.status IS 'Where the invoice is.';
COMMENT ON COLUMN payments.invoices.amount_minor IS 'Amount before tax, in minor units of the currency.';
COMMENT ON COLUMN payments.invoices.tax_minor IS 'Tax, in minor units of the currency.';
COMMENT ON COLUMN payments.invoices.total_minor IS 'Amount and tax together, in minor units of the currency.';
COMMENT ON COLUMN payments.invoices.currency IS 'ISO 4217 code, three capitals.';
COMMENT ON COLUMN payments.invoices.line_items IS 'Array of lines: description, quantity, amount.';
COMMENT ON COLUMN payments.invoices.issued_at IS 'When it was issued; NULL for a draft.';
COMMENT ON COLUMN payments.invoices.due_at IS 'When payment is due.';
COMMENT ON COLUMN payments.invoices.paid_at IS 'When it became PAID; NULL in every other status.';
COMMENT ON COLUMN payments.invoices.stripe_invoice_id IS 'Stripe''s id of the invoice.';
COMMENT ON COLUMN payments.invoices.pdf_url IS 'Where the document is.';
COMMENT ON COLUMN payments.invoices.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN payments.invoices.updated_at IS 'When the row was last changed; each UPDATE sets it.';
