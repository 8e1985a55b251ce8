-- What a user pays with. If there is any live one, one of them is the default.
--
-- add_, set_default_ and remove_payment_method are run behind lock_payment_methods in one transaction or batch: that
-- takes a user's calls one after another, each seeing what the last one did. Without the lock two at once can meet in
-- the unique index payment_methods_user_id_is_default_key, which refuses one of them.

-- name: lock_payment_methods :opt
-- Lock the payment methods of a user until this transaction ends; None if there is no such user.
--
-- The account is locked, not a payment method, of which there may be none.
-- include-deleted
SELECT u.id FROM auth.users AS u
WHERE u.id = :user_id
FOR NO KEY UPDATE;

-- name: add_payment_method :opt
-- Add what Stripe has attached to a user, and return it; the first one is the default. Behind lock_payment_methods.
--
-- Idempotent by Stripe's id: a replay returns the one that is there, with what may be shown of it brought up to date.
-- None where the account is not live, the user has removed it, or it is another user's.
-- include-deleted
WITH attached AS MATERIALIZED (
    SELECT btrim(:stripe_payment_method_id) AS stripe_id
)

INSERT INTO payments.payment_methods AS m (
    user_id, id, type, stripe_payment_method_id, brand, last4, expiry_month, expiry_year, is_default
)
SELECT
    u.id,
    :id,
    :type,
    attached.stripe_id,
    :brand,
    :last4,
    :expiry_month,
    :expiry_year,
    NOT EXISTS (
        SELECT 1 FROM payments.payment_methods AS other
        WHERE other.user_id = :user_id AND other.is_default AND other.deleted_at IS NULL
    )
FROM auth.users AS u
CROSS JOIN attached
WHERE
    u.id = :user_id
    AND u.deleted_at IS NULL
    AND attached.stripe_id <> ''
    AND NOT EXISTS (
        SELECT 1 FROM payments.payment_methods AS removed
        WHERE
            removed.user_id = :user_id
            AND removed.stripe_payment_method_id = attached.stripe_id
            AND removed.deleted_at IS NOT NULL
    )
ON CONFLICT (stripe_payment_method_id) WHERE deleted_at IS NULL DO UPDATE
    SET
        brand = excluded.brand,
        last4 = excluded.last4,
        expiry_month = excluded.expiry_month,
        expiry_year = excluded.expiry_year,
        updated_at = now()
    WHERE m.user_id = excluded.user_id
RETURNING m.user_id, m.id, m.type, m.brand, m.last4, m.expiry_month, m.expiry_year, m.is_default;

-- name: set_default_payment_method :opt
-- Make a live payment method the default instead of the one that is; None where there is no such one. Behind
-- lock_payment_methods.
WITH chosen AS MATERIALIZED (
    SELECT m.id
    FROM payments.payment_methods AS m
    WHERE m.user_id = :user_id AND m.id = :id AND m.deleted_at IS NULL
),

cleared AS (
    UPDATE payments.payment_methods AS old
    SET is_default = FALSE, updated_at = now()
    FROM chosen
    WHERE old.user_id = :user_id AND old.id <> chosen.id AND old.is_default AND old.deleted_at IS NULL
    RETURNING old.id
)

UPDATE payments.payment_methods AS m
SET is_default = TRUE, updated_at = now()
WHERE
    m.user_id = :user_id
    AND m.id = :id
    AND m.deleted_at IS NULL
    -- Always true, and asked first: the old default is cleared before the new one meets the unique index.
    AND (SELECT count(*) FROM cleared) >= 0
RETURNING m.user_id, m.id, m.is_default;

-- name: remove_payment_method :opt
-- Remove a payment method of a user, and return which is the default from then on (None where none is left).
--
-- The default goes to one that has not expired, the newest. None instead of a row where there is no such live one.
-- Behind lock_payment_methods.
WITH victim AS MATERIALIZED (
    SELECT m.id, m.is_default
    FROM payments.payment_methods AS m
    WHERE m.user_id = :user_id AND m.id = :id AND m.deleted_at IS NULL
),

removed AS (
    UPDATE payments.payment_methods AS m
    SET is_default = FALSE, deleted_at = now(), updated_at = now()
    FROM victim
    WHERE m.user_id = :user_id AND m.id = victim.id AND m.deleted_at IS NULL
    RETURNING m.id
),

heir AS MATERIALIZED (
    SELECT m.id
    FROM payments.payment_methods AS m
    WHERE m.user_id = :user_id AND m.id <> :id AND m.deleted_at IS NULL
    ORDER BY
        -- True, last: no longer valid.
        coalesce(
            (m.expiry_year, m.expiry_month)
            < (extract(YEAR FROM now() AT TIME ZONE 'UTC'), extract(MONTH FROM now() AT TIME ZONE 'UTC')),
            FALSE
        ),
        m.created_at DESC,
        m.id
    LIMIT 1
),

handed AS (
    UPDATE payments.payment_methods AS m
    SET is_default = TRUE, updated_at = now()
    FROM heir, victim
    WHERE
        m.user_id = :user_id
        AND m.id = heir.id
        AND m.deleted_at IS NULL
        AND victim.is_default
        -- Asked first, as above.
        AND (SELECT count(*) FROM removed) = 1
    RETURNING m.id
)

SELECT
    removed.id,
    coalesce(
        (SELECT handed.id FROM handed),
        (
            SELECT m.id FROM payments.payment_methods AS m
            WHERE m.user_id = :user_id AND m.id <> :id AND m.is_default AND m.deleted_at IS NULL
        )
    ) AS default_id
FROM removed;

-- name: update_stripe_payment_method :execrows
-- Store a webhook's state of a live payment method: a bank replaced the card. 0 if no user has it.
-- across-users
UPDATE payments.payment_methods AS m
SET
    brand = :brand,
    last4 = :last4,
    expiry_month = :expiry_month,
    expiry_year = :expiry_year,
    updated_at = now()
WHERE m.stripe_payment_method_id = :stripe_payment_method_id::text AND m.deleted_at IS NULL;

-- name: find_stripe_payment_method :opt
-- The live payment method with this id at Stripe: how a webhook learns whose it is, to remove it.
-- across-users
SELECT m.user_id, m.id, m.is_default
FROM payments.payment_methods AS m
WHERE m.stripe_payment_method_id = :stripe_payment_method_id::text AND m.deleted_at IS NULL;

-- name: get_default_payment_method :opt
-- What a user pays with unless they choose another.
-- row: PaymentMethodShown
SELECT
    m.user_id,
    m.id,
    m.type,
    m.stripe_payment_method_id,
    m.brand,
    m.last4,
    m.expiry_month,
    m.expiry_year,
    m.is_default,
    m.created_at
FROM payments.payment_methods AS m
WHERE m.user_id = :user_id AND m.is_default AND m.deleted_at IS NULL;

-- name: list_payment_methods :many
-- The live payment methods of a user, the default first, then the newest.
-- row: PaymentMethodShown
SELECT
    m.user_id,
    m.id,
    m.type,
    m.stripe_payment_method_id,
    m.brand,
    m.last4,
    m.expiry_month,
    m.expiry_year,
    m.is_default,
    m.created_at
FROM payments.payment_methods AS m
WHERE m.user_id = :user_id AND m.deleted_at IS NULL
ORDER BY m.is_default DESC, m.created_at DESC, m.id;
