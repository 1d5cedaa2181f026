"""The register: marks with every version, receipts, quarantine, and what contradicts itself in them."""
