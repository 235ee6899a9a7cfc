"""The rules, one file a module; `test_payouts` checks what the games promise to give back."""
