"""Featured picks: what is on the marquee, what was, what comes, and when."""
