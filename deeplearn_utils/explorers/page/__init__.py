"""A panel shown without a kernel: arrays over all stops, and their place on the page."""
