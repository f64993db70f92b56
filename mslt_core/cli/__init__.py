"""The command line: `commands` are what a person types, `follow` waits and `doctor` looks."""
