"""Charts that serve every chapter."""
