"""What `validation` and `command_line` stand on: reading conf/, signatures and types, and putting it into words."""
