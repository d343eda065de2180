"""What risk areas, measures and county tiers are decided by: pure functions over facts and the pack in force."""
