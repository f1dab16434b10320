"""Where raw records come from: the registry, the doors, and the demo world."""
