"""A small service over the CodeZest database: FastAPI, AsyncDatabase and the generated queries, and no SQL of its own."""
