-- Undoes 0001_create_notes.

DROP TABLE notes;
