"""What a laboratory's figures mean: pure, without a database or a clock."""
