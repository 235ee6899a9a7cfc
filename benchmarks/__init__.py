"""Measurements that anybody can repeat; see `docs/performance.md` and `make bench-spins`."""
