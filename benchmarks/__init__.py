"""What measures Marquee's speed and quality. Nothing in here asserts a time."""
