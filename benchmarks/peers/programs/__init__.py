"""Programs that run in the processes of the compared servers."""
