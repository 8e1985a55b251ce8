-- The plan of a user: one row each, changed and not replaced. In force while ACTIVE; CANCELED and EXPIRED are ends.

-- name: ensure_subscription :opt
-- Give a new user the FREE plan, and return what they have; None where there is no such live account.
--
-- Who has a subscription keeps it, so this may run with each sign-in; of many calls at once one makes it.
-- row: SubscriptionNow
INSERT INTO payments.subscriptions AS s (user_id)
SELECT u.id
FROM auth.users AS u
WHERE u.id = :user_id AND u.deleted_at IS NULL
-- Not DO NOTHING, which returns no row; nothing changes.
ON CONFLICT (user_id) DO UPDATE SET updated_at = s.updated_at
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: get_subscription :opt
-- What a user subscribed to, with Stripe's ids; None before ensure_subscription.
SELECT
    s.user_id,
    s.id,
    s.plan,
    s.status,
    s.stripe_customer_id,
    s.stripe_subscription_id,
    s.current_period_start,
    s.current_period_end,
    s.cancel_at_period_end,
    s.canceled_at,
    s.stripe_event_at,
    s.created_at,
    s.updated_at
FROM payments.subscriptions AS s
WHERE s.user_id = :user_id;

-- name: get_plan_in_force :opt
-- The plan whose features a user may use now: their own while it is ACTIVE, FREE otherwise.
--
-- A period that is over counts until expire_subscriptions ends it: how long a renewal may take is decided there.
SELECT (CASE WHEN s.status = 'ACTIVE' THEN s.plan ELSE 'FREE' END) AS "plan!"
FROM payments.subscriptions AS s
WHERE s.user_id = :user_id;

-- name: change_plan :opt
-- Put a user on a paid plan for a period, at once, and return it; also one whose plan has ended.
--
-- Give the plan that the user was shown as from_plan: None where it is another by now, the subscription is paused,
-- the new plan is FREE (see return_to_free), or the period is none or over.
-- row: SubscriptionNow
WITH period AS MATERIALIZED (
    SELECT
        :current_period_start::timestamptz AS starts_at,
        :current_period_end::timestamptz AS ends_at
)

UPDATE payments.subscriptions AS s
SET
    plan = :plan,
    status = 'ACTIVE',
    -- What has ended at Stripe continues as something else.
    stripe_subscription_id = CASE WHEN s.status = 'ACTIVE' THEN s.stripe_subscription_id END,
    current_period_start = period.starts_at,
    current_period_end = period.ends_at,
    cancel_at_period_end = FALSE,
    canceled_at = NULL,
    updated_at = now()
FROM period
WHERE
    s.user_id = :user_id
    AND s.plan = :from_plan
    AND s.status <> 'PAUSED'
    AND :plan <> 'FREE'::payments.subscription_plan
    AND period.starts_at < period.ends_at
    AND period.ends_at > now()
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: return_to_free :opt
-- Put a user back on the FREE plan, permanently: one whose plan has ended, or was never charged by Stripe.
--
-- None otherwise: while Stripe charges for it or it is paused, cancel it first.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET
    plan = 'FREE',
    status = 'ACTIVE',
    stripe_subscription_id = NULL,
    current_period_start = NULL,
    current_period_end = NULL,
    cancel_at_period_end = FALSE,
    canceled_at = NULL,
    updated_at = now()
WHERE
    s.user_id = :user_id
    AND (s.status IN ('CANCELED', 'EXPIRED') OR (s.status = 'ACTIVE' AND s.stripe_subscription_id IS NULL))
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: cancel_at_period_end :opt
-- Let a paid plan run to the end of its period and no further; a second call changes nothing.
--
-- None where it is FREE, not in force, or its period is over.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET cancel_at_period_end = TRUE, canceled_at = coalesce(s.canceled_at, now()), updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.status = 'ACTIVE'
    AND s.plan <> 'FREE'
    AND s.current_period_end > now()
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: keep_subscription :opt
-- Take cancel_at_period_end back while the plan still runs; None where it does not, or was not canceled.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET cancel_at_period_end = FALSE, canceled_at = NULL, updated_at = now()
WHERE
    s.user_id = :user_id
    AND s.status = 'ACTIVE'
    AND s.cancel_at_period_end
    AND s.current_period_end > now()
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: cancel_now :opt
-- End a paid plan immediately, regardless of its period; None if it is FREE or has ended. Older events of Stripe
-- are ignored from then on.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET
    status = 'CANCELED',
    cancel_at_period_end = FALSE,
    canceled_at = coalesce(s.canceled_at, now()),
    -- Once its id is forgotten, what comes late of it would look like another subscription, in force.
    stripe_event_at = CASE
        WHEN s.stripe_subscription_id IS NOT NULL THEN greatest(s.stripe_event_at, now()) ELSE s.stripe_event_at
    END,
    updated_at = now()
WHERE s.user_id = :user_id AND s.status IN ('ACTIVE', 'PAUSED') AND s.plan <> 'FREE'
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: pause_subscription :opt
-- Pause a paid plan; None where it is FREE, not in force, or canceled for the end of its period.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET status = 'PAUSED', updated_at = now()
WHERE s.user_id = :user_id AND s.status = 'ACTIVE' AND s.plan <> 'FREE' AND NOT s.cancel_at_period_end
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: resume_subscription :opt
-- Let a paused plan continue; None where it is not paused, or its period is over meanwhile.
-- row: SubscriptionNow
UPDATE payments.subscriptions AS s
SET status = 'ACTIVE', updated_at = now()
WHERE s.user_id = :user_id AND s.status = 'PAUSED' AND s.current_period_end > now()
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;

-- name: expire_subscriptions :many
-- End the plans whose period was over before a time, the oldest first, at most so many: CANCELED where the user
-- wanted it so, EXPIRED otherwise. A time to come counts as now.
--
-- Give a time some hours ago, so that a renewal that is late finds the plan in force. Several sweepers can run at
-- once: each skips what another is ending.
-- across-users
WITH over AS MATERIALIZED (
    SELECT old.user_id, old.id
    FROM payments.subscriptions AS old
    WHERE old.status IN ('ACTIVE', 'PAUSED') AND old.current_period_end < least(:ended_before, now())
    ORDER BY old.current_period_end
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
)

UPDATE payments.subscriptions AS s
SET
    status = (CASE WHEN s.cancel_at_period_end THEN 'CANCELED' ELSE 'EXPIRED' END)::payments.subscription_status,
    cancel_at_period_end = FALSE,
    -- The check asks for it; a row that another session wrote may be without.
    canceled_at = CASE WHEN s.cancel_at_period_end THEN coalesce(s.canceled_at, now()) ELSE s.canceled_at END,
    updated_at = now()
FROM over
WHERE s.user_id = over.user_id AND s.id = over.id
RETURNING s.user_id, s.id, s.plan, s.status, s.current_period_end;

-- name: set_stripe_customer :opt
-- Note Stripe's id of a user, once; None where another is noted already.
--
-- The id of another user is refused by the unique index subscriptions_stripe_customer_id_global_key.
WITH customer AS MATERIALIZED (
    SELECT btrim(:stripe_customer_id) AS id
)

UPDATE payments.subscriptions AS s
SET stripe_customer_id = customer.id, updated_at = now()
FROM customer
WHERE
    s.user_id = :user_id
    AND customer.id <> ''
    AND (s.stripe_customer_id IS NULL OR s.stripe_customer_id = customer.id)
RETURNING s.user_id, s.id, s.stripe_customer_id AS "stripe_customer_id!";

-- name: find_subscription_by_customer :opt
-- The subscription of Stripe's customer: how a webhook learns whom it is about.
-- across-users
SELECT s.user_id, s.id, s.plan, s.status, s.stripe_subscription_id, s.stripe_event_at
FROM payments.subscriptions AS s
WHERE s.stripe_customer_id = :stripe_customer_id;

-- name: apply_stripe_subscription :opt
-- Store a webhook's state of a subscription at Stripe, and return ours; occurred_at is when Stripe made the event.
--
-- None, and nothing changes, where the customer is unknown or the event is no news: older than the last one or a
-- replay of it (of two in one second only an end counts); of a subscription that was canceled here and would come
-- back; of another subscription than ours, unless it is in force for a time to come and takes over; or with the plan
-- FREE or a period that is none. What expire_subscriptions has ended as EXPIRED comes back by a renewal that is late:
-- with a later period, which is not over.
-- across-users
-- row: SubscriptionNow
WITH event AS MATERIALIZED (
    SELECT
        btrim(:stripe_subscription_id) AS stripe_subscription_id,
        :current_period_start::timestamptz AS current_period_start,
        :current_period_end::timestamptz AS current_period_end,
        least(:occurred_at, now()) AS occurred_at
)

UPDATE payments.subscriptions AS s
SET
    plan = :plan,
    status = :status,
    stripe_subscription_id = event.stripe_subscription_id,
    current_period_start = event.current_period_start,
    current_period_end = event.current_period_end,
    cancel_at_period_end = :cancel_at_period_end,
    canceled_at = CASE
        WHEN :cancel_at_period_end OR :status = 'CANCELED'::payments.subscription_status
            THEN coalesce(
                CASE WHEN s.stripe_subscription_id = event.stripe_subscription_id THEN s.canceled_at END,
                event.occurred_at
            )
    END,
    stripe_event_at = event.occurred_at,
    updated_at = now()
FROM event
WHERE
    s.stripe_customer_id = :stripe_customer_id
    AND :plan <> 'FREE'::payments.subscription_plan
    AND event.stripe_subscription_id <> ''
    AND event.current_period_start < event.current_period_end
    AND (
        s.stripe_event_at IS NULL
        OR s.stripe_event_at < event.occurred_at
        OR (
            s.stripe_event_at = event.occurred_at
            AND s.status IN ('ACTIVE', 'PAUSED')
            AND :status IN ('CANCELED'::payments.subscription_status, 'EXPIRED'::payments.subscription_status)
        )
    )
    AND CASE
        WHEN s.stripe_subscription_id = event.stripe_subscription_id
            THEN
                s.status IN ('ACTIVE', 'PAUSED')
                OR :status IN ('CANCELED'::payments.subscription_status, 'EXPIRED'::payments.subscription_status)
                OR (
                    s.status = 'EXPIRED'
                    AND event.current_period_end > now()
                    AND event.current_period_end > s.current_period_end
                )
        ELSE :status = 'ACTIVE'::payments.subscription_status AND event.current_period_end > now()
    END
RETURNING
    s.user_id, s.id, s.plan, s.status, s.current_period_start, s.current_period_end, s.cancel_at_period_end,
    s.canceled_at;
