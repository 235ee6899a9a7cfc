"""What operators see of one user, and do to one."""
