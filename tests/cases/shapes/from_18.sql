-- The rows before and after are objects.
UPDATE post SET body = 'x' WHERE id = 10 RETURNING to_jsonb(old), to_jsonb(new)
--> {id: bigint!, usr_id: integer!, title: text!, body: text?, score: numeric?, at: timestamp with time zone!}!
--> {id: bigint!, usr_id: integer!, title: text!, body: text?, score: numeric?, at: timestamp with time zone!}!

-- Before an insert there is none.
INSERT INTO stored VALUES (9, '{}') RETURNING to_jsonb(old), jsonb_build_object('old', old.id, 'new', new.id)
--> {id: integer?, doc: jsonb?}?
--> {old: integer?, new: integer!}!
