"""What penalties holds, published again for readers who missed events."""
