"""Where to stream: services, subscriptions, alerts."""
