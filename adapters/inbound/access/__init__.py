"""Who may call: where tokens stand, and what each route demands."""
