"""What penalties holds: published again, and compared with what others hold."""
