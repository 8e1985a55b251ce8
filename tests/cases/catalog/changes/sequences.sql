ALTER SEQUENCE app.ticket_numbers INCREMENT 4 NO CYCLE;
--> sequence app.ticket_numbers: increment changed from 3 to 4; cycle changed from yes to no

ALTER SEQUENCE app.users_old_serial_seq OWNED BY NONE;
--> sequence app.users_old_serial_seq: owned by removed (was app.users.old_serial)

CREATE SEQUENCE app.more;
--> sequence app.more added (type bigint, start 1, increment 1, minimum 1, maximum 9223372036854775807, cache 1, cycle no, owner {me})
