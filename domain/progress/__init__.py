"""What a player earns over time: statistics, achievements, streaks, the marathon, rewards."""
