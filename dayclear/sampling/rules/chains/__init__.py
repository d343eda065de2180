"""The chain of a positive tube: its clock (`legs`), its people (`members`), who takes it (`squads`)."""
