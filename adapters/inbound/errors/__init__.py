"""How refusals are told: statuses, codes, close codes and problem documents."""
