"""The page at `/`: plain files, nothing from outside."""
