"""What an application of the package looks like. Not in the wheel."""
