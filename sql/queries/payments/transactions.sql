-- Payments, from PENDING over PROCESSING to SUCCEEDED or FAILED; what SUCCEEDED can be REFUNDED. Nothing is deleted.

-- name: create_transaction :opt
-- Note a payment that is about to be made, PENDING, and return it.
--
-- The caller chooses the id, which makes a second try harmless: it returns the same payment, or None where that is of
-- another amount. None too where the account is not live, has no subscription, or no such live payment method.
-- row: TransactionNow
INSERT INTO payments.transactions AS t (
    user_id, id, subscription_id, payment_method_id, amount_minor, currency, metadata
)
SELECT s.user_id, :id, s.id, :payment_method_id, :amount_minor, :currency, :metadata
FROM payments.subscriptions AS s
INNER JOIN auth.users AS u ON s.user_id = u.id
WHERE
    s.user_id = :user_id
    AND u.deleted_at IS NULL
    AND (
        :payment_method_id::uuid IS NULL
        OR EXISTS (
            SELECT 1 FROM payments.payment_methods AS m
            WHERE m.user_id = :user_id AND m.id = :payment_method_id AND m.deleted_at IS NULL
        )
    )
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = t.updated_at
    WHERE
    t.amount_minor = excluded.amount_minor
    AND t.currency = excluded.currency
    AND t.payment_method_id IS NOT DISTINCT FROM excluded.payment_method_id
RETURNING
    t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
    t.processed_at;

-- name: begin_transaction :opt
-- Move a payment from PENDING to PROCESSING, before Stripe is asked; again with Stripe's id once that is known. Let
-- Stripe keep our id with the payment, as metadata: see apply_stripe_payment.
--
-- None where it has ended, or has another id at Stripe. An id of another payment is refused by the unique index
-- transactions_stripe_payment_intent_id_global_key.
-- row: TransactionNow
UPDATE payments.transactions AS t
SET
    status = 'PROCESSING',
    stripe_payment_intent_id = coalesce(:stripe_payment_intent_id, t.stripe_payment_intent_id),
    updated_at = now()
WHERE
    t.user_id = :user_id
    AND t.id = :id
    AND t.status IN ('PENDING', 'PROCESSING')
    AND (
        t.stripe_payment_intent_id IS NULL
        OR t.stripe_payment_intent_id = coalesce(:stripe_payment_intent_id, t.stripe_payment_intent_id)
    )
RETURNING
    t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
    t.processed_at;

-- name: succeed_transaction :opt
-- Move a payment from PROCESSING to SUCCEEDED; None where it is in another state.
-- row: TransactionNow
UPDATE payments.transactions AS t
SET status = 'SUCCEEDED', processed_at = now(), updated_at = now()
WHERE t.user_id = :user_id AND t.id = :id AND t.status = 'PROCESSING'
RETURNING
    t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
    t.processed_at;

-- name: fail_transaction :opt
-- Move a payment from PROCESSING to FAILED, with the reason; None where it is in another state.
-- row: TransactionNow
WITH failure AS MATERIALIZED (
    SELECT btrim(:reason) AS reason
)

UPDATE payments.transactions AS t
SET status = 'FAILED', failure_reason = failure.reason, processed_at = now(), updated_at = now()
FROM failure
WHERE t.user_id = :user_id AND t.id = :id AND t.status = 'PROCESSING' AND failure.reason <> ''
RETURNING
    t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
    t.processed_at;

-- name: refund_transaction :opt
-- Move a payment from SUCCEEDED to REFUNDED; None where it is in another state. processed_at stays: it is when it
-- was paid.
-- row: TransactionNow
UPDATE payments.transactions AS t
SET status = 'REFUNDED', updated_at = now()
WHERE t.user_id = :user_id AND t.id = :id AND t.status = 'SUCCEEDED'
RETURNING
    t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
    t.processed_at;

-- name: apply_stripe_payment :opt
-- Store a webhook's state of a payment at Stripe, and return ours: of one that we began, or, as with a renewal, of
-- one that Stripe made.
--
-- Idempotent by Stripe's id: a payment moves on, never back. Events come in no order, so one may move it over several
-- states: what is refunded was paid. Give the id of ours that Stripe keeps with the payment as transaction_id: the
-- event may come before begin_transaction has noted Stripe's id, and would else make a second payment. It is noted
-- here then, also where the event moves nothing. An id of no payment of this user, or of one that has another id at
-- Stripe, is skipped.
--
-- None, and nothing else changes, where the move is none (a replay, or news of before), the customer is unknown, or
-- our payment is of another user, amount or currency. FAILED is an end here: leave out a failure after which Stripe
-- tries again.
-- across-users
-- row: TransactionNow
-- nullable: failure_reason
WITH event AS MATERIALIZED (
    SELECT
        btrim(:stripe_payment_intent_id) AS stripe_payment_intent_id,
        CASE WHEN :status = 'FAILED'::payments.transaction_status THEN :failure_reason::text END AS failure_reason,
        CASE
            WHEN :status NOT IN ('PENDING'::payments.transaction_status, 'PROCESSING'::payments.transaction_status)
                THEN least(:occurred_at, now())
        END AS processed_at
),

ours AS MATERIALIZED (
    SELECT
        t.user_id,
        t.id,
        (
            (t.status = 'PENDING' AND :status <> 'PENDING'::payments.transaction_status)
            OR (
                t.status = 'PROCESSING'
                AND :status NOT IN (
                    'PENDING'::payments.transaction_status, 'PROCESSING'::payments.transaction_status
                )
            )
            OR (t.status = 'SUCCEEDED' AND :status = 'REFUNDED'::payments.transaction_status)
        ) AS moves,
        (t.amount_minor = :amount_minor AND t.currency = :currency) AS is_alike
    FROM payments.subscriptions AS s
    INNER JOIN payments.transactions AS t ON s.user_id = t.user_id
    CROSS JOIN event
    WHERE
        s.stripe_customer_id = :stripe_customer_id
        AND (
            FALSE
            -- :if transaction_id
            OR t.id = :transaction_id
            -- :end
        )
        AND event.stripe_payment_intent_id <> ''
        AND (t.stripe_payment_intent_id IS NULL OR t.stripe_payment_intent_id = event.stripe_payment_intent_id)
        AND NOT EXISTS (
            SELECT FROM payments.transactions AS another
            WHERE another.stripe_payment_intent_id = event.stripe_payment_intent_id AND another.id <> t.id
        )
    -- Of two events at once the second one waits here, and finds what the first one noted.
    FOR NO KEY UPDATE OF t
),

moved AS (
    UPDATE payments.transactions AS t
    SET
        status = :status,
        stripe_payment_intent_id = event.stripe_payment_intent_id,
        failure_reason = event.failure_reason,
        processed_at = coalesce(t.processed_at, event.processed_at),
        updated_at = now()
    FROM ours
    CROSS JOIN event
    WHERE t.user_id = ours.user_id AND t.id = ours.id AND ours.is_alike AND ours.moves
    RETURNING
        t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
        t.processed_at
),

noted AS (
    UPDATE payments.transactions AS t
    SET stripe_payment_intent_id = event.stripe_payment_intent_id, updated_at = now()
    FROM ours
    CROSS JOIN event
    WHERE
        t.user_id = ours.user_id
        AND t.id = ours.id
        AND t.stripe_payment_intent_id IS NULL
        AND ours.is_alike
        AND NOT ours.moves
),

stored AS (
    INSERT INTO payments.transactions AS t (
        user_id, subscription_id, amount_minor, currency, status, stripe_payment_intent_id, failure_reason,
        processed_at
    )
    SELECT
        s.user_id,
        s.id,
        :amount_minor,
        :currency,
        :status,
        event.stripe_payment_intent_id,
        event.failure_reason,
        event.processed_at
    FROM payments.subscriptions AS s
    CROSS JOIN event
    WHERE
        s.stripe_customer_id = :stripe_customer_id
        AND event.stripe_payment_intent_id <> ''
        AND NOT EXISTS (SELECT FROM ours)
    ON CONFLICT (stripe_payment_intent_id) DO UPDATE
        SET
            status = excluded.status,
            failure_reason = excluded.failure_reason,
            processed_at = coalesce(t.processed_at, excluded.processed_at),
            updated_at = now()
        WHERE
        t.user_id = excluded.user_id
        AND t.amount_minor = excluded.amount_minor
        AND t.currency = excluded.currency
        AND (
            (t.status = 'PENDING' AND excluded.status <> 'PENDING')
            OR (t.status = 'PROCESSING' AND excluded.status IN ('SUCCEEDED', 'FAILED', 'REFUNDED'))
            OR (t.status = 'SUCCEEDED' AND excluded.status = 'REFUNDED')
        )
    RETURNING
        t.user_id, t.id, t.status, t.amount_minor, t.currency, t.stripe_payment_intent_id, t.failure_reason,
        t.processed_at
)

SELECT
    m.user_id, m.id, m.status, m.amount_minor, m.currency, m.stripe_payment_intent_id, m.failure_reason,
    m.processed_at
FROM moved AS m
UNION ALL
SELECT
    n.user_id, n.id, n.status, n.amount_minor, n.currency, n.stripe_payment_intent_id, n.failure_reason,
    n.processed_at
FROM stored AS n
LIMIT 1;

-- name: find_transaction_by_intent :opt
-- The payment with this id at Stripe: to distinguish a replay from an unknown payment.
-- across-users
-- row: TransactionNow
SELECT
    t.user_id,
    t.id,
    t.status,
    t.amount_minor,
    t.currency,
    t.stripe_payment_intent_id AS "stripe_payment_intent_id?",
    t.failure_reason,
    t.processed_at
FROM payments.transactions AS t
WHERE t.stripe_payment_intent_id = :stripe_payment_intent_id::text;

-- name: get_transaction :opt
-- A payment of a user, with what it was paid with, also where that is removed by now.
-- include-deleted
SELECT
    t.user_id,
    t.id,
    t.status,
    t.amount_minor,
    t.currency,
    t.stripe_payment_intent_id,
    t.failure_reason,
    t.metadata,
    t.processed_at,
    t.created_at,
    m.user_id AS "payment_method.user_id",
    m.id AS "payment_method.id",
    m.type AS "payment_method.type",
    m.brand AS "payment_method.brand",
    m.last4 AS "payment_method.last4"
FROM payments.transactions AS t
LEFT JOIN payments.payment_methods AS m ON t.user_id = m.user_id AND t.payment_method_id = m.id
WHERE t.user_id = :user_id AND t.id = :id;

-- name: list_transactions :many
-- A page of a user's payments, newest first. The next page begins behind the last row of this one: give its
-- created_at and id as created_before and id_before.
SELECT
    t.user_id,
    t.id,
    t.status,
    t.amount_minor,
    t.currency,
    t.failure_reason,
    t.processed_at,
    t.created_at
FROM payments.transactions AS t
WHERE
    t.user_id = :user_id
    -- :if status
    AND t.status = :status
    -- :end
    -- :if created_before
    AND (t.created_at, t.id) < (:created_before, :id_before)
    -- :end
ORDER BY t.created_at DESC, t.id DESC
LIMIT :limit;

-- name: sum_payments :many
-- What a user has paid, and how much of it was refunded, per currency.
SELECT
    t.currency,
    sum(t.amount_minor)::bigint AS paid_minor,
    coalesce(sum(t.amount_minor) FILTER (WHERE t.status = 'REFUNDED'), 0)::bigint AS refunded_minor
FROM payments.transactions AS t
WHERE t.user_id = :user_id AND t.status IN ('SUCCEEDED', 'REFUNDED')
GROUP BY t.currency
ORDER BY t.currency;
