"""What every service has in common; of attendance itself only `shared.attendance` and `shared.contracts` know anything."""
