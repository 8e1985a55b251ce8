-- JSON_OBJECT has its fields.
SELECT json_object('id': id, 'bio': bio RETURNING jsonb) FROM usr
--> {id: integer!, bio: text?}!

-- It may leave out what is NULL.
SELECT json_object('id': id, 'bio': bio ABSENT ON NULL), json_object('id': id ABSENT ON NULL) FROM usr
--> -
--> {id: integer!}!

-- JSON_ARRAY leaves NULLs out, unless it is told not to.
SELECT json_array(bio, name), json_array(bio, name NULL ON NULL), json_array(SELECT bio FROM usr) FROM usr
--> [text!]!
--> [text?]!
--> [text!]?

-- So does JSON_ARRAYAGG.
SELECT json_arrayagg(bio), json_arrayagg(bio NULL ON NULL RETURNING jsonb), json_arrayagg(jsonb_build_object('id', id)) FROM usr
--> [text!]?
--> [text?]?
--> [{id: integer!}!]?
