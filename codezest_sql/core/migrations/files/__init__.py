"""The files of a migrations folder: names, layouts, sections, content."""
