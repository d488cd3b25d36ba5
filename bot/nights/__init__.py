"""Film nights: plan one, choose the film together, watch, and see what everybody thought."""
