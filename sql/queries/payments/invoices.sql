-- Invoices, from DRAFT over SENT to PAID, or OVERDUE before that; CANCELED if it is not paid. Nothing is deleted.
--
-- Amounts are derived from the line items, and never given.

-- name: create_invoice :opt
-- Draft an invoice for a user's subscription, and return it. The amount before tax is the sum of the line items.
--
-- The caller chooses the id, which makes a second try harmless: it returns the same invoice, or None where that is no
-- draft any more or has another number. None too where the user has no subscription, or the amount of a line is not
-- its quantity times the amount of one. A number or a sum that cannot be is refused: invoices_number_global_key,
-- invoices_amount_minor_check.
-- row: InvoiceNow
WITH sums AS MATERIALIZED (
    SELECT
        coalesce(sum((line.item ->> 'amount_minor')::bigint), 0)::bigint AS amount_minor,
        coalesce(
            bool_and(
                (line.item ->> 'amount_minor')::numeric
                IS NOT DISTINCT FROM
                (line.item ->> 'quantity')::numeric * (line.item ->> 'unit_amount_minor')::numeric
            ),
            TRUE
        ) AS are_right
    FROM jsonb_array_elements(:line_items) AS line (item)
)

INSERT INTO payments.invoices AS i (
    user_id, id, subscription_id, number, amount_minor, tax_minor, total_minor, currency, line_items
)
SELECT
    s.user_id,
    :id,
    s.id,
    :number,
    sums.amount_minor,
    :tax_minor,
    sums.amount_minor + :tax_minor,
    :currency,
    :line_items
FROM payments.subscriptions AS s
CROSS JOIN sums
WHERE s.user_id = :user_id AND sums.are_right
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = i.updated_at
    WHERE i.status = 'DRAFT' AND i.number = excluded.number
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: change_draft_invoice :opt
-- Give a draft other line items and another tax, and return it with the new amounts.
--
-- None where there is no such draft, or the amount of a line is not its quantity times the amount of one.
-- row: InvoiceNow
WITH sums AS MATERIALIZED (
    SELECT
        coalesce(sum((line.item ->> 'amount_minor')::bigint), 0)::bigint AS amount_minor,
        coalesce(
            bool_and(
                (line.item ->> 'amount_minor')::numeric
                IS NOT DISTINCT FROM
                (line.item ->> 'quantity')::numeric * (line.item ->> 'unit_amount_minor')::numeric
            ),
            TRUE
        ) AS are_right
    FROM jsonb_array_elements(:line_items) AS line (item)
)

UPDATE payments.invoices AS i
SET
    line_items = :line_items,
    amount_minor = sums.amount_minor,
    tax_minor = :tax_minor,
    total_minor = sums.amount_minor + :tax_minor,
    updated_at = now()
FROM sums
WHERE i.user_id = :user_id AND i.id = :id AND i.status = 'DRAFT' AND sums.are_right
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: send_invoice :opt
-- Issue a draft that has a line, to be paid within a time, and return it; None where it is no draft or is empty.
-- row: InvoiceNow
UPDATE payments.invoices AS i
SET status = 'SENT', issued_at = now(), due_at = now() + :due_in, updated_at = now()
WHERE i.user_id = :user_id AND i.id = :id AND i.status = 'DRAFT' AND i.line_items <> '[]'
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: pay_invoice :opt
-- Settle an invoice that is SENT or OVERDUE by a payment of the user that SUCCEEDED, of its total and currency.
--
-- None where one of the two is otherwise. A payment that has settled another invoice is refused by the unique index
-- invoices_user_id_transaction_id_key.
-- row: InvoiceNow
UPDATE payments.invoices AS i
SET status = 'PAID', transaction_id = paid.id, paid_at = paid.processed_at, updated_at = now()
FROM (
    -- Locked, so that it is not refunded meanwhile.
    SELECT t.id, t.amount_minor, t.currency, t.processed_at
    FROM payments.transactions AS t
    WHERE t.user_id = :user_id AND t.id = :transaction_id AND t.status = 'SUCCEEDED'
    FOR UPDATE
) AS paid
WHERE
    i.user_id = :user_id
    AND i.id = :id
    AND i.status IN ('SENT', 'OVERDUE')
    AND i.total_minor = paid.amount_minor
    AND i.currency = paid.currency
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: cancel_invoice :opt
-- Cancel an invoice that is not paid; None where it is, or is canceled already.
-- row: InvoiceNow
UPDATE payments.invoices AS i
SET status = 'CANCELED', updated_at = now()
WHERE i.user_id = :user_id AND i.id = :id AND i.status IN ('DRAFT', 'SENT', 'OVERDUE')
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: mark_overdue_invoices :many
-- Note that SENT invoices were due before a time, the oldest first, at most so many, and return them: to remind their
-- users. A time to come counts as now.
--
-- Several sweepers can run at once: each skips what another is noting.
-- across-users
WITH late AS MATERIALIZED (
    SELECT old.user_id, old.id
    FROM payments.invoices AS old
    WHERE old.status = 'SENT' AND old.due_at < least(:due_before, now())
    ORDER BY old.due_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)

UPDATE payments.invoices AS i
SET status = 'OVERDUE', updated_at = now()
FROM late
WHERE i.user_id = late.user_id AND i.id = late.id
RETURNING i.user_id, i.id, i.number, i.total_minor, i.currency, i.due_at;

-- name: apply_stripe_invoice :opt
-- Store a webhook's state of an invoice at Stripe, and return ours, which is derived from Stripe's id.
--
-- Idempotent by that id: an invoice moves on, never back, and its lines and amounts are taken again when it leaves
-- DRAFT, and stay from then on.
-- None, and nothing changes, where the move is none (a replay), or illegal, the customer is unknown, ours is of
-- another user, or the amount of a line is not its quantity times the amount of one. occurred_at is when Stripe made
-- the event.
-- across-users
-- row: InvoiceNow
-- nullable: issued_at, due_at, pdf_url
WITH event AS MATERIALIZED (
    SELECT
        btrim(:stripe_invoice_id) AS stripe_invoice_id,
        least(:occurred_at, now()) AS occurred_at
),

sums AS MATERIALIZED (
    SELECT
        coalesce(sum((line.item ->> 'amount_minor')::bigint), 0)::bigint AS amount_minor,
        coalesce(
            bool_and(
                (line.item ->> 'amount_minor')::numeric
                IS NOT DISTINCT FROM
                (line.item ->> 'quantity')::numeric * (line.item ->> 'unit_amount_minor')::numeric
            ),
            TRUE
        ) AS are_right
    FROM jsonb_array_elements(:line_items) AS line (item)
)

INSERT INTO payments.invoices AS i (
    user_id, subscription_id, number, status, amount_minor, tax_minor, total_minor, currency, line_items, issued_at,
    due_at, paid_at, stripe_invoice_id, pdf_url
)
SELECT
    s.user_id,
    s.id,
    :number,
    :status,
    sums.amount_minor,
    :tax_minor,
    sums.amount_minor + :tax_minor,
    :currency,
    :line_items,
    :issued_at,
    :due_at,
    CASE WHEN :status = 'PAID'::payments.invoice_status THEN event.occurred_at END,
    event.stripe_invoice_id,
    :pdf_url
FROM payments.subscriptions AS s
CROSS JOIN event
CROSS JOIN sums
WHERE s.stripe_customer_id = :stripe_customer_id AND event.stripe_invoice_id <> '' AND sums.are_right
-- One event of a customer after another: ON CONFLICT looks at one unique index, and two events of a new invoice at
-- once could meet in the index of its number instead, which refuses one.
FOR NO KEY UPDATE OF s
ON CONFLICT (stripe_invoice_id) DO UPDATE
    SET
        number = CASE WHEN i.status = 'DRAFT' THEN excluded.number ELSE i.number END,
        status = excluded.status,
        line_items = CASE WHEN i.status = 'DRAFT' THEN excluded.line_items ELSE i.line_items END,
        amount_minor = CASE WHEN i.status = 'DRAFT' THEN excluded.amount_minor ELSE i.amount_minor END,
        tax_minor = CASE WHEN i.status = 'DRAFT' THEN excluded.tax_minor ELSE i.tax_minor END,
        total_minor = CASE WHEN i.status = 'DRAFT' THEN excluded.total_minor ELSE i.total_minor END,
        issued_at = coalesce(i.issued_at, excluded.issued_at),
        due_at = coalesce(i.due_at, excluded.due_at),
        paid_at = excluded.paid_at,
        pdf_url = coalesce(excluded.pdf_url, i.pdf_url),
        updated_at = now()
    WHERE
    i.user_id = excluded.user_id
    AND i.currency = excluded.currency
    AND (
        (i.status = 'DRAFT' AND excluded.status <> 'DRAFT')
        OR (i.status = 'SENT' AND excluded.status IN ('PAID', 'OVERDUE', 'CANCELED'))
        OR (i.status = 'OVERDUE' AND excluded.status IN ('PAID', 'CANCELED'))
    )
RETURNING
    i.user_id, i.id, i.number, i.status, i.amount_minor, i.tax_minor, i.total_minor, i.currency, i.issued_at,
    i.due_at, i.paid_at;

-- name: get_invoice :opt
-- An invoice of a user with its line items.
SELECT
    i.user_id,
    i.id,
    i.transaction_id,
    i.number,
    i.status,
    i.amount_minor,
    i.tax_minor,
    i.total_minor,
    i.currency,
    i.line_items,
    i.issued_at,
    i.due_at,
    i.paid_at,
    i.stripe_invoice_id,
    i.pdf_url,
    i.created_at,
    i.updated_at
FROM payments.invoices AS i
WHERE i.user_id = :user_id AND i.id = :id;

-- name: list_invoices :many
-- A page of a user's invoices, newest first, without their lines. The next page begins behind the last row of this
-- one: give its created_at and id as created_before and id_before.
SELECT
    i.user_id,
    i.id,
    i.number,
    i.status,
    i.total_minor,
    i.currency,
    i.issued_at,
    i.due_at,
    i.paid_at,
    i.pdf_url,
    i.created_at
FROM payments.invoices AS i
WHERE
    i.user_id = :user_id
    -- :if status
    AND i.status = :status
    -- :end
    -- :if created_before
    AND (i.created_at, i.id) < (:created_before, :id_before)
    -- :end
ORDER BY i.created_at DESC, i.id DESC
LIMIT :limit;
