"""What registers holds, published again for readers who missed events."""
