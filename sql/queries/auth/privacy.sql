-- What the law lets a person ask for: all that is stored of them, and its end. A forgotten table fails a test.

-- name: export_user :many
-- Everything that is stored of a user, a row of the result for each row of a table, as a JSON object. Stream it.
--
-- Hashes of tokens and of the password, and what was encrypted of OAuth, stay here: they contain no personal data.
-- across-users
-- include-deleted
SELECT
    'auth.users' AS source,
    to_jsonb(u) - 'password_hash' AS document
FROM auth.users AS u
WHERE u.id = :user_id
UNION ALL
SELECT
    'auth.user_profiles' AS source,
    to_jsonb(t) AS document
FROM auth.user_profiles AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'auth.sessions' AS source,
    to_jsonb(t) - 'token_hash' AS document
FROM auth.sessions AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'auth.oauth_accounts' AS source,
    to_jsonb(t) - 'access_token_ciphertext' - 'refresh_token_ciphertext' AS document
FROM auth.oauth_accounts AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'auth.password_resets' AS source,
    to_jsonb(t) - 'token_hash' AS document
FROM auth.password_resets AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'auth.email_verifications' AS source,
    to_jsonb(t) - 'token_hash' AS document
FROM auth.email_verifications AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.language_enrollments' AS source,
    to_jsonb(t) AS document
FROM learning.language_enrollments AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.module_progress' AS source,
    to_jsonb(t) AS document
FROM learning.module_progress AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.material_progress' AS source,
    to_jsonb(t) AS document
FROM learning.material_progress AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.assignment_submissions' AS source,
    to_jsonb(t) AS document
FROM learning.assignment_submissions AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.assignment_analyses' AS source,
    to_jsonb(t) AS document
FROM learning.assignment_analyses AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.mcq_attempts' AS source,
    to_jsonb(t) AS document
FROM learning.mcq_attempts AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.mcq_answers' AS source,
    to_jsonb(t) AS document
FROM learning.mcq_answers AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'learning.quiz_analyses' AS source,
    to_jsonb(t) AS document
FROM learning.quiz_analyses AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'payments.subscriptions' AS source,
    to_jsonb(t) AS document
FROM payments.subscriptions AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'payments.payment_methods' AS source,
    to_jsonb(t) AS document
FROM payments.payment_methods AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'payments.transactions' AS source,
    to_jsonb(t) AS document
FROM payments.transactions AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'payments.invoices' AS source,
    to_jsonb(t) AS document
FROM payments.invoices AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'notifications.notifications' AS source,
    to_jsonb(t) AS document
FROM notifications.notifications AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'notifications.notification_preferences' AS source,
    to_jsonb(t) AS document
FROM notifications.notification_preferences AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'notifications.email_logs' AS source,
    to_jsonb(t) AS document
FROM notifications.email_logs AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'activity.user_activities' AS source,
    to_jsonb(t) AS document
FROM activity.user_activities AS t
WHERE t.user_id = :user_id
UNION ALL
SELECT
    'activity.analytics_events' AS source,
    to_jsonb(t) AS document
FROM activity.analytics_events AS t
WHERE t.user_id = :user_id
UNION ALL
-- What the person wrote about the work of others, without the work.
SELECT
    'learning.assignment_analyses' AS source,
    jsonb_build_object('id', t.id, 'reviewer_notes', t.reviewer_notes, 'reviewed_at', t.reviewed_at) AS document
FROM learning.assignment_analyses AS t
WHERE t.reviewer_id = :user_id
UNION ALL
SELECT
    'learning.quiz_analyses' AS source,
    jsonb_build_object('id', t.id, 'reviewer_notes', t.reviewer_notes, 'reviewed_at', t.reviewed_at) AS document
FROM learning.quiz_analyses AS t
WHERE t.reviewer_id = :user_id
UNION ALL
SELECT
    'learning.modules' AS source,
    to_jsonb(t) AS document
FROM learning.modules AS t
WHERE t.created_by = :user_id;

-- name: erase_user :execrows
-- Delete an account permanently, with everything that is theirs. 0 where there is none, or it is the last live
-- administrator's.
--
-- It is refused by a foreign key while there are transactions or invoices: money is kept, and anonymise_user is the
-- way then. It may run again, and gives 0 then: events that were on their way the first time go.
-- include-deleted
WITH admins AS MATERIALIZED (
    SELECT a.id
    FROM auth.users AS a
    WHERE a.role = 'ADMIN' AND a.deleted_at IS NULL
    ORDER BY a.id
    FOR UPDATE
),

person AS MATERIALIZED (
    SELECT u.id
    FROM auth.users AS u
    WHERE
        u.id = :user_id
        AND (
            u.role <> 'ADMIN'
            OR u.deleted_at IS NOT NULL
            OR (SELECT count(*) FROM admins) > 1
        )
    -- Looked at again once the lock is there: the role may have changed meanwhile.
    FOR UPDATE
),

events AS (
    -- No foreign key leads from them to the account, so the cascade does not reach them.
    DELETE FROM activity.analytics_events AS e
    WHERE
        e.user_id = :user_id
        AND (
            EXISTS (SELECT FROM person)
            OR NOT EXISTS (
                SELECT FROM auth.users AS u
                WHERE u.id = :user_id
            )
        )
)

DELETE FROM auth.users AS u
USING person
WHERE u.id = person.id;

-- name: erase_visitor :execrows
-- Delete the events of an anonymous visitor, who is no user.
DELETE FROM activity.analytics_events AS e
WHERE e.user_id = :user_id AND e.is_anonymous;

-- name: anonymise_user :execrows
-- End an account whose money rows must be kept, and delete all else of the person. 0 where there is none, or it is
-- the last live administrator's.
--
-- What remains are the account's id with an invalid address, the subscription, and transactions, invoices and payment
-- methods with the amounts, times and ids that the books need, without the provider's personal data. Call
-- delete_user before: it ends the sessions, so that nothing is written meanwhile. It may run again.
--
-- Stripe's id of the customer is gone, by which the webhooks know the user. So let payments that are PROCESSING end
-- before, or end them by their own ids: find_transaction_by_intent, then succeed_, fail_ or refund_transaction.
-- include-deleted
WITH admins AS MATERIALIZED (
    SELECT a.id
    FROM auth.users AS a
    WHERE a.role = 'ADMIN' AND a.deleted_at IS NULL
    ORDER BY a.id
    FOR UPDATE
),

person AS MATERIALIZED (
    SELECT u.id
    FROM auth.users AS u
    WHERE
        u.id = :user_id
        AND (
            u.role <> 'ADMIN'
            OR u.deleted_at IS NOT NULL
            OR (SELECT count(*) FROM admins) > 1
        )
    -- Looked at again once the lock is there: the role may have changed meanwhile.
    FOR UPDATE
),

user_profiles AS (
    DELETE FROM auth.user_profiles AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

sessions AS (
    DELETE FROM auth.sessions AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

oauth_accounts AS (
    DELETE FROM auth.oauth_accounts AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

password_resets AS (
    DELETE FROM auth.password_resets AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

email_verifications AS (
    DELETE FROM auth.email_verifications AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

language_enrollments AS (
    DELETE FROM learning.language_enrollments AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

module_progress AS (
    DELETE FROM learning.module_progress AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

material_progress AS (
    DELETE FROM learning.material_progress AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

-- Their analyses go with them, by the cascade.
assignment_submissions AS (
    DELETE FROM learning.assignment_submissions AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

-- And so do their answers.
mcq_attempts AS (
    DELETE FROM learning.mcq_attempts AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

notifications AS (
    DELETE FROM notifications.notifications AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

notification_preferences AS (
    DELETE FROM notifications.notification_preferences AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

email_logs AS (
    DELETE FROM notifications.email_logs AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

user_activities AS (
    DELETE FROM activity.user_activities AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

analytics_events AS (
    DELETE FROM activity.analytics_events AS t
    USING person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

subscriptions AS (
    UPDATE payments.subscriptions AS t
    SET
        status = CASE WHEN t.status = 'EXPIRED' THEN t.status ELSE 'CANCELED' END,
        canceled_at = coalesce(t.canceled_at, now()),
        stripe_customer_id = NULL,
        updated_at = now()
    FROM person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

payment_methods AS (
    UPDATE payments.payment_methods AS t
    SET
        brand = NULL,
        last4 = NULL,
        expiry_month = NULL,
        expiry_year = NULL,
        is_default = FALSE,
        deleted_at = coalesce(t.deleted_at, now()),
        updated_at = now()
    FROM person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

transactions AS (
    UPDATE payments.transactions AS t
    SET
        failure_reason = CASE WHEN t.failure_reason IS NOT NULL THEN 'anonymised' END,
        metadata = '{}',
        updated_at = now()
    FROM person
    WHERE t.user_id = :user_id AND t.user_id = person.id
),

invoices AS (
    UPDATE payments.invoices AS t
    SET pdf_url = NULL, updated_at = now()
    FROM person
    WHERE t.user_id = :user_id AND t.user_id = person.id
)

UPDATE auth.users AS u
SET
    email = 'anonymised-' || u.id || '@invalid.example',
    name = 'Anonymised',
    password_hash = NULL,
    role = 'STUDENT',
    email_verified_at = NULL,
    deleted_at = coalesce(u.deleted_at, now()),
    updated_at = now()
FROM person
WHERE u.id = person.id;
