"""What a command's exit status tells the shell."""

DONE, DONE_IN_PART, UNUSABLE = 0, 1, 2
