"""The command line: arguments to an action, its report to the terminal, its outcome to an exit code."""
