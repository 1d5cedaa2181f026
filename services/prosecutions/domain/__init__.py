"""Court files: their evidence, chronology, gates, holds, states and time limits."""
