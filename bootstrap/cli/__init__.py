"""The commands of `synchub`, one file for each subject, and what they share."""
