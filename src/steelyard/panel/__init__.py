"""From a cross-section to lives: earnings histories, events, and one year's step."""
