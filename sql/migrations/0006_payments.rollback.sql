-- squawk-ignore-file ban-drop-table, ban-drop-type -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE payments.invoices;
DROP TABLE payments.transactions;
DROP TABLE payments.payment_methods;
DROP TABLE payments.subscriptions;

DROP TYPE payments.payment_method_type;
DROP TYPE payments.invoice_status;
DROP TYPE payments.transaction_status;
DROP TYPE payments.subscription_status;
DROP TYPE payments.subscription_plan;
