"""A small service over the CodeZest database: FastAPI, AsyncDatabase, generated queries, and no SQL of its own."""
