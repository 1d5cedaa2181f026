"""The school's form of referral: pre-filled, declared by name, sent again with what changed. A decision and an agreement are valid without it."""
