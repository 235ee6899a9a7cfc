"""Benchmarks of the product. Each module describes its measurement and its command line."""
