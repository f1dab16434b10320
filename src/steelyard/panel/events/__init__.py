"""What happens to persons in a year: births, deaths, unions, moves, disability, work and claims."""
