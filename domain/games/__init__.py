"""One module per game: its price, its prizes and their probabilities.

Amounts are in whole gold. The return percentages in the docstrings are verified by
`tests/unit/domain/test_payouts.py`.
"""
