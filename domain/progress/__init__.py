"""Progress of a player over time: statistics, achievements, streaks, the marathon, rewards."""
