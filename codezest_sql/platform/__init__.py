"""The CodeZest platform: its models, queries and commands. A user of the toolkit like any other."""
