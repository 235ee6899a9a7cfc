"""One file a game: what it costs, what it can give, and how often.

Money is whole gold. Pay-out percentages stand in the docstrings and are checked by
`tests/unit/domain/test_payouts.py`.
"""
