"""What theory and measurement say of networks and losses, in numbers that pictures can show."""
