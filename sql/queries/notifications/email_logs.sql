-- E-mails and what became of them: QUEUED becomes SENT or FAILED, SENT becomes DELIVERED or BOUNCED. The provider's
-- webhooks may come twice and in any order; a move that is none gives None, and changes nothing. One can come before
-- record_sent, which notes the provider's id of the e-mail: None for an unknown id, so let the provider retry.

-- name: queue_email :opt
-- Record an e-mail to send. The caller chooses the id: a repeated call returns the existing row.
--
-- None where there is no such live user, or the id is that of another e-mail.
INSERT INTO notifications.email_logs AS e (user_id, id, to_address, template, subject)
SELECT u.id AS user_id, :id, lower(:to_address), :template, :subject
FROM auth.users AS u
WHERE u.id = :user_id AND u.deleted_at IS NULL
ON CONFLICT (user_id, id) DO UPDATE
    SET updated_at = now()
    WHERE
    e.to_address = excluded.to_address
    AND e.template = excluded.template
    AND e.subject = excluded.subject
RETURNING e.user_id, e.id, e.state, e.created_at;

-- name: record_sent :opt
-- The provider has accepted an e-mail, under its own id. Also one that failed before: it was tried again.
-- row: EmailState
UPDATE notifications.email_logs AS e
SET state = 'SENT', provider_message_id = :provider_message_id, error = NULL, sent_at = now(), updated_at = now()
WHERE e.user_id = :user_id AND e.id = :id AND e.state IN ('QUEUED', 'FAILED')
RETURNING e.user_id, e.id, e.state, e.sent_at, e.delivered_at, e.error;

-- name: record_failed :opt
-- The provider has not accepted an e-mail.
-- row: EmailState
UPDATE notifications.email_logs AS e
SET state = 'FAILED', error = :error, updated_at = now()
WHERE e.user_id = :user_id AND e.id = :id AND e.state IN ('QUEUED', 'FAILED')
RETURNING e.user_id, e.id, e.state, e.sent_at, e.delivered_at, e.error;

-- name: record_delivered :opt
-- A webhook states that an e-mail has arrived. It knows the provider's id alone.
-- across-users
-- row: EmailState
UPDATE notifications.email_logs AS e
SET state = 'DELIVERED', delivered_at = :at, updated_at = now()
WHERE e.provider_message_id = :provider_message_id AND e.state = 'SENT'
RETURNING e.user_id, e.id, e.state, e.sent_at, e.delivered_at, e.error;

-- name: record_bounced :opt
-- A webhook states that an e-mail came back: also one that seemed delivered.
-- across-users
-- row: EmailState
UPDATE notifications.email_logs AS e
SET state = 'BOUNCED', error = :error, updated_at = now()
WHERE e.provider_message_id = :provider_message_id AND e.state IN ('SENT', 'DELIVERED')
RETURNING e.user_id, e.id, e.state, e.sent_at, e.delivered_at, e.error;

-- name: list_emails :many
-- The e-mails to a user, newest first.
SELECT
    e.id, e.to_address, e.template, e.subject, e.state, e.error, e.created_at, e.sent_at, e.delivered_at
FROM notifications.email_logs AS e
WHERE e.user_id = :user_id
ORDER BY e.created_at DESC, e.id DESC
LIMIT :limit;

-- name: has_bounced :one
-- Whether the last e-mail to this address of a user bounced: then do not send another.
SELECT coalesce(
    (
        SELECT e.state = 'BOUNCED' AS is_bounced
        FROM notifications.email_logs AS e
        WHERE e.user_id = :user_id AND e.to_address = lower(:to_address) AND e.state IN ('DELIVERED', 'BOUNCED')
        ORDER BY e.sent_at DESC, e.id DESC
        LIMIT 1
    ),
    FALSE
) AS has_bounced;
