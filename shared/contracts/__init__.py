"""The events that services publish: one module per producer, additive only, guarded by snapshots in tests/shared/contracts."""
