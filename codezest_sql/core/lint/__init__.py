"""What is wrong with the SQL of a project, told before a server sees it: rules as data, and what they found."""
